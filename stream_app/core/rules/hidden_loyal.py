"""Somebody who is looked after little behaves like a loyal customer."""

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.days import Days
from stream_app.core.events import DAY, NEVER, InteractionKind, Micros, Tier
from stream_app.core.example import Step, silent, speaks
from stream_app.core.habit import (
    TALK_COUNTS,
    TALKED,
    behaves_loyal,
    campaign_only,
    days_active,
    next_review,
    talks,
)
from stream_app.core.relation import PASSIVE
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.signals import answer_at
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Tuning

ID = "loyalty.hidden-loyal"
COOLDOWN = 90 * DAY
_LOOKED_AFTER_LITTLE = frozenset({Tier.LOW, Tier.TECH})
_THERE = tuple(Step(after=day * DAY, views="/features") for day in range(2, 14))
_ASKS = Step(after=2 * DAY, meets=InteractionKind.INQUIRY)
_AGAIN = Step(after=13 * DAY, meets=InteractionKind.INQUIRY)


def _review(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return the end of a week in which it may show, and be news."""
    profile = state.profile
    if profile is None or profile.tier not in _LOOKED_AFTER_LITTLE or state.relation.talked < TALKED:
        return None
    at = next_review(state, max(after, state.spoken.get(ID, NEVER) + COOLDOWN - 1))
    return at if at < state.relation.talked_at + TALK_COUNTS else None


def _ends(asked: Asked, matter: Matter) -> ResolvedReason | None:
    profile = asked.state.profile
    return ResolvedReason.ANSWERED if profile is not None and profile.tier is Tier.HIGH else None


@rule(
    ID,
    intent=Intent.LOYALTY,
    severity=Severity.LOW,
    polarity=Polarity.CHANCE,
    cooldown=COOLDOWN,
    on={Kind.DUE},
    digest=True,
    thread="tier",
    due=_review,
    ends=_ends,
    remembers=True,
    examples=(
        speaks(Step(buys="team", amount=100), Step(tier=Tier.TECH), _ASKS, *_THERE, _AGAIN, Step(after=14 * DAY)),
        silent(Step(buys="team", amount=100), Step(tier=Tier.TECH), *_THERE, _AGAIN, Step(after=14 * DAY)),
        silent(
            *(Step(buys="team", amount=100), Step(tier=Tier.TECH)),
            *(Step(after=2 * DAY, meets=InteractionKind.COMPLAINT), *_THERE, _AGAIN, Step(after=14 * DAY)),
        ),
        silent(Step(buys="team", amount=100), Step(tier=Tier.HIGH), _ASKS, *_THERE, _AGAIN, Step(after=14 * DAY)),
    ),
)
def hidden_loyal(asked: Asked) -> Match | None:
    """Somebody who spends little but is there often and talks to us may be worth more attention than their tier."""
    state, at = asked.state, asked.at
    if _review(state, at - 1, asked.tuning, asked.days) != at or campaign_only(state):
        return None
    answer = answer_at(state, at, asked.tuning)
    if answer is not None and answer.score is not None and answer.score < PASSIVE:
        return None
    if not behaves_loyal(state, at, asked.days):
        return None
    talked, active = talks(state, at), days_active(state.active, asked.days.number(at))
    return Match(
        reason=f"The customer was there on {active} of the last 28 days and talked to us {len(talked)} times in 90, "
        "more than their tier lets one expect.",
        interactions=tuple(talked[-TALKED:]),
        anchor=(talked[-1].event_id, talked[-1].occurred_at),
    )
