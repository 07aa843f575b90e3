"""The frame of a schema registry's serializers: a zero byte and four of the schema's number before the value.

No registry is asked: what a schema promises is checked as for any other value.
"""

from stream_app.formats.errors import DeadLetterReason, DecodeError

MAGIC = 0
_HEAD = 5


def unframed(value: bytes) -> bytes:
    """Return the JSON in a frame; raises DecodeError for any other content."""
    payload = value[_HEAD:].lstrip()
    if not payload.startswith(b"{"):
        detail = "a schema registry's frame without a JSON object in it; Avro and Protobuf are not read"
        raise DecodeError(DeadLetterReason.UNKNOWN_FORMAT, detail)
    return payload
