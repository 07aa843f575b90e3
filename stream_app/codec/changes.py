"""What changed: an alert is over, a customer moved from one cell to another."""

import orjson
from msgspec.json import Decoder

from stream_app.codec.alert_wire import WireResolution
from stream_app.codec.alerts import whose
from stream_app.codec.outputs import filled, optional_time, plain_number, time_text
from stream_app.codec.published import read_published
from stream_app.codec.wire import SCHEMA_VERSION
from stream_app.core.alerts import Resolution, SegmentChange
from stream_app.core.events import Micros
from stream_app.formats.limits import identifier, micros

_RESOLUTIONS = Decoder(WireResolution)


def encode_resolution(resolution: Resolution, detected_at: Micros | None) -> bytes:
    """Return the JSON of the end of an alert; its record's key is `alert_key`."""
    fields = {
        "alert_id": resolution.alert_id,
        "intent": resolution.intent,
        "rule_id": resolution.rule_id,
        "customer_id": resolution.customer_id,
        "account_id": resolution.account_id,
        "event_id": resolution.event_id,
        "occurred_at": time_text(resolution.occurred_at),
        "detected_at": optional_time(detected_at),
        "reason": resolution.reason,
    }
    return orjson.dumps({**filled(fields), "schema_version": SCHEMA_VERSION})


def decode_resolution(value: bytes | None) -> Resolution:
    """Return the end of an alert that a value of `alert-resolutions` tells; fields of later versions are passed over.

    Raises DecodeError; nothing else, for any bytes.
    """
    wire = read_published(_RESOLUTIONS, value)
    return Resolution(
        alert_id=wire.alert_id,
        intent=wire.intent,
        rule_id=identifier("rule_id", wire.rule_id),
        customer_id=whose(wire.intent, wire.customer_id),
        account_id=identifier("account_id", wire.account_id or ""),
        event_id=identifier("event_id", wire.event_id or ""),
        occurred_at=micros("occurred_at", wire.occurred_at),
        reason=wire.reason,
    )


def encode_segment_change(change: SegmentChange, detected_at: Micros | None) -> bytes:
    """Return the JSON of a customer's move from one cell to another; its record's key is the customer id."""
    fields = {
        "customer_id": change.customer_id,
        "account_id": change.account_id,
        "event_id": change.event_id,
        "occurred_at": time_text(change.occurred_at),
        "detected_at": optional_time(detected_at),
        "before": change.before,
        "after": change.after,
        "lifetime_value": plain_number(change.lifetime_value),
        "currency": change.currency,
        "nps": change.nps,
    }
    return orjson.dumps({**filled(fields), "schema_version": SCHEMA_VERSION})
