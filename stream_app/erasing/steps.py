"""Erasing a customer, step by step: who it is, the tombstone, and the proof that each worker has taken it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from msgspec import Struct

from stream_app.cluster import ClusterError, TopicState, describe_topics, explained, problems
from stream_app.codec.erasures import ErasuresError, collected
from stream_app.core.erasure import Erasure
from stream_app.deliveries import left_to_take
from stream_app.partitioners import Partitioner, differing, partition_of, partitioners
from stream_app.progress import Progress
from stream_app.settings import Settings
from stream_app.topics import InputTopic, OutputTopic, Worker

LOOK_AGAIN_SECONDS = 0.5


class Subject(Struct, frozen=True, kw_only=True):
    """A customer, and what detect knows: whether there is state, and what was erased before."""

    customer_id: str
    partition: int
    known: bool
    erased: Erasure | None


async def topics_of(settings: Settings) -> list[TopicState]:
    """Return all topics as they are; raises ClusterError where detect could not work with them."""
    states = await describe_topics(settings)
    found = [problem for problem in problems(states, settings, Worker.DETECT) if problem.fatal]
    if found:
        raise ClusterError("; ".join(map(str, found)))
    return states


async def look_up(settings: Settings, states: Sequence[TopicState], customer_id: str, progress: Progress) -> Subject:
    """Return what is known of a customer; raises ClusterError."""
    partition = await _partition(settings, states, customer_id)
    changelog = TopicPartition(settings.changelog(Worker.DETECT), partition)
    value: bytes | None = None
    async with _reader(settings) as consumer:
        async for record in _to_the_end(consumer, changelog, progress):
            if record.key == customer_id.encode():
                value = record.value
        erased, _ = await _erasure(consumer, settings, customer_id, partition)
    return Subject(customer_id=customer_id, partition=partition, known=value is not None, erased=erased)


async def _partition(settings: Settings, states: Sequence[TopicState], customer_id: str) -> int:
    """Return the partition of a customer, by what the keys that stand in the topics were hashed with."""
    found = await partitioners(settings, states)
    if wrong := differing(found):
        raise ClusterError("; ".join(map(str, wrong)))
    told = next((each for each in found.values() if each is not Partitioner.UNKNOWN), Partitioner.MURMUR2)
    counts = {state.spec.name: state.partitions for state in states}
    return partition_of(customer_id.encode(), counts[settings.topic(InputTopic.CUSTOMERS)], told)


async def say(settings: Settings, subject: Subject) -> int:
    """Write the tombstone; return its offset. Raises ClusterError."""
    with explained(settings):
        async with AIOKafkaProducer(**settings.client_options(), acks="all") as producer:
            place = settings.topic(InputTopic.CUSTOMERS), None, subject.customer_id.encode(), subject.partition
            told = await producer.send_and_wait(*place)
            return int(told.offset)


async def taken_by_detect(settings: Settings, subject: Subject, offset: int) -> tuple[Erasure, int]:
    """Return the erasure, once it covers that tombstone, and the offset that it stands at; raises ClusterError."""
    async with _reader(settings) as consumer:
        while True:
            found, at = await _erasure(consumer, settings, subject.customer_id, subject.partition)
            reaches = found.upto.get(InputTopic.CUSTOMERS, {}).get(subject.partition, -1) if found else -1
            if found is not None and reaches >= offset:
                return found, at
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def taken_by_notify(settings: Settings, partition: int, offset: int, left: Callable[[int], object]) -> None:
    """Return once all of notify has taken the erasure that stands there; `left` is told how many have not."""
    while remaining := await left_to_take(settings, partition, offset):
        left(remaining)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _erasure(
    consumer: AIOKafkaConsumer, settings: Settings, customer_id: str, partition: int
) -> tuple[Erasure | None, int]:
    """Return what was erased of a customer, None if nothing was, and where the last record of it stands."""
    place = TopicPartition(settings.topic(OutputTopic.ERASURES), partition)
    records = [record async for record in _to_the_end(consumer, place)]
    try:
        known = collected(((each.key, each.value) for each in records), f"{place.topic}[{partition}]")
    except ErasuresError as error:
        raise ClusterError(str(error)) from None
    found = known.of(customer_id)
    keys = {each.hash.encode() for each in known.all_of(customer_id)}
    return found, max((each.offset for each in records if each.key in keys), default=-1)


async def _to_the_end(
    consumer: AIOKafkaConsumer, place: TopicPartition, progress: Progress | None = None
) -> AsyncIterator[ConsumerRecord]:
    """Yield what stands in a partition now."""
    consumer.assign([place])
    begin, end = (await consumer.beginning_offsets([place]))[place], (await consumer.end_offsets([place]))[place]
    consumer.seek(place, begin)
    while (position := await consumer.position(place)) < end:
        if progress is not None:
            progress("Looking for the customer", position - begin, end - begin)
        for records in (await consumer.getmany(place, timeout_ms=500)).values():
            for record in records:
                yield record


@asynccontextmanager
async def _reader(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    with explained(settings):
        consumer = AIOKafkaConsumer(**settings.client_options(), group_id=None, enable_auto_commit=False)
        try:
            await consumer.start()
            yield consumer
        finally:
            await consumer.stop()
