"""Customer state ↔ bytes: the value of the table, of its changelog and of the local store.

A value starts with its format and its *fence*, in fixed width, so that both can be read without decoding the rest:
one byte of format, then for each input topic the offset of the last event applied, −1 for none.
"""

from collections.abc import Sequence
from struct import Struct as Layout

import msgspec

from stream_app.core.state import CustomerState
from stream_app.topics import InputTopic

FORMAT = 1
NOTHING_APPLIED = (-1,) * len(InputTopic)

_HEADER = Layout(f">B{len(InputTopic)}q")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CustomerState).decode


class StateFormatError(Exception):
    """The value was written by another version of the program; the text says what to do."""


def encode_state(fence: Sequence[int], state: CustomerState) -> bytes:
    """Return the value for a customer whose events up to `fence` (by input topic) are in `state`."""
    return _HEADER.pack(FORMAT, *fence) + _encode(state)


def decode_state(raw: bytes) -> tuple[list[int], CustomerState]:
    """Return fence and state.

    Raises:
        StateFormatError: the format is not one that this version reads.
    """
    found, *fence = _HEADER.unpack_from(raw)
    if found != FORMAT:
        raise StateFormatError(
            f"state has format {found}, this version reads {FORMAT}: run the version that wrote it, "
            "or delete the changelog topic and let state be built anew"
        )
    return fence, _decode(memoryview(raw)[_HEADER.size :])
