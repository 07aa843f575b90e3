"""Who was erased, and up to where."""

import pytest

from stream_app.core.erasure import Erasure, Erasures, hash_of
from stream_app.core.events import DAY

SALT, OTHER_SALT = "00" * 16, "ff" * 16


def erasure(customer_id: str, *, salt: str = SALT, at: int = DAY, **upto: dict[int, int]) -> Erasure:
    """Return the erasure of a customer; topics with _ for -."""
    topics = {topic.replace("_", "-"): offsets for topic, offsets in upto.items()}
    return Erasure(hash=hash_of(customer_id, salt), salt=salt, erased_at=at, upto=topics)


@pytest.mark.parametrize(
    ("customer_id", "topic", "partition", "offset", "erased"),
    [
        ("c1", "page-views", 2, 7, True),
        ("c1", "page-views", 2, 0, True),
        ("c1", "page-views", 2, 8, False),
        ("c1", "page-views", 1, 7, False),
        ("c1", "purchases", 2, 7, False),
        ("c2", "page-views", 2, 3, True),
        ("c2", "page-views", 2, 4, False),
        ("c3", "page-views", 2, 0, False),
    ],
)
def test_what_stands_at_or_below_its_offset_is_erased(customer_id, topic, partition, offset, erased):
    known = Erasures([erasure("c1", page_views={2: 7}), erasure("c2", salt=OTHER_SALT, page_views={2: 3})])
    assert erased == known.erased(customer_id, topic, partition, offset)


@pytest.mark.parametrize(("customer_id", "at", "erased"), [("c1", DAY, True), ("c1", DAY + 1, False), ("c2", 0, False)])
def test_without_offsets_the_time_tells(customer_id, at, erased):
    assert erased == Erasures([erasure("c1")]).erased_by(customer_id, at)


def test_those_that_say_less_take_nothing_back():
    more, less = erasure("c1", at=2 * DAY, page_views={0: 7}), erasure("c1", page_views={0: 3}, customers={0: 1})
    both = erasure("c1", at=2 * DAY, page_views={0: 7}, customers={0: 1})
    for order in ((more, less), (less, more)):
        known = Erasures(order)
        assert ([both], True, False) == (
            list(known),
            known.erased("c1", "page-views", 0, 7),
            known.erased("c1", "page-views", 0, 8),
        )


def test_two_salts_know_the_same_customer():
    known = Erasures([erasure("c1", page_views={0: 7}), erasure("c1", salt=OTHER_SALT, at=3 * DAY, purchases={0: 2})])
    found = known.of("c1")
    assert found is not None
    assert (3 * DAY, {"page-views": {0: 7}, "purchases": {0: 2}}) == (found.erased_at, found.upto)
    assert (True, False) == (known.holds("c1"), known.holds("c2"))


def test_a_set_goes_on_with_the_salt_that_came_last():
    assert ("", OTHER_SALT) == (
        Erasures().salt,
        Erasures([erasure("c1"), erasure("c2", salt=OTHER_SALT), erasure("c3")]).salt,
    )


def test_above_the_last_offset_of_a_lane_nothing_is_erased():
    known = Erasures([erasure("c1", page_views={0: 7, 1: 2}), erasure("c2", page_views={0: 4})])
    assert (7, 2, -1) == (known.last("page-views", 0), known.last("page-views", 1), known.last("purchases", 0))


def test_what_was_said_of_a_topic_can_be_taken_back():
    whole = erasure("c1", page_views={0: 7}, purchases={0: 2})
    assert erasure("c1", purchases={0: 2}) == whole.without("page-views")


def test_a_hash_tells_nothing_of_the_id_and_differs_by_salt():
    hashes = {hash_of("c1", SALT), hash_of("c1", OTHER_SALT), hash_of("c2", SALT)}
    assert ({32}, 3) == ({len(one) for one in hashes}, len(hashes))
