"""State records: their bytes stay readable for all versions to come."""

import pytest
from msgspec.structs import replace

from stream_app.codec.state import (
    AT_ONCE,
    NOTHING_APPLIED,
    StateFormatError,
    decode_site,
    decode_state,
    due_of,
    encode_site,
    encode_state,
)
from stream_app.core.events import NEVER
from stream_app.core.pages import PageCategory
from stream_app.core.site import Site
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState, Viewed

NOW_MS = 1_800_000_000_000
EMPTY_1 = bytes.fromhex(
    "01 ffffffffffffffff 0000000000000000 0000000000000005 0000010000000000"  # format, fence
    "99 d3c000000000000000 c400 c0 90 90 90 90 80 d3c000000000000000"  # state: MessagePack
)
DUE_2 = bytes.fromhex(
    "02 ffffffffffffffff 0000000000000000 0000000000000005 0000010000000000 0000000000000007"  # format, fence
    "0000000001c9c380"  # when it is due: of a state that asks for 30 s after 1970 began
)


def test_golden_bytes_of_format_1_are_still_read():
    """It knew neither the topic of ticks nor when anybody is due: that is to be found out at once."""
    assert ([-1, 0, 5, 2**40, -1], UNKNOWN_CUSTOMER) == decode_state(EMPTY_1)
    assert AT_ONCE == due_of(EMPTY_1)


def test_golden_head_of_format_2():
    state = replace(UNKNOWN_CUSTOMER, due=30_000_000)
    raw = encode_state([-1, 0, 5, 2**40, 7], state)
    assert DUE_2 == raw[: len(DUE_2)]
    assert ([-1, 0, 5, 2**40, 7], state) == decode_state(raw)


@pytest.mark.parametrize("views", [0, 1, 20, 64])
def test_a_long_state_is_kept_shorter_and_read_as_it_was(views):
    """Its head stays what is read without decoding the rest."""
    view = Viewed(1, "e", PageCategory.FAQ, 2, "https://www.stream-app.example/help/login-trouble", "Login")
    seen = tuple(replace(view, event_id=f"e-{n}") for n in range(views))
    state = replace(UNKNOWN_CUSTOMER, views=seen, due=60_000_000)
    raw = encode_state([1, 2, 3, 4, 5], state)
    assert ([1, 2, 3, 4, 5], state, 60_000_000) == (*decode_state(raw), due_of(raw))
    assert len(raw) < 3_100


@pytest.mark.parametrize(("due", "expected"), [(None, NEVER), (AT_ONCE, 0), (7, 7)])
def test_when_a_customer_is_due_stands_in_the_head(due, expected):
    """It is the state's own word unless another is given."""
    assert expected == due_of(encode_state(NOTHING_APPLIED, CustomerState(), due))


def test_a_site_is_kept_with_its_fence():
    site = Site(seen_at=5, asked_to=3, lost=((1, 2),))
    assert ([1, 2, 3, 4, 5], site) == decode_site(encode_site([1, 2, 3, 4, 5], site))


def test_a_newer_format_is_refused_in_words():
    newer = b"\x03" + encode_state(NOTHING_APPLIED, UNKNOWN_CUSTOMER)[1:]
    with pytest.raises(StateFormatError, match="state has format 3, this version reads up to 2"):
        decode_state(newer)
    assert AT_ONCE == due_of(newer)
