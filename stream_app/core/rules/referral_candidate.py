"""Somebody may be asked whether they know others."""

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.days import Days
from stream_app.core.events import DAY, NEVER, InteractionKind, Micros
from stream_app.core.example import Step, silent, speaks
from stream_app.core.habit import next_review, weeks_active
from stream_app.core.relation import Met
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.signals import answer_at
from stream_app.core.standing import PROMOTER
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Feed, Tuning

ID = "loyalty.referral-candidate"
WEEKS_ACTIVE = 3
_BUYS = Step(buys="team")
_THERE = tuple(Step(after=week * 7 * DAY, views="/features") for week in range(1, 4))
_PROMOTES = Step(after=22 * DAY, meets=InteractionKind.NPS, score=9)
_COMPLAINS = Step(after=23 * DAY, meets=InteractionKind.COMPLAINT)
_ASKED = Step(after=DAY, meets=InteractionKind.REFERRAL_ASKED)
_LATER = Step(after=28 * DAY)


def _promoter(state: CustomerState, at: Micros, tuning: Tuning) -> Met | None:
    answer = answer_at(state, at, tuning)
    return answer if answer is not None and answer.score is not None and answer.score >= PROMOTER else None


def _is_news(state: CustomerState, answer: Met) -> bool:
    """Say whether nothing was said since they answered, or since they were asked: a silent candidate stays one."""
    return state.spoken.get(ID, NEVER) < max(answer.occurred_at, state.relation.referral_asked_at)


def _review(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return the end of a week in which they may be asked."""
    answer = state.relation.nps
    if answer is None or answer.score is None or answer.score < PROMOTER or not _is_news(state, answer):
        return None
    at = next_review(state, max(after, state.relation.referral_asked_at + tuning.loyalty.referral_pause - 1))
    return at if at < answer.occurred_at + tuning.loyalty.nps_stale else None


def _ends(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """They were asked."""
    asked_at = asked.state.relation.referral_asked_at
    return ResolvedReason.ANSWERED if asked_at > matter.occurred_at else None


@rule(
    ID,
    intent=Intent.LOYALTY,
    severity=Severity.LOW,
    polarity=Polarity.CHANCE,
    cooldown=0,
    on={Kind.DUE},
    digest=True,
    thread="referral",
    feeds={Feed.REFERRALS},
    due=_review,
    ends=_ends,
    playbook="referral",
    examples=(
        speaks(_BUYS, *_THERE, _PROMOTES, _LATER),
        silent(_BUYS, *_THERE, _PROMOTES, _COMPLAINS, _LATER),
        silent(_BUYS, _ASKED, *_THERE, _PROMOTES, _LATER),
        silent(_BUYS, _PROMOTES, _LATER),
    ),
)
def referral_candidate(asked: Asked) -> Match | None:
    """Somebody who recommends us and is there every week will gladly name others if asked once, and politely."""
    state, at = asked.state, asked.at
    answer = _promoter(state, at, asked.tuning)
    if answer is None or _review(state, at - 1, asked.tuning, asked.days) != at:
        return None
    if state.relation.complaint is not None and state.relation.complaint.is_open:
        return None
    weeks = weeks_active(state.active, asked.days.number(at))
    if weeks < WEEKS_ACTIVE:
        return None
    return Match(
        reason=f"The customer answered {answer.score} of 10, was there in {weeks} of the last 4 weeks, "
        "has no open complaint and was not asked for a referral lately.",
        interactions=(answer,),
        anchor=(answer.event_id, answer.occurred_at),
        mark=str(state.relation.referrals_asked),
    )
