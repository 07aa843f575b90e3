"""Bytes of the input topics to events: our own JSON by topic, Segment's recognised message by message."""

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from stream_app.codec.own import READERS
from stream_app.codec.refusals import UNREADABLE, not_allowed, not_json, right_size
from stream_app.codec.wire import SCHEMA_VERSION
from stream_app.core.events import CustomerProfile, Event
from stream_app.formats import segment
from stream_app.formats.errors import DeadLetterReason, DecodeError, IgnoredInput, IgnoredReason, invalid
from stream_app.formats.limits import not_ahead, required_id
from stream_app.topics import InputTopic

__all__ = ["DeadLetterReason", "DecodeError", "IgnoredInput", "IgnoredReason", "decode", "decode_value"]


class _Head(Struct, frozen=True, kw_only=True):
    """What tells whose format a message is in, and which version of ours."""

    type: Raw = Raw()
    event: Raw = Raw()
    schema_version: Raw = Raw()
    event_id: Raw = Raw()
    customer_id: Raw = Raw()


_HEADS = Decoder(_Head)


def decode(topic: InputTopic, key: bytes | None, value: bytes | None, timestamp_ms: int) -> Event:
    """Return the event of one record; `timestamp_ms` is the record's (negative: unknown).

    Raises DecodeError for a dead letter and IgnoredInput for what is sound but not ours; nothing else, for any bytes.
    """
    if value is None:
        return _tombstone(topic, key, timestamp_ms)
    event = decode_value(topic, value, timestamp_ms)
    customer_id = event.customer_id
    if customer_id and customer_id.encode() != key:
        raise DecodeError(DeadLetterReason.KEY_MISMATCH, "customer_id: not the record's key")
    return event


def decode_value(topic: InputTopic, value: bytes, timestamp_ms: int) -> Event:
    """Return the event of a value that has no key, such as a line of a file; raises as `decode` does."""
    right_size(value)
    try:
        event = READERS[topic](value)
    except msgspec.ValidationError as error:
        try:
            event = _of_another_format(value, error)
        except (DecodeError, IgnoredInput) as other:
            raise other from None  # msgspec's own error may quote what it read, and a log may print it
    except UNREADABLE as error:
        raise not_json(error) from None
    not_ahead(event.occurred_at, timestamp_ms)
    return event


def _tombstone(topic: InputTopic, key: bytes | None, timestamp_ms: int) -> CustomerProfile:
    if topic is not InputTopic.CUSTOMERS:
        raise DecodeError(DeadLetterReason.EMPTY, "no value")
    if key is None:
        raise DecodeError(DeadLetterReason.KEY_MISMATCH, "a record without key or value names no customer")
    try:
        customer_id = required_id("key", key.decode())
    except UnicodeDecodeError:
        raise invalid("key", "not UTF-8") from None
    return CustomerProfile(customer_id=customer_id, occurred_at=max(timestamp_ms, 0) * 1_000, profile=None)


def _of_another_format(value: bytes, error: msgspec.ValidationError) -> Event:
    """Return the event of a message that is not ours, or say why it is not ours either."""
    head = _head(value)
    kind = "" if head.event_id else _text(head.type)
    if kind not in segment.TYPES:
        raise _why_not_ours(head, error) from None
    try:
        return segment.read(kind, _text(head.event), value)
    except msgspec.ValidationError as other:
        raise not_allowed(other) from None
    except UNREADABLE as other:
        raise not_json(other) from None


def _head(value: bytes) -> _Head:
    try:
        return _HEADS.decode(value)
    except msgspec.ValidationError:
        raise DecodeError(DeadLetterReason.UNKNOWN_FORMAT, "not a JSON object") from None
    except UNREADABLE as error:
        raise not_json(error) from None


def _text(raw: Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except UNREADABLE:
        return ""


def _why_not_ours(head: _Head, error: msgspec.ValidationError) -> DecodeError:
    if head.schema_version and bytes(head.schema_version) != b"%d" % SCHEMA_VERSION:
        detail = f"schema_version: only {SCHEMA_VERSION} is known"
        return DecodeError(DeadLetterReason.UNSUPPORTED_VERSION, detail)
    if not (head.event_id or head.customer_id):
        detail = "neither the project's own format nor Segment's"
        return DecodeError(DeadLetterReason.UNKNOWN_FORMAT, detail)
    return not_allowed(error)
