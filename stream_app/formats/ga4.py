"""Rows of Google Analytics 4's export to BigQuery, as JSON: page views, purchases and refunds, the rest is not ours.

A row has no id: one is made of what tells rows apart. `user_pseudo_id` is a browser, nobody the company knows: such a
view is anonymous. Times are microseconds; whole numbers may be texts, as BigQuery writes them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

import msgspec
from msgspec import Struct
from msgspec.json import Decoder

from stream_app.core.events import Micros, PageView, Purchase, PurchaseKind
from stream_app.formats.errors import IgnoredInput, IgnoredReason, invalid
from stream_app.formats.limits import MAX_TEXT, clean, identifier, made_id, web_address, within_years
from stream_app.formats.money import Amount, NumberText, currency, decode_amount

_ORDERS = {"purchase": PurchaseKind.COMPLETED, "refund": PurchaseKind.REFUNDED}
_PAGE_VIEW = "page_view"
_NOT_SET = "(not set)"
_LONGEST_NUMBER = 18

_Whole: TypeAlias = int | str | None


class _Value(Struct, kw_only=True):
    string_value: str | None = None
    int_value: _Whole = None
    float_value: Amount | None = None
    double_value: Amount | None = None


class _Parameter(Struct, kw_only=True):
    key: str | None = None
    value: _Value | None = None


class _Ecommerce(Struct, kw_only=True):
    transaction_id: str | None = None
    purchase_revenue: Amount | None = None
    refund_value: Amount | None = None


class _Item(Struct, kw_only=True):
    item_id: str | None = None


class _Source(Struct, kw_only=True):
    manual_campaign_name: str | None = None


class _Row(Struct, kw_only=True):
    event_name: str
    event_timestamp: _Whole
    event_params: list[_Parameter]
    user_id: str | None = None
    user_pseudo_id: str | None = None
    event_bundle_sequence_id: _Whole = None
    batch_event_index: _Whole = None
    ecommerce: _Ecommerce | None = None
    items: list[_Item] | None = None
    collected_traffic_source: _Source | None = None


class _Name(Struct, kw_only=True):
    event_name: str


_NAMES = Decoder(_Name)
_ROWS = Decoder(_Row, dec_hook=decode_amount, float_hook=NumberText)


def read(value: bytes) -> PageView | Purchase:
    """Return the event of a row.

    Raises IgnoredInput for all but views and orders, DecodeError or one of msgspec's errors for a broken row.
    """
    name = _NAMES.decode(value).event_name
    kind = _ORDERS.get(name)
    if kind is None and name != _PAGE_VIEW:
        raise IgnoredInput(IgnoredReason.NOT_RELEVANT)
    row = _ROWS.decode(value)
    said = {one.key: one.value for one in row.event_params if one.key and one.value}
    return _page_view(row, said) if kind is None else _purchase(kind, row, said)


def _page_view(row: _Row, said: Mapping[str, _Value]) -> PageView:
    return PageView(
        event_id=_event_id(row),
        customer_id=identifier("user_id", row.user_id or ""),
        occurred_at=_time(row),
        url=web_address("event_params.page_location", _text(said, "page_location")),
        title=clean(_text(said, "page_title"), MAX_TEXT),
    )


def _purchase(kind: PurchaseKind, row: _Row, said: Mapping[str, _Value]) -> Purchase:
    customer_id = identifier("user_id", row.user_id or "")
    if not customer_id:
        raise IgnoredInput(IgnoredReason.ANONYMOUS)
    order = row.ecommerce or _Ecommerce()
    order_id = identifier("ecommerce.transaction_id", _set(order.transaction_id) or _text(said, "transaction_id"))
    return Purchase(
        event_id=_event_id(row),
        customer_id=customer_id,
        occurred_at=_time(row),
        amount=_amount(kind, order, said, order_id),
        currency=currency("event_params.currency", _text(said, "currency").upper()),
        kind=kind,
        order_id=order_id,
        product_id=identifier("items.item_id", _product(row)),
        campaign=identifier("event_params.coupon", _text(said, "coupon") or _campaign(row)),
    )


def _event_id(row: _Row) -> str:
    parts = (row.user_pseudo_id, row.event_timestamp, row.event_name, row.event_bundle_sequence_id)
    return made_id(*("" if part is None else str(part) for part in (*parts, row.batch_event_index)))


def _time(row: _Row) -> Micros:
    text = str(row.event_timestamp)
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise invalid("event_timestamp", "not microseconds since 1970")
    return within_years("event_timestamp", int(text))


def _amount(kind: PurchaseKind, order: _Ecommerce, said: Mapping[str, _Value], order_id: str) -> Decimal:
    amount = order.purchase_revenue if kind is PurchaseKind.COMPLETED else order.refund_value
    if amount is None and "value" in said:
        amount = _number(said["value"])
    if amount is not None:
        return Decimal(amount)
    if kind is PurchaseKind.COMPLETED or not order_id:
        raise invalid("ecommerce", "no amount, and none in event_params.value")
    return Decimal(0)  # what names the order it undoes needs no amount


def _number(value: _Value) -> Amount | None:
    if value.int_value is None:
        return value.double_value if value.double_value is not None else value.float_value
    try:
        return msgspec.convert(value.int_value, Amount, dec_hook=decode_amount)
    except msgspec.ValidationError:
        raise invalid("event_params.value", "not an amount") from None


def _product(row: _Row) -> str:
    return _set(row.items[0].item_id) if row.items and len(row.items) == 1 else ""


def _campaign(row: _Row) -> str:
    source = row.collected_traffic_source
    return _set(source.manual_campaign_name) if source else ""


def _text(said: Mapping[str, _Value], key: str) -> str:
    return _set(said[key].string_value) if key in said else ""


def _set(text: str | None) -> str:
    return "" if text is None or text == _NOT_SET else text
