"""How a customer stands: what an alert says of it, and moves between the cells of lifetime value × NPS."""

from decimal import Decimal

from msgspec.structs import replace

from stream_app.core.alerts import Cell, SegmentChange, Standing
from stream_app.core.days import Days
from stream_app.core.events import MINUTE, NEVER, Due, Event, Micros, Tier
from stream_app.core.habit import SPAN, campaign_only, proposed_tier
from stream_app.core.lifecycle import onboarding
from stream_app.core.lifetime import Worth, falls_to, worth
from stream_app.core.relation import PASSIVE
from stream_app.core.signals import answer_at, is_answer
from stream_app.core.state import CustomerState
from stream_app.core.tuning import Tuning

PROMOTER = 9

HIGH = (Cell.LEAVING, Cell.ALMOST_LOYAL, Cell.LOYAL)
LOW = (Cell.UNCOOPERATIVE, Cell.ORDINARY, Cell.FAN)
"""By answer: detractor, passive, promoter."""

_UP, _DOWN = Decimal("1.1"), Decimal("0.9")
"""How far beyond the limit a value must be to change sides."""


def standing_of(state: CustomerState, at: Micros, tuning: Tuning, days: Days) -> Standing:
    """Return how a customer stands at a time."""
    value, answer = worth(state, at, tuning), answer_at(state, at, tuning)
    contacted_at = state.relation.contacted_at
    return Standing(
        lifetime_value=_whole(value),
        currency=value.currency if value is not None else "",
        nps=answer.score if answer is not None else None,
        cell=state.cell,
        moved_from=_moved_from(state, at, tuning),
        contacted_at=contacted_at if at - contacted_at < tuning.loyalty.contact_counts else None,
        proposed_tier=_other_tier(state, at, tuning, days),
        campaign_only=campaign_only(state),
        onboarding=onboarding(state, at, tuning),
    )


def cell_at(state: CustomerState, at: Micros, tuning: Tuning, held: Cell | None) -> Cell | None:
    """Return the cell of lifetime value × NPS at a time for somebody in the cell `held`; None: one is not known."""
    answer = answer_at(state, at, tuning)
    value = worth(state, at, tuning) if answer is not None else None
    if answer is None or answer.score is None or value is None or value.high_from is None:
        return None
    cells = HIGH if _is_high(value.amount, value.high_from, held) else LOW
    return cells[(answer.score >= PASSIVE) + (answer.score >= PROMOTER)]


def moved(
    event: Event | Due, state: CustomerState, tuning: Tuning, lateness: Micros
) -> tuple[CustomerState, SegmentChange | None]:
    """Return the state in the cell that now holds, and the move that led there.

    Moves are found in order of time. A move younger than the lateness, or than the event, is judged anew from the cell
    before it, so that the order in which events come does not count.
    The last move is returned as long as it may still change.
    """
    if state.cell is None and (state.relation.nps is None or state.spent.first_at == NEVER):
        return state, None
    known, since = (state.cell, state.cell_since), state.cell_since
    settled = event.occurred_at if isinstance(event, Due) else state.newest - lateness
    before, held, start = state.cell_before, known, event.occurred_at
    if since > min(settled, start):
        held, start = before, min(since, start)
    for at in _moments(start, state, tuning):
        cell = cell_at(state, at, tuning, held[0])
        if cell is not held[0] and at >= held[1] + tuning.loyalty.dwell:
            before, held = held, (cell, at)
    after = state if held == known else replace(state, cell=held[0], cell_since=held[1], cell_before=before)
    return after, _change(event, after, state.cell, tuning) if held != known or held[1] > settled else None


def next_move(state: CustomerState, after: Micros, tuning: Tuning) -> Micros | None:
    """Return the first whole minute later than `after` at which time alone may move the customer."""
    if state.cell_since == NEVER:
        return None
    times = [state.cell_since + tuning.loyalty.dwell]
    if state.cell is not None and state.relation.nps is not None:
        times.append(state.relation.nps.occurred_at + tuning.loyalty.nps_stale)
    if state.cell in HIGH and (at := _too_little(state, tuning)) is not None:
        times.append(at)
    return min((up for at in times if (up := -(-at // MINUTE) * MINUTE) > after), default=None)


def _moments(start: Micros, state: CustomerState, tuning: Tuning) -> list[Micros]:
    """Return when the cell may have changed, from an event on or from what time did before it, by time."""
    found = {
        start,
        *(p.occurred_at for p in state.purchases),
        *(m.occurred_at for m in state.interactions if is_answer(m)),
    }
    timed = next_move(state, state.asked_to, tuning)
    earlier = {timed} if timed is not None and timed < start else set()
    return sorted(earlier | {at for at in found if at >= start})


def _is_high(amount: Decimal, limit: Decimal, held: Cell | None) -> bool:
    if held is None:
        return amount >= limit
    return amount > limit * _DOWN if held in HIGH else amount >= limit * _UP


def _too_little(state: CustomerState, tuning: Tuning) -> Micros | None:
    """Return when a high lifetime value is no longer one if nothing is bought any more."""
    value = worth(state, state.newest, tuning)
    if value is None or value.high_from is None:
        return None
    return falls_to(value.high_from * _DOWN, value.currency, state, tuning)


def _change(event: Event | Due, state: CustomerState, before: Cell | None, tuning: Tuning) -> SegmentChange:
    value, answer = worth(state, state.cell_since, tuning), answer_at(state, state.cell_since, tuning)
    account_id = getattr(event, "account_id", "") or (state.profile.account_id if state.profile is not None else "")
    return SegmentChange(
        customer_id=event.customer_id,
        account_id=account_id,
        event_id=getattr(event, "event_id", ""),
        occurred_at=state.cell_since,
        before=before,
        after=state.cell,
        lifetime_value=_whole(value),
        currency=value.currency if value is not None else "",
        nps=answer.score if answer is not None else None,
    )


def _whole(value: Worth | None) -> str:
    return str(round(value.amount)) if value is not None else ""


def _moved_from(state: CustomerState, at: Micros, tuning: Tuning) -> Cell | None:
    before = state.cell_before[0]
    return before if at - state.cell_since < tuning.loyalty.dwell and before is not state.cell else None


def _other_tier(state: CustomerState, at: Micros, tuning: Tuning, days: Days) -> Tier | None:
    proposed = proposed_tier(state, at, tuning, days)
    if proposed is not Tier.HIGH and not state.active.count(0, days.number(at) - SPAN):
        return None  # of who is newer nobody knows how seldom they come
    return proposed if state.profile is None or proposed is not state.profile.tier else None
