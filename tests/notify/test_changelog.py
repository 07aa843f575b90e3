"""What counts of a changelog: the highest epoch of each key, and what a late writer leaves behind."""

from types import SimpleNamespace

import pytest

from stream_app.notify.changelog import EPOCH_HEADER, ChangelogError, Kept, Reading, starting_point

FORMAT = b"\x01"


def record(key, epoch, value, form=FORMAT):
    stamp = epoch.to_bytes(8, "big") + form
    return SimpleNamespace(topic="log", offset=7, key=key, value=value, headers=((EPOCH_HEADER, stamp),))


def read(*records):
    reading = Reading()
    for each in records:
        reading.take(record(*each))
    return reading


@pytest.mark.parametrize(
    ("records", "kept", "amends"),
    [
        ([], {}, []),
        ([(b"a|1", 1, b"x"), (b"a|1", 1, b"y")], {b"a|1": b"y"}, []),
        ([(b"a|1", 1, b"x"), (b"a|1", 2, b"y")], {b"a|1": b"y"}, []),
        ([(b"a|1", 2, b"y"), (b"a|1", 1, b"late")], {b"a|1": b"y"}, [(b"a|1", b"y")]),
        ([(b"a|1", 2, b"y"), (b"a|1", 1, None)], {b"a|1": b"y"}, [(b"a|1", b"y")]),
        ([(b"a|1", 2, None), (b"a|1", 1, b"late")], {}, [(b"a|1", None)]),
        ([(b"a|1", 2, b"y"), (b"a|1", 1, b"late"), (b"a|1", 3, b"y")], {b"a|1": b"y"}, []),
        ([(b"a|1", 1, b"x"), (b"a|1", 1, None)], {}, []),
        ([(b"a|1", 2, b"y"), (b"a|2", 1, b"early")], {b"a|1": b"y", b"a|2": b"early"}, []),
    ],
)
def test_of_each_key_the_highest_epoch_counts_and_what_stands_behind_it_is_amended(records, kept, amends):
    """Of equals the later one. Without the amends, compaction would keep what is passed over here."""
    reading = read(*records)
    assert (kept, amends) == (reading.kept().records, reading.amends())


def test_positions_are_not_records():
    kept = read((b"p", 4, b'{"alerts":3}')).kept()
    assert Kept(records={}, positions={"alerts": 3}) == kept


@pytest.mark.parametrize("headers", [(), ((EPOCH_HEADER, b"short"),), ((EPOCH_HEADER, b"12345678\x09"),)])
def test_another_format_is_an_error_that_says_what_to_do(headers):
    with pytest.raises(ChangelogError, match="run the version that wrote it"):
        Reading().take(SimpleNamespace(topic="log", offset=7, key=b"k", value=b"", headers=headers))


@pytest.mark.parametrize(("position", "expected"), [(None, 5), (5, 5), (7, 7), (9, 9), (3, 5)])
def test_a_source_is_read_on_where_it_was_left(position, expected):
    """What was deleted meanwhile is passed over."""
    assert expected == starting_point("alerts[0]", position, 5, 9)


def test_a_position_beyond_the_end_is_another_topic():
    with pytest.raises(ChangelogError, match=r"alerts\[0\] ends at 9, but was read up to 10 before.*Delete"):
        starting_point("alerts[0]", 10, 5, 9)
