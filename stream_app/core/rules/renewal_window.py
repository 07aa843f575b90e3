"""Contracts that come up for renewal."""

from datetime import date

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.bought import is_renewal
from stream_app.core.days import Days
from stream_app.core.events import DAY, EPOCH, NEVER, Micros, PurchaseKind, Stage
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Feed, Tuning

_ID = "budget.renewal-window"


def _due(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    renews_on = _renews_on(state)
    if renews_on is None:
        return None
    at = _speaks_at(state, renews_on, tuning, days)
    return at if after < at < days.begins(renews_on + 1) else None


def _renewed(asked: Asked, matter: Matter) -> ResolvedReason | None:
    renews_on = _renews_on(asked.state)
    later = renews_on is not None and asked.at < asked.days.begins(_opens_on(renews_on, asked.tuning))
    purchases = asked.state.purchases
    bought = any(
        not p.void and p.occurred_at > matter.occurred_at and is_renewal(p, purchases) for p in reversed(purchases)
    )
    return ResolvedReason.RENEWAL if later or bought else None


@rule(
    _ID,
    intent=Intent.BUDGET,
    severity=Severity.LOW,
    polarity=Polarity.OPEN,
    cooldown=DAY,
    on={Kind.DUE},
    digest=True,
    thread="renewal",
    open_for=60 * DAY,
    feeds={Feed.CUSTOMERS},
    due=_due,
    ends=_renewed,
    remembers=True,
    playbook="renewal",
    examples=(
        speaks(Step(becomes=Stage.ACTIVE, renewal_date="2026-08-31"), Step(after=31 * DAY)),
        speaks(Step(becomes=Stage.ACTIVE, renewal_date="2026-07-01"), Step(after=DAY)),
        silent(Step(becomes=Stage.ACTIVE, renewal_date="2026-08-31"), Step(after=30 * DAY)),
        silent(Step(becomes=Stage.ACTIVE, renewal_date="2026-05-31"), Step(after=DAY)),
        silent(
            Step(buys="team"),
            Step(becomes=Stage.ACTIVE, renewal_date="2026-08-31"),
            Step(after=20 * DAY, kind=PurchaseKind.RENEWED, buys="team"),
            Step(after=20 * DAY, becomes=Stage.ACTIVE, renewal_date="2027-08-31"),
            Step(after=30 * DAY),
        ),
    ),
)
def renewal_window(asked: Asked) -> Match | None:
    """Before a renewal the budget is decided: those who bring the proof of value in time need not defend the price."""
    renews_on, days = _renews_on(asked.state), asked.days
    if renews_on is None:
        return None
    opens = days.begins(_opens_on(renews_on, asked.tuning))
    told = asked.state.spoken.get(_ID, NEVER) >= opens
    if told or not _speaks_at(asked.state, renews_on, asked.tuning, days) <= asked.at < days.begins(renews_on + 1):
        return None
    on = _date(renews_on).isoformat()
    return Match(reason=f"The contract comes up for renewal on {on}.", anchor=(on, asked.at))


def _renews_on(state: CustomerState) -> int | None:
    """Return the number of the day; None where no day is named."""
    try:
        on = date.fromisoformat(state.profile.renewal_date) if state.profile is not None else None
    except ValueError:
        return None
    return None if on is None else on.toordinal() - EPOCH.toordinal()


def _date(day: int) -> date:
    return date.fromordinal(day + EPOCH.toordinal())


def _opens_on(renews_on: int, tuning: Tuning) -> int:
    return renews_on - tuning.waits.renewal // DAY


def _speaks_at(state: CustomerState, renews_on: int, tuning: Tuning, days: Days) -> Micros:
    """Return when the window is open and the day is over on which the date became known."""
    known_at = state.profile.occurred_at if state.profile is not None else NEVER
    return days.begins(max(_opens_on(renews_on, tuning), days.number(known_at) + 1))
