"""How the personas behave: how often they come, what they look at, and how that changes over the month."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from stream_app.testing.simulator.people import Person, Persona
from stream_app.testing.simulator.site import Group


class Phase(StrEnum):
    """How far a persona has come."""

    STEADY = "steady"
    DRIFT = "drift"
    AFTER = "after"


class Mood(NamedTuple):
    """How many sessions a weekday has and what they are about: cumulated weights of GROUPS."""

    sessions: float
    weights: tuple[float, ...]


GROUPS = tuple(Group)
USUAL = {
    **{"use": 70, "top": 8, "product": 5, "docs": 5, "help": 3, "pricing": 0.1, "blog": 4, "seminar": 2},
    **{"faq": 0.6, "contact": 0.2, "feature": 0.6, "invoice": 0.4, "contract": 0.1, "export": 0.05},
    **{"competitor": 0.03, "migration": 0.02},
}


def _mood(sessions: float, **weights: float) -> Mood:
    mixed = USUAL | weights
    return Mood(sessions, tuple(accumulate(mixed.get(group, 0.0) for group in GROUPS)))


NORMAL = _mood(1.5)
NOBODY = _mood(0)
MOODS: Mapping[tuple[Persona, Phase], Mood] = (
    {
        (Persona.LOYAL, Phase.STEADY): _mood(1.9, blog=8, seminar=4),
        (Persona.LOYAL, Phase.DRIFT): _mood(1.9, blog=8, seminar=4),
        (Persona.LOYAL, Phase.AFTER): _mood(1.9, blog=8, seminar=4),
        (Persona.LEAVER, Phase.DRIFT): _mood(0.8, use=30, help=14, pricing=6, contract=2, competitor=3, export=2),
        (Persona.LEAVER, Phase.AFTER): _mood(0.3, use=20, help=10, pricing=6, cancel=12, export=6, migration=4),
        (Persona.UPGRADER, Phase.DRIFT): _mood(2.0, limits=6, pricing=1.5, feature=4),
        (Persona.UPGRADER, Phase.AFTER): _mood(2.1, limits=2, pricing=0.5, feature=2),
        (Persona.DOUBTER, Phase.DRIFT): _mood(1.1, use=40, help=14, pricing=4, faq=3, contact=1),
        (Persona.DOUBTER, Phase.AFTER): _mood(0.7, use=25, help=18, pricing=6, faq=3, contact=2),
        (Persona.STRUGGLER, Phase.DRIFT): _mood(1.6, help=22, docs=14, faq=6, contact=1),
        (Persona.STRUGGLER, Phase.AFTER): _mood(1.3, use=50, help=24, docs=14, faq=6, contact=2),
        (Persona.SILENT, Phase.DRIFT): _mood(0.6),
        (Persona.SILENT, Phase.AFTER): NOBODY,
        (Persona.AWAY, Phase.AFTER): NOBODY,
        (Persona.BUDGETER, Phase.DRIFT): _mood(1.5, invoice=5, contract=2, pricing=1),
        (Persona.BUDGETER, Phase.AFTER): _mood(1.5, invoice=3, contract=1, pricing=0.5),
        (Persona.COMPLAINER, Phase.AFTER): _mood(1.3, help=8, contact=2),
    }
    | {
        (persona, phase): mood
        for persona, mood in (
            (Persona.NEWCOMER, _mood(1.6, help=14, docs=14, faq=5, feature=3)),
            (Persona.BARGAINER, _mood(1.0)),
            (Persona.HIDDEN, _mood(2.1, blog=8, feature=2)),
        )
        for phase in Phase
    }
    | {
        (Persona.LEAD, phase): _mood(
            0.4, use=0, top=20, product=30, docs=6, help=2, pricing=10, limits=4, blog=18, seminar=14
        )
        for phase in Phase
    }
)

SCRIPTS: Mapping[Persona, tuple[Group, ...]] = {
    Persona.LEAVER: (Group.USE, Group.HELP, Group.PRICING, Group.EXPORT, Group.CANCEL, Group.CANCEL),
    Persona.UPGRADER: (Group.USE, Group.LIMITS, Group.LIMITS, Group.LIMITS, Group.PRICING),
    Persona.DOUBTER: (Group.PRICING, Group.HELP, Group.HELP, Group.PRICING),
    Persona.BUDGETER: (Group.INVOICE, Group.PRICING, Group.CONTRACT, Group.INVOICE),
    Persona.LEAD: (Group.PRODUCT, Group.PRICING, Group.SEMINAR),
}


AT_ONCE = frozenset({Persona.AWAY, Persona.COMPLAINER})
TURNS = AT_ONCE | {
    *(Persona.LEAVER, Persona.UPGRADER, Persona.DOUBTER, Persona.STRUGGLER, Persona.SILENT, Persona.BUDGETER),
}
"""Those for whom something changes, the first two from one day to the next; the others are what they are."""


def phase_of(person: Person, day: int, days: int) -> Phase:
    """Steady until a quarter of the time before the turning day; whoever is away comes back after as long."""
    if person.persona is Persona.AWAY and day >= person.turning + _quarter(days):
        return Phase.STEADY
    if day >= person.turning:
        return Phase.AFTER
    return Phase.DRIFT if day >= drift_start(person, days) else Phase.STEADY


def drift_start(person: Person, days: int) -> int:
    """The index of the day on which the persona begins to show."""
    if person.persona in AT_ONCE:
        return person.turning
    return max(person.account.joined, person.turning - _quarter(days) if person.persona in TURNS else 0)


def _quarter(days: int) -> int:
    return min(14, max(1, days // 4))
