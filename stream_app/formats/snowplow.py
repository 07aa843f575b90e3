"""Enriched events of Snowplow, as tab-separated columns and as JSON: views and orders are taken, the rest is not ours.

Only `user_id` is somebody the company knows: with nothing but a browser's ids a view is anonymous. Orders are the
e-commerce plug-in's transactions and refunds, told by entities beside the event, and the older `transaction` events.
"""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from msgspec import Struct

from stream_app.core.events import Micros, PageView, Purchase, PurchaseKind
from stream_app.formats import snowplow_rows
from stream_app.formats.errors import DeadLetterReason, DecodeError, IgnoredInput, IgnoredReason, invalid
from stream_app.formats.limits import MAX_TEXT, MAX_USER_AGENT, clean, identifier, micros, required_id, web_address
from stream_app.formats.money import currency
from stream_app.formats.snowplow_rows import ECOMMERCE, Entities, Row, are_columns, entities_of

__all__ = ["are_columns", "read_columns", "read_json"]

_PAGE_VIEW = "page_view"
_TRANSACTION = "transaction"
_SELF_DESCRIBING = "unstruct"
_ORDERS = {"transaction": PurchaseKind.COMPLETED, "refund": PurchaseKind.REFUNDED}


class _Order(Struct, frozen=True, kw_only=True):
    """What an order says, whichever way it came."""

    kind: PurchaseKind
    order_id: str
    amount: Decimal | None
    currency: str
    product_id: str = ""
    campaign: str = ""


def read_columns(value: bytes) -> PageView | Purchase:
    """Return the event of a line of columns; raises IgnoredInput for what is not ours, DecodeError for a broken one."""
    return _event(snowplow_rows.of_columns(value))


def read_json(value: bytes) -> PageView | Purchase:
    """Return the event of a JSON object; raises the same, or one of msgspec's errors."""
    return _event(snowplow_rows.of_json(value))


def _event(row: Row) -> PageView | Purchase:
    if row.event == _PAGE_VIEW:
        return _page_view(row)
    if row.event == _TRANSACTION:
        return _purchase(row, _of_tracker(row))
    if row.event == _SELF_DESCRIBING and row.event_name == ECOMMERCE:
        return _purchase(row, _of_entities(entities_of(row)))
    raise IgnoredInput(IgnoredReason.NOT_RELEVANT)


def _page_view(row: Row) -> PageView:
    return PageView(
        event_id=required_id("event_id", row.event_id or ""),
        customer_id=identifier("user_id", row.user_id or ""),
        occurred_at=_time(row),
        url=web_address("page_url", row.page_url or ""),
        title=clean(row.page_title or "", MAX_TEXT),
        user_agent=clean(row.useragent or "", MAX_USER_AGENT),
    )


def _purchase(row: Row, order: _Order) -> Purchase:
    customer_id = identifier("user_id", row.user_id or "")
    if not customer_id:
        raise IgnoredInput(IgnoredReason.ANONYMOUS)
    return Purchase(
        event_id=required_id("event_id", row.event_id or ""),
        customer_id=customer_id,
        occurred_at=_time(row),
        amount=_amount(order),
        currency=currency("currency", order.currency.upper()),
        kind=order.kind,
        order_id=identifier("transaction_id", order.order_id),
        product_id=identifier("product.id", order.product_id),
        campaign=identifier("campaign", order.campaign or row.mkt_campaign or ""),
    )


def _of_tracker(row: Row) -> _Order:
    return _Order(
        kind=PurchaseKind.COMPLETED,
        order_id=row.tr_orderid or "",
        amount=row.tr_total,
        currency=row.tr_currency or "",
    )


def _of_entities(found: Entities) -> _Order:
    if found.action is None:
        raise DecodeError(DeadLetterReason.UNSUPPORTED_VERSION, f"{ECOMMERCE}: only versions 1-*-* are known")
    kind = _ORDERS.get(found.action)
    if kind is None:
        raise IgnoredInput(IgnoredReason.NOT_RELEVANT)
    order = found.transaction if kind is PurchaseKind.COMPLETED else found.refund
    if order is None:
        raise invalid("contexts", f"no {found.action} of version 1-*-* in them")
    return _Order(
        kind=kind,
        order_id=order.transaction_id or "",
        amount=order.revenue if kind is PurchaseKind.COMPLETED else order.refund_amount,
        currency=order.currency or "",
        product_id=found.product_id,
        campaign=order.discount_code or "",
    )


def _amount(order: _Order) -> Decimal:
    if order.amount is not None:
        return Decimal(order.amount)
    if order.kind is PurchaseKind.COMPLETED or not order.order_id:
        raise invalid("revenue", "missing")
    return Decimal(0)  # what names the order it undoes needs no amount


def _time(row: Row) -> Micros:
    field = "derived_tstamp" if row.derived_tstamp else "collector_tstamp"
    try:
        moment = msgspec.convert(row.derived_tstamp or row.collector_tstamp or "", datetime)
    except msgspec.ValidationError:
        raise invalid(field, "not a time") from None
    return micros(field, moment if moment.tzinfo else moment.replace(tzinfo=UTC))  # columns name no zone
