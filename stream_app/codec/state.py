"""Customer state ↔ bytes: the value of the table, of its changelog and of the local store.

A value starts, in fixed width, with what is read without decoding the rest: one byte of format; its *fence*, for each
input topic the offset of the last event applied, −1 for none; and since format 2 when the customer is due. The rest is
MessagePack, as a zstd frame where it is long: since format 2 without a dictionary, since format 3 with one, which the
frame names. A site's record begins alike.

Whatever an older version wrote is read: tests/codec/golden holds values of each. A field that is only appended to what
MessagePack holds needs no new format, since what lacks it takes the default; anything else does, and a golden value.
"""

from collections.abc import Sequence
from importlib.resources import files
from struct import Struct as Layout

import msgspec
import zstandard

from stream_app.core.events import NEVER, Micros
from stream_app.core.site import Site
from stream_app.core.state import CustomerState
from stream_app.topics import InputTopic

FORMAT = 3
NOTHING_APPLIED = (-1,) * len(InputTopic)

AT_ONCE: Micros = 0
"""When somebody is due of whom nobody knows when: before everybody else."""

_HEADER = Layout(f">B{len(InputTopic)}qq")
_DUE = Layout(">q")
_OFFSET = Layout(">q")
_DUE_AT = _HEADER.size - _DUE.size
_WITH_DUE = (2, 3)  # formats with the header above
_HEADER_1 = Layout(">B4q")  # without the last topic, and nobody was ever due
_FENCE = Layout(f">{len(InputTopic)}q")  # behind the byte of format
_FENCE_1 = Layout(">4q")
_FRAME = b"\x28\xb5\x2f\xfd"  # how each zstd frame begins, and no array of MessagePack
_TOO_NEW = (
    "state has format {found}, this version reads up to {known}: go on with the version that wrote it, or build state "
    "anew: give detect another `group`, and as `alerts_from` the time at which that version stopped"
)
_LONG = 1_000  # bytes; what is shorter stays as it is: there a frame would cost more time than its room is worth
_LEVEL = 1  # the next ones cost more than they save
_DICTIONARY = zstandard.ZstdCompressionDict(files(__package__).joinpath("state-1.zdict").read_bytes())
_DICTIONARY.precompute_compress(level=_LEVEL)
_compress = zstandard.ZstdCompressor(level=_LEVEL, dict_data=_DICTIONARY).compress
_decompress = zstandard.ZstdDecompressor(dict_data=_DICTIONARY).decompress  # a frame without one is read as well
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CustomerState).decode
_decode_site = msgspec.msgpack.Decoder(Site).decode


class StateFormatError(Exception):
    """The value was written by a newer version of the program; the text says what to do."""


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


def encode_read(positions: Sequence[int]) -> bytes:
    """Return the value that says how far topics were read: a head alone, its fence what was read last."""
    return _HEADER.pack(FORMAT, *(position - 1 for position in positions), NEVER)


def decode_read(raw: bytes | None) -> list[int]:
    """Return how far topics were read; raises as `decode_state` does."""
    return [last + 1 for last in (NOTHING_APPLIED if raw is None else fence_of(raw))]


def fence_of(raw: bytes) -> list[int]:
    """Return the fence of a value, the rest undecoded; raises StateFormatError."""
    if raw[0] in _WITH_DUE:
        return [*_FENCE.unpack_from(raw, 1)]
    if raw[0] == 1:
        return [*_FENCE_1.unpack_from(raw, 1), -1]
    raise StateFormatError(_TOO_NEW.format(found=raw[0], known=FORMAT))


def nothing_applied_of(topic: InputTopic, raw: bytes) -> bytes:
    """Return a value with nothing of this topic in its fence, the rest as it was; raises StateFormatError."""
    lane, applied = tuple(InputTopic).index(topic), fence_of(raw)
    if applied[lane] < 0:
        return raw
    changed = bytearray(raw)
    _OFFSET.pack_into(changed, 1 + lane * _OFFSET.size, -1)
    return bytes(changed)


def due_of(raw: bytes) -> Micros:
    """Return when the customer of a value is due, the rest undecoded."""
    if raw[0] not in _WITH_DUE:  # one that cannot be read says so as soon as its turn comes
        return AT_ONCE
    due: Micros = _DUE.unpack_from(raw, _DUE_AT)[0]
    return due


def _packed(raw: bytes) -> bytes:
    return raw if len(raw) < _LONG else _compress(raw)


def _unpacked(raw: bytes) -> bytes:
    return _decompress(raw) if raw.startswith(_FRAME) else raw


def _split(raw: bytes) -> tuple[list[int], bytes]:
    fence = fence_of(raw)
    if raw[0] == 1:
        return fence, raw[_HEADER_1.size :]
    return fence, _unpacked(raw[_HEADER.size :])
