"""JSON of topics that we write ourselves, but where anybody may have written too."""

from typing import TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from stream_app.codec.refusals import UNREADABLE, not_allowed, not_json
from stream_app.codec.wire import SCHEMA_VERSION
from stream_app.formats.errors import DeadLetterReason, DecodeError

_T = TypeVar("_T")


class _Version(Struct, frozen=True):
    schema_version: Raw = Raw()


_VERSIONS = Decoder(_Version)


def read_published(decoder: Decoder[_T], value: bytes | None) -> _T:
    """Return what a value says; fields of later versions are passed over. Raises DecodeError; nothing else."""
    if not value:
        raise DecodeError(DeadLetterReason.EMPTY, "no bytes")
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        raise _refusal(value, error) from None  # msgspec's own error may quote what it read
    except UNREADABLE as error:
        raise not_json(error) from None


def _refusal(value: bytes, error: msgspec.ValidationError) -> DecodeError:
    try:
        version = _VERSIONS.decode(value).schema_version
    except UNREADABLE:
        return DecodeError(DeadLetterReason.UNKNOWN_FORMAT, "not a JSON object")
    if version and bytes(version) != b"%d" % SCHEMA_VERSION:
        return DecodeError(DeadLetterReason.UNSUPPORTED_VERSION, f"schema_version: only {SCHEMA_VERSION} is known")
    return not_allowed(error)
