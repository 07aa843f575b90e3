"""What the input topics of a cluster hold, as history: from the first offset to the end as it was at the start.

Read by the codec that detect uses, with the records' own timestamps, so that the same is used, refused or ignored. A
topic-partition comes in the order of its offsets; between topic-partitions there is no order. The group of the workers
is not touched.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Set
from contextlib import aclosing

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from msgspec import Struct

from stream_app.cluster import CREATE, ClusterError, describe_topics, explained
from stream_app.codec import DecodeError, IgnoredInput, decode
from stream_app.codec.erasures import collected
from stream_app.core.erasure import Erasures
from stream_app.core.events import Event
from stream_app.formats import BadLine, IgnoredLine
from stream_app.progress import Progress, silently
from stream_app.settings import Settings
from stream_app.topics import RECORDED, InputTopic, OutputTopic

RECORDS_AT_ONCE = 2_000
_WAIT_MS = 1_000
_PATIENCE = 60  # waits in a row that bring nothing


class Recorded(Struct, frozen=True):
    """A record of an input topic and what it is; a line's number is the offset."""

    topic: InputTopic
    partition: int
    offset: int
    timestamp_ms: int
    item: Event | BadLine | IgnoredLine


def recorded(
    settings: Settings, progress: Progress = silently, places: Collection[TopicPartition] | None = None
) -> Iterator[Recorded]:
    """Yield every record that the input topics hold now, some in memory at a time; not for use inside an event loop.

    Ticks are left out: nothing happened then. `places`: only what stands there. Raises ClusterError.
    """
    batches = _batches(settings, progress, places)
    with asyncio.Runner() as runner:
        try:
            while (batch := runner.run(_next(batches))) is not None:
                yield from batch
        finally:
            runner.run(batches.aclose())


def partitions_recorded(settings: Settings) -> int:
    """Return how many partitions the input topics have at most; raises ClusterError."""
    return max(asyncio.run(_inputs(settings)).values())


def erasures(settings: Settings) -> Erasures:
    """Return who was erased, as the cluster knows it now; raises ClusterError and ErasuresError."""
    topic = settings.topic(OutputTopic.ERASURES)
    return asyncio.run(_erasures(settings, topic))


async def _erasures(settings: Settings, topic: str) -> Erasures:
    counts = await _partitions(settings, {topic})
    places = [TopicPartition(topic, number) for number in range(counts.get(topic, 0))]
    found = [(record.key, record.value) async for records in records_of(settings, places) for record in records]
    return collected(found, topic)


async def _next(batches: AsyncGenerator[list[Recorded]]) -> list[Recorded] | None:
    return await anext(batches, None)


async def _batches(
    settings: Settings, progress: Progress, places: Collection[TopicPartition] | None
) -> AsyncGenerator[list[Recorded]]:
    topics = {settings.topic(topic): topic for topic in RECORDED}
    if places is None:
        counts = await _inputs(settings)
        places = [TopicPartition(name, number) for name, count in counts.items() for number in range(count)]
    async with aclosing(records_of(settings, places, progress)) as fetched:
        async for records in fetched:
            yield [_recorded(topics[record.topic], record) for record in records]


async def _inputs(settings: Settings) -> Mapping[str, int]:
    names = {settings.topic(topic) for topic in RECORDED}
    if not (counts := await _partitions(settings, names)):
        raise ClusterError(f"none of the input topics exists ({', '.join(sorted(names))}); {CREATE}")
    return counts


async def _partitions(settings: Settings, names: Set[str]) -> Mapping[str, int]:
    """Return how many partitions each of these topics has that exist."""
    states = await describe_topics(settings)
    return {state.spec.name: state.partitions for state in states if state.spec.name in names and state.exists}


async def records_of(
    settings: Settings, places: Collection[TopicPartition], progress: Progress = silently
) -> AsyncGenerator[list[ConsumerRecord]]:
    """Yield what stands in these places up to their ends of now; raises ClusterError."""
    if not places:
        return
    with explained(settings):
        consumer = AIOKafkaConsumer(
            **settings.client_options(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",  # what is rekeyed is written in transactions
        )
        try:
            await consumer.start()
            consumer.assign(places)
            begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
            for place in places:
                consumer.seek(place, begins[place])
            async with aclosing(_to(consumer, begins, ends, progress)) as fetched:
                async for records in fetched:
                    yield records
        finally:
            await consumer.stop()


async def _to(
    consumer: AIOKafkaConsumer,
    begins: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    progress: Progress,
) -> AsyncGenerator[list[ConsumerRecord]]:
    # Positions, not records: what compaction or a transaction's marker left of an offset is no record.
    waits, total, first = 0, sum(ends.values()) - sum(begins.values()), sum(begins.values())
    while left := [place for place, end in ends.items() if await consumer.position(place) < end]:
        fetched = await consumer.getmany(*left, timeout_ms=_WAIT_MS, max_records=RECORDS_AT_ONCE)
        waits = 0 if fetched else waits + 1
        if waits >= _PATIENCE:
            raise ClusterError(
                f"no answer for {_PATIENCE} s from {', '.join(f'{p.topic}[{p.partition}]' for p in left)}"
            )
        yield [record for place, records in fetched.items() for record in records if record.offset < ends[place]]
        read = sum([min(await consumer.position(place), end) for place, end in ends.items()])
        progress("Reading topics", read - first, total)


def _recorded(topic: InputTopic, record: ConsumerRecord) -> Recorded:
    return Recorded(topic, record.partition, record.offset, record.timestamp, _item(topic, record))


def _item(topic: InputTopic, record: ConsumerRecord) -> Event | BadLine | IgnoredLine:
    try:
        return decode(topic, record.key, record.value, record.timestamp, record.headers)
    except DecodeError as error:
        raw = record.value or b""
        return BadLine(line_number=record.offset, raw=raw, reason=error.reason, detail=error.detail)
    except IgnoredInput as ignored:
        return IgnoredLine(line_number=record.offset, reason=ignored.reason)
