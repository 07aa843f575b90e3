"""Who follows misses nothing, holds nothing, and is told when something can no longer be told."""

import asyncio

import pytest

from stream_app.inbox.answers import Refused
from stream_app.inbox.events import Following
from stream_app.inbox.stream import Behind, Place, Stream

BEGAN = 1_000


def stream(*cases, kept=3):
    """Return a stream in which these cases changed, one after the other."""
    made = Stream(BEGAN, kept)
    for number, case in enumerate(cases, 1):
        made.put(case, "card", f"{case}{number}".encode())
    return made


AFTER = [
    ("abc", 0, ["a1", "b2", "c3"]),
    ("abc", 2, ["c3"]),
    ("abc", 3, []),
    ("abab", 0, ["a3", "b4"]),  # the newest of each stands for all before
    ("abab", 3, ["b4"]),
    ("abcd", 1, ["b2", "c3", "d4"]),
    ("abcad", 2, ["c3", "a4", "d5"]),
]


@pytest.mark.parametrize(("cases", "number", "expected"), AFTER)
def test_who_goes_on_from_a_place_hears_the_newest_of_each_case_since(cases, number, expected):
    """In the order in which they changed last."""
    found = stream(*cases).after(Place(BEGAN, number))

    assert expected == [event.body.decode() for event in found]


def test_who_is_further_behind_than_what_is_kept_is_told_so():
    """Of four cases the first is no longer there: from before it one cannot go on, from right after it one can."""
    full = stream(*"abcd")

    with pytest.raises(Behind):
        full.after(Place(BEGAN, 0))
    assert 3 == len(full.after(Place(BEGAN, 1)))


PLACES = [
    ("1000-4", 4),
    ("1000-1", 1),
    ("1000-0", None),  # no longer all there
    ("1000-5", None),  # never was
    ("999-4", None),  # of another start
    ("", None),
    ("1000-", None),
    ("1000-x", None),
    ("1000-٣", None),
    ("1000-" + "9" * 5000, None),
    ("1000--1", None),
]


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_only_a_place_of_this_start_that_is_kept_is_one(text, expected):
    """For all else everything is read anew."""
    found = stream(*"abcd").place_of(text)

    assert (None if expected is None else Place(BEGAN, expected)) == found


def test_what_was_said_of_a_case_is_no_longer_there_once_it_is_gone():
    """Who was erased stands nowhere in what is kept for those who come back."""
    made = stream("a", "b")
    made.put("a", "gone", b"{}")

    assert b"a1" not in b"".join(event.encoded() for event in made.after(Place(BEGAN, 0)))


async def test_who_follows_hears_each_change_once_and_a_heartbeat_where_there_is_none():
    """Also of what changed while they were served."""
    made, heard = stream("a"), []

    async def listen():
        async for found in made.follow(Place(BEGAN, 0), patience=0.05):
            heard.append([event.body.decode() for event in found])
            if not found:
                return
            if len(heard) == 1:
                made.put("b", "card", b"b2")
                made.put("a", "card", b"a3")

    await asyncio.wait_for(listen(), 10)

    assert [["a1"], ["b2", "a3"], []] == heard


def test_no_more_follow_than_may():
    """The next is refused, and let in when one has gone."""
    following = Following(stream(), most=1)

    with following.one_more(), pytest.raises(Refused), following.one_more():
        pass
    with following.one_more():
        assert 1 == following.count
