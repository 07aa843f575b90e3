"""Erasures ↔ bytes: the records of `erasures`, and the same as lines of a file."""

from collections.abc import Iterable
from typing import Annotated

import orjson
from msgspec import Meta, Struct
from msgspec.json import Decoder

from stream_app.codec.outputs import time_text
from stream_app.codec.published import read_published
from stream_app.codec.wire import SCHEMA_VERSION, Moment, Version, like
from stream_app.core.erasure import Erasure, Erasures
from stream_app.formats.errors import DeadLetterReason, DecodeError
from stream_app.formats.limits import micros
from stream_app.topics import RECORDED

_HASH = "[0-9a-f]{32}"
_TOPICS = "|".join(RECORDED)

Offsets = dict[Annotated[str, like("[0-9]{1,10}")], Annotated[int, Meta(ge=0)]]


class WireErasure(Struct, frozen=True, kw_only=True):
    """A customer who was erased, named by a hash alone: blake2b of the id, 16 bytes, with this salt."""

    hash: Annotated[str, like(_HASH)]
    salt: Annotated[str, like(_HASH)]
    erased_at: Annotated[Moment, Meta(description="When it was said on `customers`.")]
    upto: Annotated[
        dict[Annotated[str, like(_TOPICS)], Offsets],
        Meta(description="Input topic → partition → the last offset that is erased."),
    ]
    schema_version: Version


class ErasuresError(Exception):
    """Who was erased cannot be told: nothing may be judged, or the person comes back; the text says what to do."""


_MEND = "make it void with a null value for its key, and erase again who was erased"
_ERASURES = Decoder(WireErasure)


def erasure_key(erasure: Erasure) -> bytes:
    """Return the key of an erasure's record."""
    return erasure.hash.encode()


def encode_erasure(erasure: Erasure) -> bytes:
    """Return the JSON of an erasure."""
    fields = {
        "hash": erasure.hash,
        "salt": erasure.salt,
        "erased_at": time_text(erasure.erased_at),
        "upto": {topic: {str(n): upto for n, upto in offsets.items()} for topic, offsets in erasure.upto.items()},
        "schema_version": SCHEMA_VERSION,
    }
    return orjson.dumps(fields)


def decode_erasure(value: bytes, where: str) -> Erasure:
    """Return what a value of `erasures` says; `where` it stands is for the error's text.

    Raises:
        ErasuresError: it is damaged, or of a newer version.
    """
    try:
        wire = read_published(_ERASURES, value)
        at = micros("erased_at", wire.erased_at)
    except DecodeError as error:
        newer = error.reason is DeadLetterReason.UNSUPPORTED_VERSION
        todo = "go on with the version that wrote it" if newer else _MEND
        raise ErasuresError(f"{where}: an erasure cannot be read ({error.reason}: {error.detail}); {todo}") from None
    upto = {topic: {int(n): offset for n, offset in offsets.items()} for topic, offsets in wire.upto.items()}
    return Erasure(hash=wire.hash, salt=wire.salt, erased_at=at, upto=upto)


def collected(records: Iterable[tuple[bytes | None, bytes | None]], where: str) -> Erasures:
    """Return who was erased by the records (key, value) of `erasures`, in their order; raises ErasuresError.

    Records of a key add to each other: one that says less came from a worker that knew less. A null value makes void
    what stood before it.
    """
    found: dict[bytes, list[bytes]] = {}
    for key, value in records:
        if key is None:
            raise ErasuresError(f"{where}: a record without a key stands there, which is no erasure; take it away")
        if value is None:
            found.pop(key, None)
        else:
            found.setdefault(key, []).append(value)
    return Erasures(_of_key(key, value, where) for key, values in found.items() for value in values)


def _of_key(key: bytes, value: bytes, where: str) -> Erasure:
    erasure = decode_erasure(value, where)
    if erasure_key(erasure) != key:
        raise ErasuresError(f"{where}: an erasure is damaged, its hash is not its key; {_MEND}")
    return erasure
