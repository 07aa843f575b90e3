"""CloudEvents 1.0 in both of Kafka's modes: an envelope around what the project's own format says of an event.

The envelope tells who sent it, its id and when it happened; customer, page and money stand in `data`. The event's id is
made of source and id, which together are unique. `subject` is the customer only where `data` has no `customer_id`.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from stream_app.formats.errors import DeadLetterReason, DecodeError, IgnoredInput, IgnoredReason, invalid
from stream_app.formats.limits import MAX_ID, made_id

_VERSION = "1.0"
_STRUCTURED = b"application/cloudevents"
_STRUCTURED_JSON = "application/cloudevents+json"
_CONTENT_TYPE = "content-type"
_REQUIRED = ("id", "source", "type")


class Envelope(Struct, frozen=True, kw_only=True):
    """What is said of an event outside of its data."""

    source: str
    id: str
    time: str = ""
    subject: str = ""


class _Structured(Struct, kw_only=True):
    specversion: str = ""
    id: str = ""
    source: str = ""
    type: str = ""
    time: str | None = None
    subject: str | None = None
    datacontenttype: str | None = None
    data: Raw = Raw(b"null")
    data_base64: bytes | None = None


_EVENTS = Decoder(_Structured)
_FIELDS = Decoder(dict[str, Raw])
_NOTHING = b"null"


def envelope_of(headers: Iterable[tuple[str, bytes | None]]) -> Envelope | None:
    """Return the envelope that a record's headers are (binary mode); None if they are none, or it is in the value.

    Raises DecodeError for a broken one, and for content that is not JSON.
    """
    said = {name.lower(): value or b"" for name, value in headers}
    structured = said.get(_CONTENT_TYPE, b"").lstrip().lower().startswith(_STRUCTURED)
    if not structured and "ce_specversion" not in said:
        return None  # headers of other programs, such as a tracer's, must cost little
    content_type = _text(said, _CONTENT_TYPE)
    if structured:
        _one_as_json(content_type)
        return None
    _known_version(_text(said, "ce_specversion"))
    _json_data(_CONTENT_TYPE, content_type)
    for name in _REQUIRED:
        if not said.get(f"ce_{name}"):
            raise invalid(f"ce_{name}", "missing")
    source, own_id, time, subject = (_text(said, f"ce_{name}") for name in ("source", "id", "time", "subject"))
    return Envelope(source=source, id=own_id, time=time, subject=subject)


def opened(value: bytes) -> tuple[Envelope, bytes]:
    """Return envelope and data of an event that is one JSON object (structured mode).

    Raises IgnoredInput if it has no data, DecodeError or one of msgspec's errors for a broken one.
    """
    event = _EVENTS.decode(value)
    _known_version(event.specversion)
    _json_data("datacontenttype", event.datacontenttype or "")
    for name in _REQUIRED:
        if not getattr(event, name):
            raise invalid(name, "missing")
    data = bytes(event.data) if event.data_base64 is None else event.data_base64
    envelope = Envelope(source=event.source, id=event.id, time=event.time or "", subject=event.subject or "")
    return envelope, data


def whole(envelope: Envelope, data: bytes) -> bytes:
    """Return the event as the project's own format has it.

    Raises IgnoredInput for no data, DecodeError or one of msgspec's errors for what is no JSON object.
    """
    if data == _NOTHING:
        raise IgnoredInput(IgnoredReason.NOT_RELEVANT)
    fields: dict[str, object] = dict(_fields(data))
    fields["event_id"] = _event_id(envelope)
    if envelope.time:
        fields["occurred_at"] = envelope.time
    if envelope.subject:
        fields.setdefault("customer_id", envelope.subject)
    return msgspec.json.encode(fields)


def _fields(data: bytes) -> dict[str, Raw]:
    try:
        return _FIELDS.decode(data)
    except msgspec.ValidationError:
        raise invalid("data", "not a JSON object") from None


def _event_id(envelope: Envelope) -> str:
    # A source has no space in it, so that two pairs never look alike.
    event_id = f"{envelope.source} {envelope.id}"
    return event_id if len(event_id) <= MAX_ID else made_id(envelope.source, envelope.id)


def _known_version(version: str) -> None:
    if version != _VERSION:
        raise DecodeError(DeadLetterReason.UNSUPPORTED_VERSION, f"specversion: only {_VERSION} is known")


def _one_as_json(content_type: str) -> None:
    if _media_type(content_type) != _STRUCTURED_JSON:
        detail = f"{_CONTENT_TYPE}: of structured CloudEvents only JSON is read, one event a record"
        raise DecodeError(DeadLetterReason.UNKNOWN_FORMAT, detail)


def _json_data(field: str, content_type: str) -> None:
    media_type = _media_type(content_type)
    if media_type and not media_type.endswith(("/json", "+json")):
        raise DecodeError(DeadLetterReason.UNKNOWN_FORMAT, f"{field}: of CloudEvents only JSON data is read")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _text(said: dict[str, bytes], name: str) -> str:
    try:
        return said.get(name, b"").decode()
    except UnicodeDecodeError:
        raise invalid(name, "not UTF-8") from None
