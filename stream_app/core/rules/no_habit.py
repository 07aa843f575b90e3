"""A new customer does not come every week."""

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.bought import Bought
from stream_app.core.days import Days
from stream_app.core.events import DAY, MINUTE, NEVER, Due, Micros, PurchaseKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.habit import WEEKS, recorded, weeks_active
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Feed, Tuning

ID = "churn.no-habit"
HABIT = 3  # weeks of the last four
STILL_NEWS = 7 * DAY
_BUYS = Step(buys="team")


def _first(state: CustomerState) -> Bought | None:
    """Return the purchase with which a new customer began; who renews what we do not know is none."""
    first = next((p for p in state.purchases if not p.void), None)
    if first is None or first.occurred_at != state.spent.first_at or first.kind is PurchaseKind.RENEWED:
        return None
    return first


def _judged_at(first: Bought, tuning: Tuning) -> Micros:
    return -(-(first.occurred_at + tuning.waits.habit) // MINUTE) * MINUTE


def _review(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return when a habit should have been found."""
    if state.newest > state.spent.first_at + tuning.waits.habit + STILL_NEWS or (first := _first(state)) is None:
        return None
    at = _judged_at(first, tuning)
    return at if at > after else None


def _ends(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """They have a habit now."""
    day = asked.days.number(asked.at) + 1  # today is enough for good news
    return ResolvedReason.RETURNED if weeks_active(asked.state.active, day) >= HABIT else None


@rule(
    ID,
    intent=Intent.CHURN,
    severity=Severity.MEDIUM,
    polarity=Polarity.RISK,
    cooldown=STILL_NEWS,
    on={Kind.DUE},
    digest=True,
    thread="habit",
    feeds={Feed.PAGE_VIEWS, Feed.PURCHASES},
    due=_review,
    ends=_ends,
    ended_by_visits=True,
    playbook="silence",
    examples=(
        speaks(_BUYS, Step(after=8 * DAY, views="/features"), Step(after=30 * DAY)),
        silent(_BUYS, *(Step(after=day * DAY, views="/features") for day in (5, 12, 26)), Step(after=30 * DAY)),
        silent(Step(buys="team", kind=PurchaseKind.RENEWED), Step(after=30 * DAY)),
    ),
)
def no_habit(asked: Asked) -> Match | None:
    """Somebody who does not come every week a month after they bought has not made it part of their work yet."""
    first = _first(asked.state)
    if first is None or not isinstance(asked.event, Due):
        return None
    at = _judged_at(first, asked.tuning)
    if not at <= asked.at < at + STILL_NEWS or asked.state.spoken.get(ID, NEVER) >= at:
        return None
    day = asked.days.number(at)
    weeks = weeks_active(recorded(asked.state.active, asked.event.lost, day, asked.days), day)
    if weeks >= HABIT:
        return None
    return Match(
        reason=f"The customer bought for the first time {asked.tuning.waits.habit // DAY} days ago "
        f"and was there in {weeks} of the last {WEEKS} weeks.",
        purchases=(first,),
        anchor=(first.event_id, first.occurred_at),
    )
