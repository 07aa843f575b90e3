"""Somebody said that they would not recommend us."""

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.days import Days
from stream_app.core.events import DAY, HOUR, InteractionKind, Micros, Purchase, PurchaseKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.lifetime import is_high
from stream_app.core.relation import PASSIVE, Met
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Feed, Tuning

THREAD = "nps"
CAUSES_NAMED = 5
_ANGRY = Step(meets=InteractionKind.NPS, score=3, touchpoints={"delivery": -2, "price": 1})


def _detractor(state: CustomerState) -> Met | None:
    """Return the latest answer if it is a detractor's whom nobody has answered since."""
    answer, relation = state.relation.nps, state.relation
    if answer is None or answer.score is None or answer.score >= PASSIVE:
        return None
    spoken_to = max(relation.contacted_at, relation.answered_at, relation.followed_up_at)
    return answer if spoken_to < answer.occurred_at else None


def _close(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return the close of the business day by which somebody should have answered."""
    matter = state.matters.get(THREAD)
    if matter is None or Feed.CONTACTS not in tuning.feeds or (answer := _detractor(state)) is None:
        return None
    at = days.calendar.business_days_after(answer.occurred_at, 1)
    return at if at > after else None


def _ends(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """A better answer solves it; somebody who spoke to the customer answered it."""
    if _detractor(asked.state) is not None:
        return None
    answer = asked.state.relation.nps
    better = answer is not None and answer.score is not None and answer.score >= PASSIVE
    return ResolvedReason.SOLVED if better else ResolvedReason.ANSWERED


@rule(
    "churn.detractor",
    intent=Intent.CHURN,
    severity=Severity.MEDIUM,
    polarity=Polarity.RISK,
    cooldown=0,
    on={InteractionKind.NPS, *PurchaseKind, Kind.DUE},
    digest=True,
    thread=THREAD,
    due=_close,
    ends=_ends,
    playbook="detractor",
    examples=(
        speaks(_ANGRY),
        speaks(_ANGRY, Step(after=30 * HOUR)),
        silent(_ANGRY, Step(after=5 * HOUR, meets=InteractionKind.CONTACTED), Step(after=2 * DAY)),
        silent(Step(meets=InteractionKind.NPS, score=7)),
    ),
)
def detractor(asked: Asked) -> Match | None:
    """Somebody who would not recommend us can still be asked why, as long as they believe that it helps."""
    answer = _detractor(asked.state)
    if answer is None:
        return None
    severity = Severity.HIGH if is_high(asked.state, answer.occurred_at, asked.tuning) else Severity.MEDIUM
    matter = asked.state.matters.get(THREAD)
    if asked.event.occurred_at == answer.occurred_at and getattr(asked.event, "event_id", "") == answer.event_id:
        return _said(answer, severity)
    if matter is None or matter.occurred_at != answer.occurred_at:
        return None
    if isinstance(asked.event, Purchase):  # one that came late may tell another lifetime value
        return _said(answer, severity) if severity is not matter.severity else None
    return _unanswered(asked, answer, severity)


def _said(answer: Met, severity: Severity) -> Match:
    return Match(
        reason=f"The customer answered {answer.score} of 10 to whether they would recommend us{_causes(answer)}.",
        interactions=(answer,),
        anchor=(answer.event_id, answer.occurred_at),
        mark=severity if severity is Severity.HIGH else "",
        severity=severity,
    )


def _unanswered(asked: Asked, answer: Met, severity: Severity) -> Match | None:
    """Return the same one step more severe; above high there is only somebody else to tell."""
    close = _close(asked.state, answer.occurred_at, asked.tuning, asked.days)
    if close is None or asked.at < close:
        return None
    return Match(
        reason=f"The customer answered {answer.score} of 10 to whether they would recommend us{_causes(answer)}, "
        "and nobody spoke to them by the close of the next business day.",
        interactions=(answer,),
        anchor=(answer.event_id, answer.occurred_at),
        mark="unanswered",
        severity=Severity.HIGH,
        second=severity is Severity.HIGH,
    )


def _causes(answer: Met) -> str:
    bad = sorted((points, name) for name, points in answer.touchpoints.items() if points < 0)
    names = ", ".join(name for _, name in bad[:CAUSES_NAMED])
    return f"; displeased with: {names}" if names else ""
