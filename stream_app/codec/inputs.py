"""Bytes of the input topics to events: our own JSON by topic, other people's formats recognised record by record."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from stream_app.codec.own import READERS
from stream_app.codec.recognized import head_of, reader_of, why_not_ours
from stream_app.codec.refusals import UNREADABLE, not_allowed, not_json, right_size
from stream_app.core.events import CustomerProfile, Event
from stream_app.formats import cloudevents, confluent, snowplow
from stream_app.formats.errors import DeadLetterReason, DecodeError, IgnoredInput, IgnoredReason, invalid
from stream_app.formats.limits import not_ahead, required_id
from stream_app.topics import InputTopic

__all__ = ["DeadLetterReason", "DecodeError", "Headers", "IgnoredInput", "IgnoredReason", "decode", "decode_value"]

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]

_BRACE = ord("{")


def decode(
    topic: InputTopic, key: bytes | None, value: bytes | None, timestamp_ms: int, headers: Headers = ()
) -> Event:
    """Return the event of one record; `timestamp_ms` is the record's (negative: unknown).

    Raises DecodeError for a dead letter and IgnoredInput for what is sound but not ours; nothing else, for any bytes.
    """
    if value is None:
        return _tombstone(topic, key, timestamp_ms, headers)
    event = decode_value(topic, value, timestamp_ms, headers)
    customer_id = event.customer_id
    if customer_id and customer_id.encode() != key:
        raise DecodeError(DeadLetterReason.KEY_MISMATCH, "customer_id: not the record's key")
    return event


def decode_value(topic: InputTopic, value: bytes, timestamp_ms: int, headers: Headers = ()) -> Event:
    """Return the event of a value that has no key, such as a line of a file; raises as `decode` does."""
    right_size(value)
    try:
        event = _event(topic, value, headers)
    except (DecodeError, IgnoredInput) as error:
        raise error from None  # what it came from may quote what was read, and a log may print it
    except msgspec.ValidationError as error:
        raise not_allowed(error) from None
    except UNREADABLE as error:
        raise not_json(error) from None
    not_ahead(event.occurred_at, timestamp_ms)
    return event


def _tombstone(topic: InputTopic, key: bytes | None, timestamp_ms: int, headers: Headers) -> CustomerProfile:
    if topic is not InputTopic.CUSTOMERS:
        if cloudevents.envelope_of(headers):
            raise IgnoredInput(IgnoredReason.NOT_RELEVANT)  # a CloudEvent may be without data
        raise DecodeError(DeadLetterReason.EMPTY, "no value")
    if key is None:
        raise DecodeError(DeadLetterReason.KEY_MISMATCH, "a record without key or value names no customer")
    try:
        customer_id = required_id("key", key.decode())
    except UnicodeDecodeError:
        raise invalid("key", "not UTF-8") from None
    return CustomerProfile(customer_id=customer_id, occurred_at=max(timestamp_ms, 0) * 1_000, profile=None)


def _event(topic: InputTopic, value: bytes, headers: Headers) -> Event:
    # Nearly all records have no headers and begin with a brace: they must not pay for those that do not.
    if headers and (envelope := cloudevents.envelope_of(headers)):
        return _enveloped(topic, envelope, value)
    if value[0] != _BRACE:
        if value[0] == confluent.MAGIC:
            value = confluent.unframed(value)
        elif snowplow.are_columns(value):
            return snowplow.read_columns(value)
    return _of_json(topic, value)


def _of_json(topic: InputTopic, value: bytes) -> Event:
    try:
        return READERS[topic](value)
    except msgspec.ValidationError as error:
        head = head_of(value)
        if head.specversion and not head.event_id:
            return _enveloped(topic, *cloudevents.opened(value))
        if (read := reader_of(head)) is None:
            raise why_not_ours(head, error) from None
        return read(value)


def _enveloped(topic: InputTopic, envelope: cloudevents.Envelope, data: bytes) -> Event:
    framed = data.startswith(b"%c" % confluent.MAGIC)
    value = cloudevents.whole(envelope, confluent.unframed(data) if framed else data)
    try:
        return READERS[topic](value)
    except msgspec.ValidationError as error:
        raise why_not_ours(head_of(value), error) from None
