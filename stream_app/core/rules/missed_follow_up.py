"""Purchases after which nobody asked how it goes."""

from collections.abc import Iterator

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity, alert_id
from stream_app.core.bought import Bought, is_renewal
from stream_app.core.days import Days
from stream_app.core.events import DAY, InteractionKind, Micros, PurchaseKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Kind, Match, rule
from stream_app.core.signals import asked_for
from stream_app.core.state import CustomerState, Matter
from stream_app.core.tuning import Feed, Tuning

RULE_ID = "support.missed-follow-up"


def _next_due(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    wait = tuning.waits.follow_up
    return min((p.occurred_at + wait for p in _waiting(state, after - wait)), default=None)


def _over(asked: Asked, matter: Matter) -> ResolvedReason | None:
    if asked.state.relation.followed_up_at >= matter.occurred_at - asked.tuning.waits.follow_up:
        return ResolvedReason.ANSWERED
    undone = (p for p in asked.state.purchases if p.void)
    ids = (alert_id(RULE_ID, asked.event.customer_id, p.event_id) for p in undone)
    return ResolvedReason.EXPIRED if matter.alert_id in ids else None


@rule(
    RULE_ID,
    intent=Intent.SUPPORT,
    severity=Severity.LOW,
    polarity=Polarity.RISK,
    cooldown=7 * DAY,
    on={Kind.DUE},
    digest=True,
    thread="follow-up",
    feeds={Feed.PURCHASES, Feed.FOLLOW_UPS},
    due=_next_due,
    ends=_over,
    playbook="follow-up",
    examples=(
        speaks(Step(buys="team"), Step(after=7 * DAY)),
        silent(Step(buys="team"), Step(after=2 * DAY, meets=InteractionKind.FOLLOW_UP), Step(after=7 * DAY)),
        silent(Step(buys="team", kind=PurchaseKind.RENEWED), Step(after=7 * DAY)),
    ),
)
def missed_follow_up(asked: Asked) -> Match | None:
    """Somebody who bought and heard nothing since feels left alone: ask how it goes while it can still be changed."""
    wait = asked.tuning.waits.follow_up
    bought = (p for p in _waiting(asked.state, asked.at - wait - DAY) if asked_for(p.occurred_at + wait) == asked.at)
    purchase = next(bought, None)
    if purchase is None:
        return None
    return Match(
        reason=f"The customer bought {wait // DAY} days ago, and nobody has followed up since.",
        purchases=(purchase,),
        anchor=(purchase.event_id, purchase.occurred_at),
    )


def _waiting(state: CustomerState, later_than: Micros) -> Iterator[Bought]:
    """Yield what was bought after a time, the latest first, and calls for a follow-up that did not come."""
    for purchase in reversed(state.purchases):
        if purchase.occurred_at <= max(later_than, state.relation.followed_up_at):
            return
        if not purchase.void and not is_renewal(purchase, state.purchases):
            yield purchase
