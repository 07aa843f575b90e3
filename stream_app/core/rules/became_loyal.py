"""Somebody has become a loyal customer."""

from stream_app.core.alerts import Cell, Intent, Polarity, ResolvedReason, Severity, alert_id
from stream_app.core.events import DAY, HOUR, InteractionKind, PurchaseKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.habit import campaign_only
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.signals import answer_at
from stream_app.core.state import Matter

ID = "loyalty.became-loyal"
THREAD = "loyal"
_PROMOTES = Step(after=HOUR, meets=InteractionKind.NPS, score=9)


def _ends(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """They are no longer, or what came late shows that they never were."""
    return None if asked.state.cell is Cell.LOYAL else ResolvedReason.EXPIRED


@rule(
    ID,
    intent=Intent.LOYALTY,
    severity=Severity.LOW,
    polarity=Polarity.CHANCE,
    cooldown=30 * DAY,
    on={*PurchaseKind, *InteractionKind, Kind.PROFILE, Kind.DUE},
    digest=True,
    thread=THREAD,
    ends=_ends,
    examples=(
        speaks(Step(buys="team", amount=100_000), _PROMOTES),
        silent(Step(buys="team", amount=10_000), _PROMOTES),
        silent(
            Step(buys="team", amount=100_000, campaign="spring"),
            Step(after=HOUR, buys="seats", amount=100_000, campaign="spring"),
            Step(after=2 * HOUR, meets=InteractionKind.NPS, score=10),
        ),
    ),
)
def became_loyal(asked: Asked) -> Match | None:
    """Somebody who buys much and recommends us deserves thanks, and not only a discount."""
    move, state = asked.moved, asked.state
    if move is None or move.after is not Cell.LOYAL or campaign_only(state):
        return None
    bought = [p for p in state.purchases if not p.void and p.occurred_at <= move.occurred_at][-1:]
    answer = answer_at(state, move.occurred_at, asked.tuning)
    said = [answer] if answer is not None else []
    rests_on = [*((p.occurred_at, p.event_id) for p in bought), *((m.occurred_at, m.event_id) for m in said)]
    anchor = (max(rests_on)[1], move.occurred_at)
    matter = state.matters.get(THREAD)
    if matter is not None and matter.alert_id == alert_id(ID, asked.event.customer_id, anchor[0]):
        return None
    return Match(
        reason=f"The customer is worth {move.lifetime_value} {move.currency} and answered {move.nps} of 10: "
        "a loyal customer by lifetime value and recommendation.",
        purchases=tuple(bought),
        interactions=tuple(said),
        anchor=anchor,
        instead=matter is not None,
    )
