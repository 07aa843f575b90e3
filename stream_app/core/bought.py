"""Purchases as remembered: which go on with what there was, and which are undone."""

from decimal import Decimal

from msgspec import Struct

from stream_app.core.events import DAY, Micros, Purchase, PurchaseKind

VOID_REACHES = 30 * DAY


class Bought(Struct, frozen=True, array_like=True, gc=False):
    """A purchase as remembered; `void` once it was refunded or cancelled."""

    occurred_at: Micros
    event_id: str
    kind: PurchaseKind
    amount: Decimal
    currency: str
    order_id: str
    product_id: str
    plan: str
    void: bool
    in_campaign: bool = False


def is_renewal(purchase: Bought, purchases: tuple[Bought, ...]) -> bool:
    """Say whether `purchase`, one of `purchases` (by time), only goes on with what the customer already had."""
    if purchase.kind is PurchaseKind.RENEWED:
        return True
    for earlier in purchases:
        if earlier is purchase:
            return False
        if not earlier.void and _same_thing(purchase, earlier) and _did_not_grow(purchase, earlier):
            return True
    return False


def _same_thing(purchase: Bought, earlier: Bought) -> bool:
    if purchase.plan:
        return purchase.plan == earlier.plan
    return bool(purchase.product_id) and purchase.product_id == earlier.product_id


def _did_not_grow(purchase: Bought, earlier: Bought) -> bool:
    return purchase.currency == earlier.currency and purchase.amount <= earlier.amount


def is_undone_by(purchase: Bought, void: Purchase) -> bool:
    """Say whether a void names the order of a purchase, and is near enough to mean it."""
    return purchase.order_id == void.order_id and abs(purchase.occurred_at - void.occurred_at) < VOID_REACHES


def may_be_undone_by(purchase: Bought, void: Purchase) -> bool:
    """Say whether a void that names no order may mean this purchase: so much was paid, not long before."""
    return (
        not purchase.void
        and 0 <= void.occurred_at - purchase.occurred_at < VOID_REACHES
        and purchase.currency == void.currency
        and purchase.amount == abs(void.amount)
    )
