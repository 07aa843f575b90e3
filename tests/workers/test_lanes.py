"""A lane: continuity, chunks used up, and up to where it may be committed."""

import pytest
from faust.types import TP

from stream_app.core.events import PageView
from stream_app.core.order import Waiting
from stream_app.workers.lanes import ContinuityError, Lane

TOPIC = TP("page-views", 0)


def events(*offsets: int) -> list[Waiting[PageView]]:
    view = PageView(event_id="v", customer_id="c", occurred_at=0, url="u")
    return [Waiting(offset, 0, offset, 0, view) for offset in offsets]


@pytest.mark.parametrize("start", [4, 6])
def test_a_chunk_must_begin_where_the_last_one_ended(start):
    with pytest.raises(ContinuityError, match=rf"page-views\[0\]: expected offset 5, got {start}"):
        Lane(TOPIC, 5).check(start)


def test_what_is_committable_follows_what_is_judged_not_what_has_arrived():
    lane = Lane(TOPIC, 5)
    found = [lane.committable]
    lane.extend(9, events(5, 8))
    found.append(lane.committable)
    for _ in range(2):
        lane.waiting.popleft()
        found.append(lane.committable)
    assert [5, 5, 8, 9] == found


def test_chunks_are_done_once_each_when_used_up():
    lane = Lane(TOPIC, 0)
    lane.extend(2, events(0, 1))
    lane.extend(3, events(2))
    found = [lane.chunks_done()]
    for _ in range(3):
        lane.waiting.popleft()
        found.append(lane.chunks_done())
    assert [0, 0, 1, 1] == found


def test_a_chunk_of_which_nothing_could_be_used_is_done_in_its_turn():
    lane = Lane(TOPIC, 0)
    lane.extend(1, events(0))
    lane.extend(2, [])
    assert 0 == lane.chunks_done()
    lane.waiting.popleft()
    assert (2, 2) == (lane.chunks_done(), lane.committable)
