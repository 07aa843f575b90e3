"""What a rule should find, and of whom else what it says is true: written down before anything was counted."""

from collections.abc import Mapping

from msgspec import Struct

from stream_app.core.alerts import Intent
from stream_app.testing.simulator import Persona


class Fit(Struct, frozen=True, kw_only=True):
    """`aims`: whom the rule is there for. `also`: of whom it is true, though nobody would miss it.

    `states_a_fact`: it repeats what an event or a date says, so that it is true of everybody.
    """

    aims: frozenset[Persona] = frozenset()
    also: frozenset[Persona] = frozenset()
    states_a_fact: bool = False

    def holds_of(self, persona: Persona) -> bool:
        """Say whether what the rule says is true of such a customer."""
        return self.states_a_fact or persona in self.aims or persona in self.also


def _aims(*personas: Persona, also: tuple[Persona, ...] = ()) -> Fit:
    return Fit(aims=frozenset(personas), also=frozenset(also))


_FACT = Fit(states_a_fact=True)
_NEEDS_HELP = _aims(
    Persona.STRUGGLER, also=(Persona.NEWCOMER, Persona.DOUBTER, Persona.LEAVER, Persona.COMPLAINER)
)  # the others look at help more than they did, too

FITS: Mapping[str, Fit] = {
    "churn.cancellation-page": _aims(Persona.LEAVER),
    "churn.leaving-prepared": _aims(Persona.LEAVER),
    "churn.detractor": _FACT,
    "churn.silent": _aims(Persona.SILENT, also=(Persona.LEAVER,)),
    "churn.low-stickiness": _aims(Persona.SILENT, also=(Persona.LEAVER, Persona.DOUBTER)),
    "churn.no-habit": _aims(also=(Persona.SILENT,)),
    "upgrade.interest": _aims(Persona.UPGRADER),
    "upgrade.pricing-after-purchase": _aims(Persona.UPGRADER),
    "budget.review": _aims(Persona.BUDGETER),
    "budget.value-doubt": _aims(Persona.DOUBTER, also=(Persona.LEAVER,)),
    "budget.pricing-review": _aims(Persona.BUDGETER, Persona.DOUBTER, also=(Persona.LEAVER,)),
    "budget.renewal-window": _FACT,
    "support.complaint": Fit(aims=frozenset({Persona.COMPLAINER}), states_a_fact=True),
    "support.complaint-reopened": _aims(also=(Persona.COMPLAINER,)),  # others reopen questions, which are no complaints
    "support.complaint-unanswered": _FACT,
    "support.missed-follow-up": _FACT,
    "support.faq-did-not-help": _NEEDS_HELP,
    "support.trying": _NEEDS_HELP,
    "support.lost": _NEEDS_HELP,
    "support.repeated-help": _NEEDS_HELP,
    "loyalty.recovered": _FACT,
    "loyalty.became-loyal": _aims(Persona.LOYAL),
    "loyalty.hidden-loyal": _aims(Persona.HIDDEN, also=(Persona.LOYAL,)),
    "loyalty.referral-candidate": _aims(Persona.LOYAL, Persona.HIDDEN),
}
"""By rule id."""

EXPECTED: Mapping[Persona, frozenset[Intent]] = {
    Persona.LEAVER: frozenset({Intent.CHURN}),
    Persona.UPGRADER: frozenset({Intent.UPGRADE}),
    Persona.DOUBTER: frozenset({Intent.BUDGET, Intent.CHURN}),
    Persona.STRUGGLER: frozenset({Intent.SUPPORT}),
    Persona.SILENT: frozenset({Intent.CHURN}),
    Persona.BUDGETER: frozenset({Intent.BUDGET}),
    Persona.COMPLAINER: frozenset({Intent.SUPPORT}),
    Persona.LOYAL: frozenset({Intent.LOYALTY}),
    Persona.HIDDEN: frozenset({Intent.LOYALTY}),
}
"""Of which intents at least one alert should come of such a customer; of the other personas nothing has to."""

FINDS_NOBODY = frozenset({"budget.renewal-window", "support.missed-follow-up", "loyalty.recovered"})
"""Facts that tell nothing of what a customer is up to: an alert of theirs finds nobody."""
