"""Events of the Segment spec, which RudderStack shares: page views and orders are taken, the rest is not ours.

`anonymousId` alone is nobody the company knows: such a view is anonymous. An order's amount is the first of
`revenue`, `total` and `subtotal` that is there, in US dollars where no currency is named, as the spec has it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeAlias, TypeVar

from msgspec import Meta, Struct
from msgspec.json import Decoder

from stream_app.core.events import Micros, PageView, Purchase, PurchaseKind
from stream_app.formats.errors import IgnoredInput, IgnoredReason, invalid
from stream_app.formats.limits import (
    MAX_TEXT,
    MAX_USER_AGENT,
    clean,
    identifier,
    micros,
    required_id,
    web_address,
)
from stream_app.formats.money import Amount, NumberText, currency, decode_amount

TYPES = frozenset({"page", "track", "screen", "identify", "group", "alias"})

_ORDERS = {
    "order completed": PurchaseKind.COMPLETED,
    "completed order": PurchaseKind.COMPLETED,
    "order refunded": PurchaseKind.REFUNDED,
    "order cancelled": PurchaseKind.CANCELLED,
}

_Id: TypeAlias = str | int | None
_Time: TypeAlias = Annotated[datetime, Meta(tz=True)] | None


class _Wire(Struct, rename="camel", kw_only=True):
    """Camel-case names on the wire."""


class _Page(_Wire, kw_only=True):
    url: str | None = None
    title: str | None = None


class _Campaign(_Wire, kw_only=True):
    name: str | None = None


class _PageContext(_Wire, kw_only=True):
    group_id: _Id = None
    user_agent: str | None = None
    page: _Page | None = None


class _OrderContext(_Wire, kw_only=True):
    campaign: _Campaign | None = None


class _Envelope(_Wire, kw_only=True):
    message_id: str
    user_id: _Id = None
    timestamp: _Time = None
    original_timestamp: _Time = None


class _PageEvent(_Envelope, kw_only=True):
    properties: _Page | None = None
    context: _PageContext | None = None


class _Product(Struct, kw_only=True):
    product_id: _Id = None
    sku: _Id = None


class _Order(Struct, kw_only=True):
    order_id: _Id = None
    checkout_id: _Id = None
    revenue: Amount | None = None
    total: Amount | None = None
    subtotal: Amount | None = None
    currency: str | None = None
    coupon: str | None = None
    plan: str | None = None
    products: list[_Product] | None = None


class _OrderEvent(_Envelope, kw_only=True):
    properties: _Order
    context: _OrderContext | None = None


_T = TypeVar("_T")


def _decoder(kind: type[_T]) -> "Decoder[_T]":
    return Decoder(kind, dec_hook=decode_amount, float_hook=NumberText)


_PAGES = _decoder(_PageEvent)
_ORDER_EVENTS = _decoder(_OrderEvent)


def read(kind: str, name: str, value: bytes) -> PageView | Purchase:
    """Return the event of a message of type `kind` and, if it is a track, of that `name`.

    Raises IgnoredInput for all other events, DecodeError or one of msgspec's errors for a broken one.
    """
    if kind == "page":
        return _page_view(_PAGES.decode(value))
    order = _ORDERS.get(name.casefold()) if kind == "track" else None
    if order is None:
        raise IgnoredInput(IgnoredReason.NOT_RELEVANT)
    return _purchase(order, _ORDER_EVENTS.decode(value))


def _page_view(event: _PageEvent) -> PageView:
    properties = event.properties or _Page()
    context = event.context or _PageContext()
    page = context.page or _Page()
    return PageView(
        event_id=required_id("messageId", event.message_id),
        customer_id=identifier("userId", _text(event.user_id)),
        occurred_at=_time(event),
        url=web_address("properties.url", properties.url or page.url or ""),
        title=clean(properties.title or page.title or "", MAX_TEXT),
        account_id=identifier("context.groupId", _text(context.group_id)),
        user_agent=clean(context.user_agent or "", MAX_USER_AGENT),
    )


def _purchase(kind: PurchaseKind, event: _OrderEvent) -> Purchase:
    order = event.properties
    customer_id = identifier("userId", _text(event.user_id))
    if not customer_id:
        raise IgnoredInput(IgnoredReason.ANONYMOUS)
    order_id = identifier("properties.order_id", _text(order.order_id) or _text(order.checkout_id))
    return Purchase(
        event_id=required_id("messageId", event.message_id),
        customer_id=customer_id,
        occurred_at=_time(event),
        amount=_amount(kind, order, order_id),
        currency=currency("properties.currency", (order.currency or "USD").upper()),
        kind=kind,
        order_id=order_id,
        product_id=identifier("properties.products", _product(order)),
        plan=identifier("properties.plan", order.plan or ""),
        campaign=identifier("properties.coupon", order.coupon or _campaign(event)),
    )


def _time(event: _Envelope) -> Micros:
    moment = event.timestamp or event.original_timestamp
    if moment is None:
        raise invalid("timestamp", "missing")
    return micros("timestamp", moment)


def _amount(kind: PurchaseKind, order: _Order, order_id: str) -> Decimal:
    for amount in (order.revenue, order.total, order.subtotal):
        if amount is not None:
            return Decimal(amount)
    if kind is PurchaseKind.COMPLETED or not order_id:
        raise invalid("properties.revenue", "missing, and so are total and subtotal")
    return Decimal(0)  # what names the order it undoes needs no amount


def _product(order: _Order) -> str:
    if not order.products or len(order.products) != 1:
        return ""
    return _text(order.products[0].product_id) or _text(order.products[0].sku)


def _campaign(event: _OrderEvent) -> str:
    campaign = event.context.campaign if event.context else None
    return (campaign.name if campaign else None) or ""


def _text(value: str | int | None) -> str:
    return "" if value is None else str(value)
