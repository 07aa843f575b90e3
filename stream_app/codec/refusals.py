"""Why a value cannot be read, as an error that never holds what the value said."""

import re

import msgspec

from stream_app.formats.errors import DeadLetterReason, DecodeError
from stream_app.formats.limits import MAX_VALUE_BYTES

# The three families of errors that msgspec's decoder raises, ValidationError being one of the first.
UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def right_size(value: bytes) -> None:
    """Raise DecodeError for no bytes, or more than are taken."""
    if not value:
        raise DecodeError(DeadLetterReason.EMPTY, "no bytes")
    if len(value) > MAX_VALUE_BYTES:
        raise DecodeError(DeadLetterReason.TOO_BIG, f"longer than {MAX_VALUE_BYTES} bytes")


def not_allowed(error: msgspec.ValidationError) -> DecodeError:
    """Return the error for JSON in which a field is not as it must be."""
    # Of all of msgspec's messages only these two, of an enum and of a tag, quote what was read.
    detail = re.sub(r"^Invalid (?:enum )?value .*(?=( - at `[^`]*`)$)", "Not an allowed value", str(error), flags=re.S)
    return DecodeError(DeadLetterReason.INVALID, detail)


def not_json(error: Exception) -> DecodeError:
    """Return the error for what is no JSON that can be read."""
    match error:
        case RecursionError():
            detail = "nested too deeply"
        case UnicodeDecodeError():
            detail = "not UTF-8"
        case _:
            detail = str(error)
    return DecodeError(DeadLetterReason.NOT_JSON, detail)
