"""Customer state ↔ bytes: the value of the table, of its changelog and of the local store.

A value starts, in fixed width, with what is read without decoding the rest: one byte of format; its *fence*, for each
input topic the offset of the last event applied, −1 for none; and since format 2 when the customer is due. The rest is
MessagePack, since format 2 as a zstd frame where it is long. A site's record begins alike.
"""

from collections.abc import Sequence
from struct import Struct as Layout

import msgspec
from cramjam import zstd

from stream_app.core.events import Micros
from stream_app.core.site import Site
from stream_app.core.state import CustomerState
from stream_app.topics import InputTopic

FORMAT = 2
NOTHING_APPLIED = (-1,) * len(InputTopic)

AT_ONCE: Micros = 0
"""When somebody is due of whom nobody knows when: before everybody else."""

_HEADER = Layout(f">B{len(InputTopic)}qq")
_DUE = Layout(">q")
_DUE_AT = _HEADER.size - _DUE.size
_HEADER_1 = Layout(">B4q")  # without the last topic, and nobody was ever due
_FRAME = b"\x28\xb5\x2f\xfd"  # how each zstd frame begins, and no array of MessagePack
_LONG = 3_000  # bytes; what is shorter may stay as it is, and most customers do
_LEVEL = 1  # the next ones cost more than they save
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CustomerState).decode
_decode_site = msgspec.msgpack.Decoder(Site).decode


class StateFormatError(Exception):
    """The value was written by another version of the program; the text says what to do."""


def encode_state(fence: Sequence[int], state: CustomerState, due: Micros | None = None) -> bytes:
    """Return the value for a customer whose events up to `fence` (by input topic) are in `state`.

    `due` is when the customer is to be looked at, where that is not when the state asks to be.
    """
    return _HEADER.pack(FORMAT, *fence, state.due if due is None else due) + _packed(_encode(state))


def decode_state(raw: bytes) -> tuple[list[int], CustomerState]:
    """Return fence and state; raises StateFormatError for a format that this version does not read."""
    fence, rest = _split(raw)
    return fence, _decode(rest)


def encode_site(fence: Sequence[int], site: Site) -> bytes:
    """Return the value for a site in which events up to `fence` are counted."""
    return _HEADER.pack(FORMAT, *fence, AT_ONCE) + _packed(_encode(site))


def decode_site(raw: bytes) -> tuple[list[int], Site]:
    """Return fence and site; raises as `decode_state` does."""
    fence, rest = _split(raw)
    return fence, _decode_site(rest)


def due_of(raw: bytes) -> Micros:
    """Return when the customer of a value is due, the rest undecoded."""
    if raw[0] != FORMAT:  # one that cannot be read says so as soon as its turn comes
        return AT_ONCE
    due: Micros = _DUE.unpack_from(raw, _DUE_AT)[0]
    return due


def _packed(raw: bytes) -> bytes:
    return raw if len(raw) < _LONG else bytes(zstd.compress(raw, level=_LEVEL))


def _unpacked(raw: bytes) -> bytes:
    return bytes(zstd.decompress(raw)) if raw.startswith(_FRAME) else raw


def _split(raw: bytes) -> tuple[list[int], bytes]:
    match raw[0]:
        case 1:
            return [*_HEADER_1.unpack_from(raw)[1:], -1], raw[_HEADER_1.size :]
        case 2:
            return [*_HEADER.unpack_from(raw)[1:-1]], _unpacked(raw[_HEADER.size :])
    raise StateFormatError(
        f"state has format {raw[0]}, this version reads up to {FORMAT}: run the version that wrote it, "
        "or delete the changelog topic and let state be built anew"
    )
