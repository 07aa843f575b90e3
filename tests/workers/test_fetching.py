"""What the fetching thread makes of a broker's answers: where topics end, and as of when that is so."""

import asyncio
import sys
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.protocol.fetch import FetchRequest
from faust.types import TP

from stream_app.workers.fetching import FETCH_MAX_WAIT_MS, IDLE_MAX_WAIT_MS, NOTHING_PROVEN, ChunkThread
from stream_app.workers.stops import EXIT_REPLAY

VIEWS, STATE = TopicPartition("page-views", 0), TopicPartition("changelog", 0)
NODE = 1


class Thread(ChunkThread):
    """The thread in the test's own loop: page views are read up to 5 and handed out up to 4, one fetch handed out."""

    def __init__(self, *, idle: bool = False, position: int = 5) -> None:
        self.told: list[tuple[int, int, dict[TP, int]]] = []
        listener = SimpleNamespace(ended=lambda *told: self.told.append(told))
        self.consumer = SimpleNamespace(listener=listener, is_idle=idle)
        self.parent_loop = asyncio.get_running_loop()
        self.epoch, self._arrival = 7, 1
        self._handed = {VIEWS: 4, STATE: 5}
        self._asked, self._left, self._proven = {}, {}, {VIEWS: NOTHING_PROVEN}
        states = {VIEWS: SimpleNamespace(_position=position), STATE: SimpleNamespace(_position=5)}
        assignment = SimpleNamespace(tps=set(states), state_value=states.get)
        subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
        self.of_kafka = SimpleNamespace(_subscription=subscription)

    async def fetch(self, *, highwater: int = 5, error: int = 0, meanwhile: int = 0) -> int:
        """Fetch from offset 5 on; return how many milliseconds the broker may wait, and let what was told arrive."""
        request = FetchRequest(FETCH_MAX_WAIT_MS, 1, 1, 0, [("page-views", [(0, 5, 1)]), ("changelog", [(0, 5, 1)])])

        async def send(node: int, request: FetchRequest) -> SimpleNamespace:
            self._arrival += meanwhile
            topics = [("page-views", [(0, error, highwater, b"")]), ("changelog", [(0, 0, 5, b"")])]
            return SimpleNamespace(topics=topics)

        await self._watched(self.of_kafka, send, NODE, request)
        await asyncio.sleep(0)
        return request._max_wait_ms


async def test_an_answer_without_records_tells_where_a_topic_ends():
    """Up to where records were handed out: a log may end with offsets that hold none. State is nobody's business."""
    thread = Thread()
    await thread.fetch()
    assert [(7, 1, {TP("page-views", 0): 4})] == thread.told


@pytest.mark.parametrize(
    ("position", "answer"),
    [(5, {"highwater": 6}), (5, {"error": 6}), (3, {})],
    ids=["there are records", "the broker does not know", "the position was changed meanwhile"],
)
async def test_other_answers_tell_nothing(position, answer):
    thread = Thread(position=position)
    await thread.fetch(**answer)
    assert [] == thread.told


async def test_an_answer_says_nothing_about_what_was_handed_out_while_it_was_under_way():
    thread = Thread()
    await thread.fetch(meanwhile=1)
    await thread.fetch()
    assert [1, 2] == [arrival for _, arrival, _ in thread.told]


async def test_what_was_told_is_not_told_again():
    thread = Thread()
    await thread.fetch()
    await thread.fetch()
    assert 1 == len(thread.told)


@pytest.mark.parametrize(("idle", "later"), [(False, FETCH_MAX_WAIT_MS), (True, IDLE_MAX_WAIT_MS)])
async def test_the_request_after_something_was_handed_out_is_answered_at_once(idle, later):
    thread = Thread(idle=idle)
    assert [0, later] == [await thread.fetch(), await thread.fetch()]


async def test_a_worker_ends_when_its_fetching_has_died(monkeypatch):
    """aiokafka would stay in the group, fetch nothing more and tell nobody."""
    thread, ended = Thread(), []
    monkeypatch.setattr("stream_app.workers.fetching.end", lambda *why: ended.append(why) or sys.exit())
    error = RuntimeError("the handler is closed")
    thread.of_kafka._fetcher = SimpleNamespace(_fetch_task=asyncio.get_running_loop().create_future())
    thread.of_kafka._fetcher._fetch_task.set_exception(error)
    with pytest.raises(SystemExit):
        await thread._fetch_records(thread.of_kafka, {VIEWS}, timeout=0.0, max_records=1)
    assert [(EXIT_REPLAY, error)] == ended
