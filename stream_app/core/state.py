"""What is remembered of a customer, and how an event changes it.

The state is a value: `apply` returns a new one. It is bounded whatever the input (see the constants),
and small, since every change of it is written to the changelog.
"""

from bisect import insort_right
from decimal import Decimal
from hashlib import blake2b
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.events import (
    DAY,
    SECOND,
    CustomerProfile,
    Event,
    Interaction,
    InteractionKind,
    Micros,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
)
from stream_app.core.pages import Page, PageCategory

VIEWS_KEPT = 64
VIEWS_KEPT_FOR = 30 * DAY
PURCHASES_KEPT = 64
INTERACTIONS_KEPT = 16
VOID_REACHES = 30 * DAY
IDS_KEPT = 64
SAME_VIEW = 60 * SECOND
TITLE_KEPT = 120  # characters
URL_KEPT = 500

_DIGEST = 8  # bytes of an event id's hash: 64 of them among 2^64 never meet by chance
NEVER: Micros = -(2**62)

HELP = frozenset({PageCategory.SPEC, PageCategory.SUPPORT})


class Viewed(Struct, frozen=True, array_like=True):
    """A view of a page that matters."""

    occurred_at: Micros
    event_id: str
    category: PageCategory
    page: int  # identity of host and path
    url: str
    title: str


class Bought(Struct, frozen=True, array_like=True):
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


class Met(Struct, frozen=True, array_like=True):
    """An interaction as remembered."""

    occurred_at: Micros
    kind: InteractionKind
    ref: str
    score: int | None
    touchpoints: dict[str, int]


class CustomerState(Struct, frozen=True, array_like=True):
    """All that is remembered of one customer."""

    newest: Micros = NEVER
    recent: bytes = b""  # hashes of the last accepted event ids, oldest first
    profile: Profile | None = None
    views: tuple[Viewed, ...] = ()  # by time
    purchases: tuple[Bought, ...] = ()  # by time
    voids: tuple[tuple[str, Micros], ...] = ()  # order ids undone, by arrival
    interactions: tuple[Met, ...] = ()  # by time
    spoken: dict[str, Micros] = {}  # rule id → time of its last alert
    churned_at: Micros = NEVER  # time of the last churn alert


UNKNOWN_CUSTOMER = CustomerState()


def apply(event: Event, state: CustomerState, view: Viewed | None) -> CustomerState | None:
    """Return the state after `event`, or None for a duplicate; `view` is what to keep of a page view, if anything."""
    if isinstance(event, CustomerProfile):
        return _apply_profile(event, state)
    digest = blake2b(event.event_id.encode(), digest_size=_DIGEST).digest()
    if _contains(state.recent, digest):
        return None
    recent = state.recent[-_DIGEST * (IDS_KEPT - 1) :] + digest
    newest = max(state.newest, event.occurred_at)
    match event:
        case PageView():
            views = state.views
            if view is not None:
                views = _with_view(views, view, newest)
            return _moved(state, newest, recent, views)
        case Purchase():
            return _apply_purchase(event, replace(state, newest=newest, recent=recent))
        case Interaction():
            met = Met(event.occurred_at, event.kind, event.ref, event.score, event.touchpoints)
            return replace(
                state, newest=newest, recent=recent, interactions=_inserted(state.interactions, met, INTERACTIONS_KEPT)
            )


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


def _moved(state: CustomerState, newest: Micros, recent: bytes, views: tuple[Viewed, ...]) -> CustomerState:
    """Return the state after a view: the hottest line of the product, hence without `replace`."""
    return CustomerState(
        newest,
        recent,
        state.profile,
        views,
        state.purchases,
        state.voids,
        state.interactions,
        state.spoken,
        state.churned_at,
    )


def viewed(view: PageView, page: Page) -> Viewed | None:
    """Return what is kept of a view; nothing of a page that does not matter."""
    if page.category is PageCategory.OTHER:
        return None
    title = view.title[:TITLE_KEPT]
    return Viewed(view.occurred_at, view.event_id, page.category, page.identity, page.url[:URL_KEPT], title)


def _with_view(views: tuple[Viewed, ...], view: Viewed, newest: Micros) -> tuple[Viewed, ...]:
    if view.category in HELP and _is_repeat(view, views):
        return views
    start = newest - VIEWS_KEPT_FOR
    return tuple(v for v in _inserted(views, view, VIEWS_KEPT) if v.occurred_at > start)


def _is_repeat(view: Viewed, views: tuple[Viewed, ...]) -> bool:
    """Say whether the same page was counted less than a minute before or after: a reload is no second look."""
    return any(
        view.page == other.page and abs(view.occurred_at - other.occurred_at) < SAME_VIEW for other in reversed(views)
    )


def _apply_profile(event: CustomerProfile, state: CustomerState) -> CustomerState:
    if event.profile is None:
        return UNKNOWN_CUSTOMER
    newest = max(state.newest, event.occurred_at)
    if state.profile is not None and state.profile.occurred_at > event.occurred_at:
        return replace(state, newest=newest)
    return replace(state, newest=newest, profile=event.profile)


def _apply_purchase(event: Purchase, state: CustomerState) -> CustomerState | None:
    if event.kind in (PurchaseKind.REFUNDED, PurchaseKind.CANCELLED):
        return _apply_void(event, state)
    known = event.order_id and any(p.order_id == event.order_id for p in state.purchases)
    if known and event.kind is PurchaseKind.COMPLETED:
        return None
    void = any(
        order_id == event.order_id and abs(at - event.occurred_at) < VOID_REACHES for order_id, at in state.voids
    )
    bought = Bought(
        event.occurred_at,
        event.event_id,
        event.kind,
        event.amount,
        event.currency,
        event.order_id,
        event.product_id,
        event.plan,
        void,
    )
    return replace(state, purchases=_inserted(state.purchases, bought, PURCHASES_KEPT))


def _apply_void(event: Purchase, state: CustomerState) -> CustomerState:
    if event.order_id:
        purchases = tuple(
            replace(p, void=True)
            if p.order_id == event.order_id and abs(p.occurred_at - event.occurred_at) < VOID_REACHES
            else p
            for p in state.purchases
        )
        voids = (*state.voids, (event.order_id, event.occurred_at))[-PURCHASES_KEPT:]
        return replace(state, purchases=purchases, voids=voids)
    undone = next((p for p in reversed(state.purchases) if _undoes(event, p)), None)
    if undone is None:
        return state
    return replace(state, purchases=tuple(replace(p, void=True) if p is undone else p for p in state.purchases))


def _undoes(event: Purchase, purchase: Bought) -> bool:
    return (
        not purchase.void
        and 0 <= event.occurred_at - purchase.occurred_at < VOID_REACHES
        and purchase.currency == event.currency
        and purchase.amount == abs(event.amount)
    )


T = TypeVar("T", Viewed, Bought, Met)


def _inserted(items: tuple[T, ...], item: T, kept: int) -> tuple[T, ...]:
    """Return `items` (by time, then arrival) with `item`, without the oldest beyond `kept`."""
    ordered = list(items)
    if not items or items[-1].occurred_at <= item.occurred_at:
        ordered.append(item)
    else:
        insort_right(ordered, item, key=lambda other: other.occurred_at)
    return tuple(ordered[-kept:])


def _contains(recent: bytes, digest: bytes) -> bool:
    at = recent.find(digest)
    while at >= 0 and at % _DIGEST:
        at = recent.find(digest, at + 1)
    return at >= 0
