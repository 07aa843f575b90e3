"""What is remembered of a customer beside views: what they spent in all, and how things stand with them."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.events import NEVER, Interaction, InteractionKind, Micros, Purchase, PurchaseKind

REFUNDS_KEPT = 4
PASSIVE = 7  # what an answer is from there on that is no detractor's


class Met(Struct, frozen=True, array_like=True, gc=False):
    """An interaction as remembered."""

    occurred_at: Micros
    kind: InteractionKind
    ref: str
    score: int | None
    touchpoints: dict[str, int]
    event_id: str = ""


class Spent(Struct, frozen=True, array_like=True, gc=False):
    """All purchases ever, those undone left out again. Amounts by currency: (orders, sum)."""

    first_at: Micros = NEVER
    last_at: Micros = NEVER
    in_campaigns: int = 0
    by_currency: dict[str, tuple[int, Decimal]] = {}
    refunds: tuple[tuple[Micros, str], ...] = ()  # (time, event id) of the latest, by time

    @property
    def orders(self) -> int:
        """How many there were."""
        return sum(orders for orders, _ in self.by_currency.values())


class Complaint(Struct, frozen=True, array_like=True, gc=False):
    """The complaint of late; times are NEVER where it did not happen."""

    event_id: str
    ref: str
    occurred_at: Micros
    answered_at: Micros = NEVER
    solved_at: Micros = NEVER
    reopened_at: Micros = NEVER

    @property
    def is_open(self) -> bool:
        """Whether it waits for a solution, or for another one."""
        return self.solved_at == NEVER or self.reopened_at > self.solved_at


class Relation(Struct, frozen=True, array_like=True, gc=False):
    """How things stand with a customer: the latest of each, by time; NEVER where it did not happen."""

    nps: Met | None = None
    complaint: Complaint | None = None
    contacted_at: Micros = NEVER
    answered_at: Micros = NEVER
    followed_up_at: Micros = NEVER
    talked: int = 0  # how often they did what `is_talk` names
    talked_at: Micros = NEVER
    referral_asked_at: Micros = NEVER
    referrals_asked: int = 0
    referrals_made: int = 0
    referrals_converted: int = 0


BY_THE_CUSTOMER = frozenset(
    {
        InteractionKind.INQUIRY,
        InteractionKind.COMPLAINT,
        InteractionKind.REOPENED,
        InteractionKind.NPS,
        InteractionKind.REFERRAL_MADE,
    }
)
"""What a customer does; the rest is done by us, or happens."""


def is_talk(met: Met) -> bool:
    """Say whether a customer talks to us as a loyal one does; a complaint is no sign of loyalty, nor is a low score."""
    if met.kind is InteractionKind.NPS:
        return met.score is not None and met.score >= PASSIVE
    return met.kind in (InteractionKind.INQUIRY, InteractionKind.REFERRAL_MADE)


def bought_more(spent: Spent, at: Micros, amount: Decimal, currency: str, *, in_campaign: bool) -> Spent:
    """Return what was spent with one more order."""
    orders, total = spent.by_currency.get(currency, (0, Decimal(0)))
    return Spent(
        at if spent.first_at == NEVER else min(at, spent.first_at),
        max(at, spent.last_at),
        spent.in_campaigns + in_campaign,
        {**spent.by_currency, currency: (orders + 1, total + amount)},
        spent.refunds,
    )


def refunded(spent: Spent, event: Purchase) -> Spent:
    """Return what was spent with one more refund; an order given up unpaid is none."""
    if event.kind is not PurchaseKind.REFUNDED:
        return spent
    latest = sorted((*spent.refunds, (event.occurred_at, event.event_id)))[-REFUNDS_KEPT:]
    return replace(spent, refunds=tuple(latest))


def undone(
    spent: Spent, at: Micros, amount: Decimal, currency: str, *, in_campaign: bool, left: Sequence[Micros]
) -> Spent:
    """Return what was spent without an order that counted.

    `left` are the times, in order, of those remembered that still count. An order that is the first of all is
    remembered with all that came after it, so that the next one is among them.
    """
    orders, total = spent.by_currency.get(currency, (0, Decimal(0)))
    by_currency = {**spent.by_currency, currency: (orders - 1, total - amount)}
    if orders <= 1:
        del by_currency[currency]
    first_at = spent.first_at if at != spent.first_at else left[0] if left else NEVER
    last_at = spent.last_at if at != spent.last_at else left[-1] if left else first_at
    return Spent(first_at, last_at, spent.in_campaigns - in_campaign, by_currency, spent.refunds)


def met(relation: Relation, event: Interaction, kept: Met) -> Relation:
    """Return how things stand after an interaction, whatever order they come in; complaints are read elsewhere."""
    at, kind = event.occurred_at, event.kind
    if is_talk(kept):
        relation = replace(relation, talked=relation.talked + 1, talked_at=max(at, relation.talked_at))
    match kind:
        case InteractionKind.NPS:
            return replace(relation, nps=_later(relation.nps, kept)) if event.score is not None else relation
        case InteractionKind.CONTACTED:
            return replace(relation, contacted_at=max(at, relation.contacted_at))
        case InteractionKind.FOLLOW_UP:
            return replace(relation, followed_up_at=max(at, relation.followed_up_at))
        case InteractionKind.REFERRAL_ASKED:
            asked_at = max(at, relation.referral_asked_at)
            return replace(relation, referral_asked_at=asked_at, referrals_asked=relation.referrals_asked + 1)
        case InteractionKind.REFERRAL_MADE:
            return replace(relation, referrals_made=relation.referrals_made + 1)
        case InteractionKind.REFERRAL_CONVERTED:
            return replace(relation, referrals_converted=relation.referrals_converted + 1)
    return _answered(relation, kind, at)


def _later(known: Met | None, other: Met) -> Met:
    """Return the later of two; of two at one time the same, whatever order they come in."""
    if known is None:
        return other
    return max(known, other, key=lambda met: (met.occurred_at, met.event_id))


def _answered(relation: Relation, kind: InteractionKind, at: Micros) -> Relation:
    if kind not in (InteractionKind.ANSWERED, InteractionKind.SOLVED):
        return relation
    return replace(relation, answered_at=max(at, relation.answered_at))
