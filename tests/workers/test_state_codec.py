"""State records: their bytes stay readable for all versions to come."""

import pytest

from stream_app.codec.state import FORMAT, NOTHING_APPLIED, StateFormatError, decode_state, encode_state
from stream_app.core.state import UNKNOWN_CUSTOMER

EMPTY_1 = bytes.fromhex(
    "01 ffffffffffffffff 0000000000000000 0000000000000005 0000010000000000"  # format, fence
    "99 d3c000000000000000 c400 c0 90 90 90 90 80 d3c000000000000000"  # state: MessagePack
)


def test_golden_bytes_of_format_1():
    assert (1, EMPTY_1) == (FORMAT, encode_state([-1, 0, 5, 2**40], UNKNOWN_CUSTOMER))
    assert ([-1, 0, 5, 2**40], UNKNOWN_CUSTOMER) == decode_state(EMPTY_1)


def test_a_newer_format_is_refused_in_words():
    with pytest.raises(StateFormatError, match="state has format 2, this version reads 1"):
        decode_state(b"\x02" + encode_state(NOTHING_APPLIED, UNKNOWN_CUSTOMER)[1:])
