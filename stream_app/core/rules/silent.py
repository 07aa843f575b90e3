"""Customers who do not come any more."""

from datetime import date
from decimal import Decimal

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity, alert_id
from stream_app.core.cadence import SHORTEST, lost_days, silent_with, usual_gap, workdays_of
from stream_app.core.days import Days
from stream_app.core.events import DAY, EPOCH, NEVER, Due, Micros, Stage
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.standing import standing_of
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import RECORDED, Tuning

_ID = "churn.silent"
_EXPECTED = frozenset({Stage.ACTIVE, Stage.ONBOARDING})


def _due(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    newest = state.active.newest
    if newest < 0 or not _expected(state):
        return None
    # The habit is looked at when somebody stays away, not each time they come.
    if (earliest := days.begins(newest + SHORTEST + 2)) > after:
        return earliest
    at = days.begins(_silent_with(state, tuning, days) + 1)
    return at if at > after else None


def _back(asked: Asked, matter: Matter) -> ResolvedReason | None:
    same = alert_id(_ID, asked.event.customer_id, _last_day(asked.state))
    return None if same == matter.alert_id else ResolvedReason.RETURNED


@rule(
    _ID,
    intent=Intent.CHURN,
    severity=Severity.MEDIUM,
    polarity=Polarity.RISK,
    cooldown=DAY,
    on={Kind.DUE},
    digest=True,
    thread="silence",
    one_of=RECORDED,
    due=_due,
    ends=_back,
    ended_by_visits=True,
    playbook="silence",
    examples=(
        speaks(Step(buys="team"), Step(after=50 * DAY)),
        speaks(*(Step(after=days * DAY, buys="team") for days in range(0, 36, 7)), Step(after=44 * DAY)),
        silent(*(Step(after=days * DAY, buys="team") for days in range(0, 36, 7)), Step(after=43 * DAY)),
        silent(Step(views="/about"), Step(after=50 * DAY)),
    ),
)
def silence(asked: Asked) -> Match | None:
    """A customer who stays away for longer than ever is leaving without a word: only asking can still find out why."""
    state, days = asked.state, asked.days
    newest, over = state.active.newest, days.number(asked.at) - 1
    if newest < 0 or over - newest <= SHORTEST or not _expected(state):
        return None
    first = _silent_with(state, asked.tuning, days)
    lost = lost_days(_lost(asked), newest, over, days)
    if over < first or (over > first and not lost) or state.spoken.get(_ID, NEVER) >= days.begins(first + 1):
        return None
    excused = _silent_with(state, asked.tuning, days, lost)
    return Match(
        reason=_reason(asked, newest, over, lost),
        views=state.views[-1:],
        purchases=state.purchases[-1:],
        anchor=(_last_day(state), days.begins(newest + 1)),
        severity=Severity.HIGH if _is_valuable(asked) else None,
        again=days.begins(excused + 1) if excused > over else None,
    )


def _expected(state: CustomerState) -> bool:
    return bool(state.spent.by_currency) or (state.profile is not None and state.profile.stage in _EXPECTED)


def _silent_with(state: CustomerState, tuning: Tuning, days: Days, lost: frozenset[int] = frozenset()) -> int:
    workdays = workdays_of(state, tuning, days)
    usual = usual_gap(state.active, workdays, state.profile.tier if state.profile is not None else None)
    return silent_with(state.active.newest, usual, workdays, lost)


def _lost(asked: Asked) -> tuple[tuple[Micros, Micros], ...]:
    return asked.event.lost if isinstance(asked.event, Due) else ()


def _last_day(state: CustomerState) -> str:
    """Return the last active day: of the last event itself no more is kept, and only one silence can follow it."""
    return date.fromordinal(EPOCH.toordinal() + state.active.newest).isoformat()


def _is_valuable(asked: Asked) -> bool:
    standing = standing_of(asked.state, asked.at, asked.tuning, asked.days)
    high = asked.tuning.loyalty.high.get(standing.currency)
    return high is not None and bool(standing.lifetime_value) and Decimal(standing.lifetime_value) >= high


def _reason(asked: Asked, newest: int, over: int, lost: frozenset[int]) -> str:
    workdays = workdays_of(asked.state, asked.tuning, asked.days)
    tier = asked.state.profile.tier if asked.state.profile is not None else None
    gone = workdays.between(newest, over) - sum(map(workdays.counts, lost))
    usual = usual_gap(asked.state.active, workdays, tier)
    kind = "days" if asked.tuning.waits.calendar_days else "business days"
    return (
        f"The customer was last active on {_last_day(asked.state)}, {gone} {kind} ago; "
        f"a gap of up to {usual} would not have been unusual."
    )
