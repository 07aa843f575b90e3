"""What a complaint asks for: to be heard at once, answered in time, solved, and not to come back."""

from collections.abc import Iterable

from stream_app.core.alerts import ResolvedReason, alert_id
from stream_app.core.complaint import (
    SIGNS,
    answered_by,
    is_of_one,
    last_sign,
    of_complaints,
    open_signs,
    reopened,
    signs,
)
from stream_app.core.days import Days
from stream_app.core.events import DAY, Interaction, InteractionKind, Micros
from stream_app.core.relation import Met
from stream_app.core.rule import Asked
from stream_app.core.signals import asked_for
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Tuning

THREAD = "complaint"

_STANDS = 14 * DAY  # what stands again because it was replaced too early was open until then


def just_said(asked: Asked) -> Met | None:
    """Return the last complaint or reopening that is not solved, if it is by this event that it is the last one.

    A question or a complaint that comes late also tells what a reopening after it is of.
    """
    event, kept = asked.event, asked.state.interactions
    now = open_signs(kept)
    if not now or not isinstance(event, Interaction):
        return None
    before = open_signs([met for met in kept if met.event_id != event.event_id])
    is_news = now[-1:] != before[-1:] and event.occurred_at < now[-1].occurred_at + _STANDS
    return now[-1] if is_news else None


def told_of(state: CustomerState, of: Met) -> list[Met]:
    """Return what is kept of one complaint up to an event of it, by time."""
    kinds = SIGNS | {InteractionKind.ANSWERED, InteractionKind.SOLVED}
    return [
        met
        for met in of_complaints(state.interactions)
        if met.kind in kinds and met.occurred_at <= of.occurred_at and is_of_one(met, of)
    ]


def ended(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """Say that all that was complained of is solved, or that it was a question that was brought up again."""
    complaint = asked.state.relation.complaint
    is_open = complaint is not None and complaint.is_open
    if not is_open and not open_signs(asked.state.interactions):
        return ResolvedReason.SOLVED
    return ResolvedReason.SOLVED if _was_question(asked, matter) and just_said(asked) is None else None


def _was_question(asked: Asked, matter: Matter) -> bool:
    """Say whether a question that came late shows what the alert's reopening was of."""
    event, kept = asked.event, asked.state.interactions
    if not isinstance(event, Interaction) or event.kind is not InteractionKind.INQUIRY:
        return False
    known = signs(kept)
    questions = (met for met in kept if met.kind is InteractionKind.REOPENED and met not in known)
    return any(alert_id(matter.rule_id, event.customer_id, one.event_id) == matter.alert_id for one in questions)


def answer_due(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return the close of business at which the next open complaint must have been answered."""
    if state.relation.complaint is None:
        return None
    closes = (_close_after(sign, days) for sign in _complaints(state))
    return min((at for at in closes if at > after), default=None)


def unanswered(asked: Asked) -> Met | None:
    """Return the complaint whose time to be answered is just over, unless something newer is open already."""
    last = last_sign(asked.state.interactions)
    if last is None or last.occurred_at > asked.at:
        return None
    kept = asked.state.interactions
    over = (sign for sign in _complaints(asked.state) if asked_for(_close_after(sign, asked.days)) == asked.at)
    return next((one for one in over if not reopened(one, kept) and not answered_by(one, kept, asked.at)), None)


def recovery_due(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return when the next solution has held long enough."""
    if state.relation.complaint is None:
        return None
    times = (met.occurred_at + tuning.loyalty.recovered for met in _solutions(state.interactions))
    return min((at for at in times if at > after), default=None)


def recovered(asked: Asked) -> Met | None:
    """Return the solution that has held just long enough: until now nobody complained since."""
    kept, span = asked.state.interactions, asked.tuning.loyalty.recovered
    for solved in _solutions(kept):
        if asked_for(solved.occurred_at + span) == asked.at:
            again = any(solved.occurred_at < sign.occurred_at <= asked.at for sign in signs(kept))
            return solved if not again and _was_complaint(solved, asked.state) else None
    return None


def _complaints(state: CustomerState) -> list[Met]:
    return [sign for sign in open_signs(state.interactions) if sign.kind is InteractionKind.COMPLAINT]


def _solutions(interactions: Iterable[Met]) -> list[Met]:
    return [met for met in interactions if met.kind is InteractionKind.SOLVED]


def _was_complaint(solved: Met, state: CustomerState) -> bool:
    """Say whether it was a complaint that was solved, not a question."""
    if any(sign.occurred_at <= solved.occurred_at and is_of_one(sign, solved) for sign in signs(state.interactions)):
        return True
    known = state.relation.complaint
    return known is not None and known.occurred_at <= solved.occurred_at and is_of_one(known, solved)


def _close_after(sign: Met, days: Days) -> Micros:
    return days.calendar.business_days_after(sign.occurred_at, 1)
