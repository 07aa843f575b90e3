"""Where a source is read on, and when an internal topic has ended."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from faust.types import TP

from stream_app.metrics import Metrics
from stream_app.rekey.positions import SourceRecreatedError, begun
from stream_app.settings import load
from stream_app.workers import upstream
from stream_app.workers.upstream import MORE_TO_COME, Upstream

PLACE = TopicPartition("page-views", 0)
INTERNAL, VIEWS, OTHER = TP("page-views-by-customer", 1), TP("page-views", 0), TP("purchases", 1)
SETTINGS = load(environ={"STREAM_APP_REKEY": '["page-views"]'})


class Consumer:
    """A source with one partition, of which so much was committed."""

    def __init__(self, committed, begin, end):
        self.offsets = committed, begin, end
        self.sought = []

    async def committed(self, place):
        return self.offsets[0]

    async def beginning_offsets(self, places):
        return dict.fromkeys(places, self.offsets[1])

    async def end_offsets(self, places):
        return dict.fromkeys(places, self.offsets[2])

    def seek(self, place, offset):
        self.sought.append((place, offset))


@pytest.mark.parametrize(
    ("committed", "begin", "end", "position"),
    [
        pytest.param(7, 0, 9, 7, id="where it was left"),
        pytest.param(9, 0, 9, 9, id="at the end"),
        pytest.param(3, 5, 9, 5, id="after what Kafka has dropped"),
        pytest.param(None, 5, 9, 5, id="at the beginning, if nothing was ever written"),
    ],
)
async def test_a_source_is_read_on(committed, begin, end, position):
    consumer = Consumer(committed, begin, end)
    (lane,) = await begun(SETTINGS, consumer, [PLACE], [])

    assert [(PLACE, position)] == consumer.sought
    assert (position, -1 if committed is None else committed) == (lane.position, lane.committed)


async def test_a_source_that_ends_before_what_was_read_is_another_one():
    with pytest.raises(SourceRecreatedError, match="stream-app topics recreated page-views"):
        await begun(SETTINGS, Consumer(7, 0, 6), [PLACE], [])


class Cluster:
    """Where topics end, and how far was rekeyed: so much more each time that somebody asks."""

    def __init__(self, rekeyed, more=0):
        self.rekeyed, self.more = rekeyed, more
        self.asked = []

    async def ends(self, tps):
        self.asked.append(list(tps))
        return dict.fromkeys(tps, 100)

    async def list_consumer_group_offsets(self, group):
        self.asked.append(group)
        self.rekeyed += self.more
        return {TopicPartition(*VIEWS): SimpleNamespace(offset=self.rekeyed)}


@pytest.mark.parametrize(
    ("rekeyed", "more", "end"),
    [(100, 0, 100), (99, 0, MORE_TO_COME), (98, 1, 100)],
    ids=["all is rekeyed", "one is not", "it is in the end"],
)
async def test_an_internal_topic_has_ended_when_all_of_its_source_is_rekeyed(monkeypatch, rekeyed, more, end):
    """Where it ends is asked after that; of other topics it is asked as ever."""
    monkeypatch.setattr(upstream, "PATIENCE_SECONDS", 5.0 if more else 0.0)
    cluster = Cluster(rekeyed, more)
    found = Upstream(SETTINGS, {"page-views": 1, INTERNAL.topic: 4, "dead-letters": 4}, cluster.ends, Metrics())
    found._admin = cluster

    assert {INTERNAL: end, OTHER: 100} == await found([INTERNAL, OTHER])
    assert [[VIEWS], INTERNAL.topic] == cluster.asked[:2]
    assert [INTERNAL, OTHER] == cluster.asked[-1]


async def test_where_nothing_is_rekeyed_ends_are_just_passed_on():
    cluster = Cluster(0)
    found = Upstream(load(environ={}), {}, cluster.ends, Metrics())

    assert {OTHER: 100} == await found([OTHER])
    assert ([[OTHER]], frozenset()) == (cluster.asked, found.topics)
    assert not asyncio.all_tasks() - {asyncio.current_task()}
