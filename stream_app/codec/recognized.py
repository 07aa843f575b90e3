"""Whose format a JSON object is in that is not the project's own, by a few fields that no other has."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import msgspec
from msgspec import Raw, Struct, field
from msgspec.json import Decoder

from stream_app.codec.refusals import UNREADABLE, not_allowed
from stream_app.codec.wire import SCHEMA_VERSION
from stream_app.core.events import Event
from stream_app.formats import ga4, marketo, segment, snowplow
from stream_app.formats.errors import DeadLetterReason, DecodeError

Reader: TypeAlias = Callable[[bytes], Event]


class Head(Struct, frozen=True, kw_only=True):
    """What tells whose format a message is in, and which version of ours; each as it is written, empty if missing."""

    specversion: Raw = Raw()
    collector_tstamp: Raw = Raw()
    type: Raw = Raw()
    event: Raw = Raw()
    event_params: Raw = Raw()
    event_timestamp: Raw = Raw()
    activity_type_id: Raw = field(name="activityTypeId", default=Raw())
    lead_id: Raw = field(name="leadId", default=Raw())
    schema_version: Raw = Raw()
    event_id: Raw = Raw()
    customer_id: Raw = Raw()


_HEADS = Decoder(Head)


def head_of(value: bytes) -> Head:
    """Return what tells the format; raises DecodeError for no object, and msgspec's errors for no JSON."""
    try:
        return _HEADS.decode(value)
    except msgspec.ValidationError:
        raise DecodeError(DeadLetterReason.UNKNOWN_FORMAT, "not a JSON object") from None


def reader_of(head: Head) -> Reader | None:
    """Return what reads a message with such a head, None for the project's own and for what nobody knows."""
    if head.collector_tstamp:
        return snowplow.read_json
    if head.event_id:
        return None
    kind = _text(head.type)
    if kind in segment.TYPES:
        return partial(segment.read, kind, _text(head.event))
    if head.event_params and head.event_timestamp:
        return ga4.read
    if head.activity_type_id and head.lead_id:
        return marketo.read
    return None


def why_not_ours(head: Head, error: msgspec.ValidationError) -> DecodeError:
    """Return why a message is neither ours, for which `error` was raised, nor anybody's whose format is known."""
    if head.schema_version and bytes(head.schema_version) != b"%d" % SCHEMA_VERSION:
        detail = f"schema_version: only {SCHEMA_VERSION} is known"
        return DecodeError(DeadLetterReason.UNSUPPORTED_VERSION, detail)
    if not (head.event_id or head.customer_id):
        detail = "neither the project's own format nor one of those that are recognised"
        return DecodeError(DeadLetterReason.UNKNOWN_FORMAT, detail)
    return not_allowed(error)


def _text(raw: Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except UNREADABLE:
        return ""
