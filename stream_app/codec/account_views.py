"""Views that concern a whole account: what detect tells notify of them."""

import orjson
from msgspec.json import Decoder

from stream_app.codec.alert_wire import WireAccountView
from stream_app.codec.outputs import filled, time_text
from stream_app.codec.published import read_published
from stream_app.codec.wire import SCHEMA_VERSION
from stream_app.core.alerts import AccountView
from stream_app.formats.limits import MAX_TEXT, clean, identifier, micros

_ACCOUNT_VIEWS = Decoder(WireAccountView)


def encode_account_view(view: AccountView) -> bytes:
    """Return the JSON of such a view; its record's key is the account id."""
    fields = {
        "account_id": view.account_id,
        "account_name": view.account_name,
        "customer_id": view.customer_id,
        "name": view.name,
        "category": view.category,
        "occurred_at": time_text(view.occurred_at),
        "event_id": view.event_id,
    }
    return orjson.dumps({**filled(fields), "schema_version": SCHEMA_VERSION})


def decode_account_view(value: bytes | None) -> AccountView:
    """Return the view that a value of `account-views` tells; fields of later versions are passed over.

    Raises DecodeError; nothing else, for any bytes.
    """
    wire = read_published(_ACCOUNT_VIEWS, value)
    return AccountView(
        account_id=identifier("account_id", wire.account_id),
        account_name=_text(wire.account_name),
        customer_id=identifier("customer_id", wire.customer_id),
        name=_text(wire.name),
        category=wire.category,
        occurred_at=micros("occurred_at", wire.occurred_at),
        event_id=identifier("event_id", wire.event_id),
    )


def _text(text: str | None) -> str:
    return clean(text, MAX_TEXT) if text else ""
