"""What a Snowplow event says, out of its columns or its JSON: the fields that are used, and the entities of an order.

One of the 131 columns may hold self-describing JSON; in the JSON form each entity has a key, made of its schema.
"""

from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct, field
from msgspec.json import Decoder

from stream_app.formats.errors import invalid
from stream_app.formats.money import Amount, NumberText, decode_amount

ECOMMERCE = "snowplow_ecommerce_action"

_TABS = 130
_TAB = b"\t"
_VENDOR = "com.snowplowanalytics.snowplow.ecommerce"
_PREFIX = "com_snowplowanalytics_snowplow_ecommerce"
COLUMNS = {
    "collector_tstamp": 3,
    "event": 5,
    "event_id": 6,
    "user_id": 12,
    "page_url": 29,
    "page_title": 30,
    "mkt_campaign": 51,
    "tr_orderid": 59,
    "useragent": 77,
    "tr_currency": 105,
    "derived_tstamp": 125,
    "event_name": 127,
}
_CONTEXTS, _SELF_DESCRIBING, _TOTAL = 52, 58, 61

_T = TypeVar("_T")


class Order(Struct, kw_only=True):
    """A transaction or a refund."""

    transaction_id: str | None = None
    revenue: Amount | None = None
    refund_amount: Amount | None = None
    currency: str | None = None
    discount_code: str | None = None


class Product(Struct, kw_only=True):
    """One of the products of an order."""

    id: str | int | None = None


class Action(Struct, kw_only=True):
    """What was done."""

    type: str


class Entities(Struct, kw_only=True):
    """What an e-commerce event is about; `action` is None if it is of an unknown version."""

    action: str | None
    transaction: Order | None
    refund: Order | None
    product_id: str


class _SelfDescribing(Struct, kw_only=True):
    schema: str
    data: Raw


class _Unstruct(Struct, kw_only=True):
    data: _SelfDescribing


class _Contexts(Struct, kw_only=True):
    data: list[_SelfDescribing]


class _Fields(Struct, kw_only=True):
    """What both forms have; each may be missing."""

    event: str | None = None
    event_name: str | None = None
    event_id: str | None = None
    user_id: str | None = None
    page_url: str | None = None
    page_title: str | None = None
    useragent: str | None = None
    mkt_campaign: str | None = None
    tr_orderid: str | None = None
    tr_currency: str | None = None
    tr_total: Amount | None = None
    derived_tstamp: str | None = None
    collector_tstamp: str | None = None


class Columns(_Fields, kw_only=True):
    """A line; two of its columns hold JSON, which is read if somebody asks for it."""

    unstruct_event: bytes = b""
    contexts: bytes = b""


def _key(kind: str, name: str) -> str:
    return f"{kind}_{_PREFIX}_{name}_1"


class Json(_Fields, kw_only=True):
    """A JSON object; each entity has a key of its own."""

    action: Action | None = field(name=_key("unstruct_event", ECOMMERCE), default=None)
    transactions: list[Order] | None = field(name=_key("contexts", "transaction"), default=None)
    refunds: list[Order] | None = field(name=_key("contexts", "refund"), default=None)
    products: list[Product] | None = field(name=_key("contexts", "product"), default=None)


Row: TypeAlias = Columns | Json


def _decoder(kind: type[_T]) -> "Decoder[_T]":
    return Decoder(kind, dec_hook=decode_amount, float_hook=NumberText)


_UNSTRUCT, _CONTEXTS_OF = Decoder(_Unstruct), Decoder(_Contexts)
_ACTIONS, _ORDERS, _PRODUCTS, _JSON = _decoder(Action), _decoder(Order), _decoder(Product), _decoder(Json)


def are_columns(value: bytes) -> bool:
    """Say whether a value has the columns of an enriched event."""
    return value.count(_TAB) == _TABS


def of_columns(value: bytes) -> Columns:
    """Return the fields of a line; raises DecodeError."""
    columns = value.split(_TAB)
    row = Columns(unstruct_event=columns[_SELF_DESCRIBING], contexts=columns[_CONTEXTS])
    for name, place in COLUMNS.items():
        setattr(row, name, _text(name, columns[place]))
    if columns[_TOTAL]:
        row.tr_total = _amount("tr_total", _text("tr_total", columns[_TOTAL]))
    return row


def of_json(value: bytes) -> Json:
    """Return the fields of a JSON object; raises one of msgspec's errors."""
    return _JSON.decode(value)


def entities_of(row: Row) -> Entities:
    """Return what an e-commerce event is about; raises DecodeError."""
    match row:
        case Json():
            actions = [row.action] if row.action else []
            return _entities(actions, row.transactions or [], row.refunds or [], row.products or [])
        case Columns():
            action = _decoded(_UNSTRUCT, row.unstruct_event, "unstruct_event").data
            found = _decoded(_CONTEXTS_OF, row.contexts, "contexts").data if row.contexts else []
            return _entities(
                _of_schema(ECOMMERCE, [action], _ACTIONS),
                _of_schema("transaction", found, _ORDERS),
                _of_schema("refund", found, _ORDERS),
                _of_schema("product", found, _PRODUCTS),
            )


def _text(name: str, column: bytes) -> str:
    try:
        return column.decode()
    except UnicodeDecodeError:
        raise invalid(name, "not UTF-8") from None


def _amount(name: str, text: str) -> Amount:
    try:
        return msgspec.convert(NumberText(text), Amount, dec_hook=decode_amount)
    except msgspec.ValidationError:
        raise invalid(name, "not an amount") from None


def _entities(
    actions: list[Action], transactions: list[Order], refunds: list[Order], products: list[Product]
) -> Entities:
    product = products[0].id if len(products) == 1 else None
    return Entities(
        action=actions[0].type if actions else None,
        transaction=transactions[0] if transactions else None,
        refund=refunds[0] if refunds else None,
        product_id="" if product is None else str(product),
    )


def _of_schema(name: str, found: list[_SelfDescribing], decoder: "Decoder[_T]") -> list[_T]:
    schema = f"iglu:{_VENDOR}/{name}/jsonschema/1-"
    return [_decoded(decoder, bytes(one.data), name) for one in found if one.schema.startswith(schema)]


def _decoded(decoder: "Decoder[_T]", raw: bytes, name: str) -> _T:
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise invalid(name, "not as Snowplow writes it") from None
