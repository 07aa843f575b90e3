"""State records: their bytes stay readable for all versions to come."""

import pytest
from msgspec.structs import replace

from stream_app.codec.state import (
    AT_ONCE,
    FORMAT,
    NOTHING_APPLIED,
    StateFormatError,
    decode_site,
    decode_state,
    due_of,
    encode_read,
    encode_site,
    encode_state,
    fence_of,
    nothing_applied_of,
)
from stream_app.core.events import NEVER
from stream_app.core.pages import PageCategory
from stream_app.core.site import Site
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState, Viewed
from stream_app.topics import InputTopic
from tests.codec.old_states import (
    AT,
    FENCES,
    GOLDEN,
    cut_to_1,
    encode_1,
    golden,
    known_1,
    known_2,
    known_2_later,
    long_state,
    site_2,
)


@pytest.mark.parametrize(
    ("name", "fence", "state", "due"),
    [
        ("state-1-empty", [-1, 0, 5, 2**40, -1], CustomerState(), AT_ONCE),
        ("state-1", [-1, 0, 5, 2**40, -1], known_1(), AT_ONCE),
        ("state-2", FENCES[2], known_2(), AT + 60_000_000),
        ("state-2-due-else", FENCES[2], known_2_later(), AT + 60_000_000),
        ("state-2-long", FENCES[2], long_state(), NEVER),
        ("state-2-gone", FENCES[2], CustomerState(), AT_ONCE),
        ("state-3", FENCES[2], known_2_later(), AT + 60_000_000),
        ("state-3-long", FENCES[2], long_state(), NEVER),
    ],
)
def test_what_older_versions_wrote_is_read(name, fence, state, due):
    """Format 1 knew neither the topic of ticks nor when anybody is due: that is to be found out at once."""
    raw = golden(name)
    assert (fence, state, fence, due) == (*decode_state(raw), fence_of(raw), due_of(raw))


def test_a_site_that_an_older_version_wrote_is_read():
    assert (FENCES[2], site_2()) == decode_site(golden("site-2"))


def test_every_format_has_a_golden_value():
    """Who raises FORMAT keeps a value of the format before."""
    assert {*range(1, FORMAT + 1)} == {golden(path.stem)[0] for path in GOLDEN.glob("state-*.hex")}


@pytest.mark.parametrize(("name", "state"), [("state-1", known_1()), ("state-1-empty", CustomerState())])
def test_the_tests_write_format_1_as_it_was_written(name, state):
    """So that an upgrade from it can be tried at any scale."""
    assert golden(name) == encode_1(FENCES[1], state)


def test_the_tests_cut_a_state_to_what_format_1_knew():
    """Here format 2 has a purchase and a complaint more."""
    told = replace(known_2(), purchases=known_1().purchases, interactions=known_1().interactions)
    assert known_1() == cut_to_1(told)


@pytest.mark.parametrize("name", ["state-1", "state-2", "state-2-long", "site-2", "state-3-long"])
def test_a_topic_made_anew_leaves_the_fence_and_nothing_else(name):
    raw = golden(name)
    without = nothing_applied_of(InputTopic.PAGE_VIEWS, raw)
    expected = [*fence_of(raw)[:3], -1, fence_of(raw)[4]]
    assert (expected, raw[41:]) == (fence_of(without), without[41:])
    assert without is nothing_applied_of(InputTopic.PAGE_VIEWS, without)


def test_how_far_topics_were_read_is_a_head_alone():
    raw = encode_read([0, 1, 6, 2**40, 8])
    assert ([-1, 0, 5, 2**40 - 1, 7], NEVER) == (fence_of(raw), due_of(raw))


def test_a_state_is_written_with_when_it_is_due():
    state = replace(UNKNOWN_CUSTOMER, due=30_000_000)
    raw = encode_state([-1, 0, 5, 2**40, 7], state)
    assert ([-1, 0, 5, 2**40, 7], state, 30_000_000) == (*decode_state(raw), due_of(raw))


@pytest.mark.parametrize("views", [0, 1, 20, 64])
def test_a_long_state_is_kept_shorter_and_read_as_it_was(views):
    """Its head stays what is read without decoding the rest."""
    view = Viewed(1, "e", PageCategory.FAQ, 2, "https://www.stream-app.example/help/login-trouble", "Login")
    seen = tuple(replace(view, event_id=f"e-{n}") for n in range(views))
    state = replace(UNKNOWN_CUSTOMER, views=seen, due=60_000_000)
    raw = encode_state([1, 2, 3, 4, 5], state)
    assert ([1, 2, 3, 4, 5], state, 60_000_000) == (*decode_state(raw), due_of(raw))
    assert len(raw) < 1_100


@pytest.mark.parametrize(("due", "expected"), [(None, NEVER), (AT_ONCE, 0), (7, 7)])
def test_when_a_customer_is_due_stands_in_the_head(due, expected):
    """It is the state's own word unless another is given."""
    assert expected == due_of(encode_state(NOTHING_APPLIED, CustomerState(), due))


def test_a_site_is_kept_with_its_fence():
    site = Site(seen_at=5, asked_to=3, lost=((1, 2),))
    assert ([1, 2, 3, 4, 5], site) == decode_site(encode_site([1, 2, 3, 4, 5], site))


def test_a_newer_format_is_refused_in_words():
    newer = bytes([FORMAT + 1]) + encode_state(NOTHING_APPLIED, UNKNOWN_CUSTOMER)[1:]
    with pytest.raises(
        StateFormatError, match="format 4, this version reads up to 3: go on with the version that wrote it"
    ):
        decode_state(newer)
    assert AT_ONCE == due_of(newer)
