"""What is remembered of a customer, and how an event changes it.

The state is a value: `apply` returns a new one. It is bounded whatever the input (see the constants),
and small, since every change of it is written to the changelog.
"""

from bisect import insort_right
from hashlib import blake2b
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.activity import NEVER_ACTIVE, Active, was_there
from stream_app.core.alerts import Cell, Reading, Severity
from stream_app.core.bought import VOID_REACHES, Bought, is_undone_by, may_be_undone_by
from stream_app.core.complaint import complaint_of
from stream_app.core.events import (
    DAY,
    NEVER,
    SECOND,
    CustomerProfile,
    Event,
    Interaction,
    Micros,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
    TimePassed,
)
from stream_app.core.pages import Page, PageCategory
from stream_app.core.relation import BY_THE_CUSTOMER, Met, Relation, Spent, bought_more, met, refunded, undone

VIEWS_KEPT = 64
VIEWS_KEPT_FOR = 30 * DAY
PURCHASES_KEPT = 64
INTERACTIONS_KEPT = 16
IDS_KEPT = 64
SAME_VIEW = 60 * SECOND
TITLE_KEPT = 120  # characters
URL_KEPT = 500

_DIGEST = 8  # bytes of an event id's hash: 64 of them among 2^64 never meet by chance
_OLDER = -_DIGEST * (IDS_KEPT - 1)
HELP = frozenset({PageCategory.SPEC, PageCategory.SUPPORT, PageCategory.FAQ})
"""What is read to find or set up something; a reload of it is no second look."""


class Viewed(Struct, frozen=True, array_like=True, gc=False):
    """A view of a page that matters."""

    occurred_at: Micros
    event_id: str
    category: PageCategory
    page: int  # identity of host and path
    url: str
    title: str


class Matter(Struct, frozen=True, array_like=True, gc=False):
    """An alert that is still open."""

    alert_id: str
    rule_id: str
    severity: Severity
    occurred_at: Micros
    expires_at: Micros
    reading: Reading | None = None
    opened_at: Micros = NEVER  # of the first of those that it and the ones before it replaced
    free_from: Micros = NEVER  # since when that first one could have spoken
    account_id: str = ""  # as its alert had it: what becomes of it is told in the same place


class CustomerState(Struct, frozen=True, array_like=True, gc=False):
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
    active: Active = NEVER_ACTIVE
    spent: Spent = Spent()
    relation: Relation = Relation()
    matters: dict[str, Matter] = {}  # thread → its open alert
    cell: Cell | None = None
    cell_since: Micros = NEVER
    due: Micros = NEVER  # when to be asked next at the latest; never later than a rule wants it
    asked_to: Micros = NEVER  # the boundary at which it was asked last
    cell_before: tuple[Cell | None, Micros] = (None, NEVER)  # the cell that was left, and since when it was held
    told_since: Micros = NEVER  # since when the profile says of seats and fiscal year what it says now
    due_else: Micros = NEVER  # as `due`, of what visits do not put off


UNKNOWN_CUSTOMER = CustomerState()


def apply(event: Event, state: CustomerState, view: Viewed | None, day: int) -> CustomerState | None:
    """Return the state after `event`, or None for a duplicate.

    `view` is what to keep of a page view, if anything; `day` is that of the event on the company's clock.
    """
    if type(event) is not PageView:  # the hottest lines of the product are those of page views
        if isinstance(event, CustomerProfile):
            return _apply_profile(event, state)
        if isinstance(event, TimePassed):
            return state
    digest = blake2b(event.event_id.encode(), digest_size=_DIGEST).digest()
    if _contains(state.recent, digest):
        return None
    recent, newest, active = state.recent[_OLDER:] + digest, state.newest, state.active
    if event.occurred_at > newest:
        newest = event.occurred_at
    if isinstance(event, PageView):
        if day != active.newest:
            active = was_there(active, day)
        views = state.views if view is None else _with_view(state.views, view, newest)
        return replace(state, newest=newest, recent=recent, views=views, active=active)
    state = replace(state, newest=newest, recent=recent)
    if isinstance(event, Interaction):
        return _apply_interaction(event, state, day)
    assert isinstance(event, Purchase)
    return _apply_purchase(event, replace(state, active=was_there(active, day)))


def viewed(view: PageView, page: Page) -> Viewed | None:
    """Return what is kept of a view; nothing of a page that does not matter."""
    if page.category is PageCategory.OTHER:
        return None
    title = view.title[:TITLE_KEPT]
    return Viewed(view.occurred_at, view.event_id, page.category, page.identity, page.url[:URL_KEPT], title)


def _with_view(views: tuple[Viewed, ...], view: Viewed, newest: Micros) -> tuple[Viewed, ...]:
    if view.category in HELP and _is_repeat(view, views):
        return views
    kept, start = _inserted(views, view, VIEWS_KEPT), newest - VIEWS_KEPT_FOR
    return kept if kept[0].occurred_at > start else tuple(v for v in kept if v.occurred_at > start)


def _is_repeat(view: Viewed, views: tuple[Viewed, ...]) -> bool:
    """Say whether the same page was counted less than a minute before or after: a reload is no second look."""
    page, at = view.page, view.occurred_at
    for other in reversed(views):
        if other.occurred_at <= at - SAME_VIEW:
            break
        if other.page == page and other.occurred_at < at + SAME_VIEW:
            return True
    return False


def _apply_profile(event: CustomerProfile, state: CustomerState) -> CustomerState:
    if event.profile is None:
        return UNKNOWN_CUSTOMER
    newest, known, since = max(state.newest, event.occurred_at), state.profile, event.occurred_at
    is_newer = known is None or known.occurred_at <= event.occurred_at
    if known is not None and _says_the_same(known, event.profile):
        since = min(state.told_since, since)
    elif not is_newer:
        since = state.told_since
    return replace(state, newest=newest, profile=event.profile if is_newer else known, told_since=since)


def _says_the_same(one: Profile, other: Profile) -> bool:
    return (one.seats, one.seats_used, one.fiscal_year_end) == (other.seats, other.seats_used, other.fiscal_year_end)


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
        bool(event.campaign),
    )
    spent = state.spent
    if not void:
        spent = bought_more(spent, event.occurred_at, event.amount, event.currency, in_campaign=bool(event.campaign))
    return replace(state, purchases=_inserted(state.purchases, bought, PURCHASES_KEPT), spent=spent)


def _apply_interaction(event: Interaction, state: CustomerState, day: int) -> CustomerState:
    kept = Met(event.occurred_at, event.kind, event.ref, event.score, event.touchpoints, event.event_id)
    interactions = _inserted(state.interactions, kept, INTERACTIONS_KEPT)
    relation = met(state.relation, event, kept)
    return replace(
        state,
        interactions=interactions,
        relation=replace(relation, complaint=complaint_of(relation.complaint, interactions)),
        active=was_there(state.active, day) if event.kind in BY_THE_CUSTOMER else state.active,
    )


def _apply_void(event: Purchase, state: CustomerState) -> CustomerState:
    voids = state.voids
    if event.order_id:
        found = [p for p in state.purchases if is_undone_by(p, event)]
        voids = (*voids, (event.order_id, event.occurred_at))[-PURCHASES_KEPT:]
    else:
        found = [p for p in reversed(state.purchases) if may_be_undone_by(p, event)][:1]
    purchases = tuple(replace(p, void=True) if any(p is one for one in found) else p for p in state.purchases)
    left = [p.occurred_at for p in purchases if not p.void]
    spent = refunded(state.spent, event)
    for p in (p for p in found if not p.void):
        spent = undone(spent, p.occurred_at, p.amount, p.currency, in_campaign=p.in_campaign, left=left)
    return replace(state, purchases=purchases, voids=voids, spent=spent)


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
