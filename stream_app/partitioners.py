"""How the keys of a topic find their partitions, told from what stands in it.

Java and aiokafka hash keys with murmur2, librdkafka (Python's confluent-kafka, Go, C#, Ruby …) with CRC32: a customer
whose page views come from one and whose purchases from the other would be two customers.
"""

import asyncio
import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import murmur2

from stream_app.cluster import Problem, TopicState, explained
from stream_app.settings import Settings
from stream_app.topics import RECORDED, InputTopic

SAMPLE = 200  # latest keyed records of a topic
ASTRAY = 0.05  # of them may be anywhere: somebody's single records by hand must not stop a worker
CUSTOMERS_CACHED = 65_536
_PATIENCE = 5.0  # seconds for a topic's sample: what was read until then has to do


class Partitioner(StrEnum):
    """What keys were hashed with."""

    MURMUR2 = "murmur2"
    CRC32 = "crc32"
    MIXED = "mixed"  # neither explains nearly all of them
    UNKNOWN = "unknown"  # too little to tell, or one partition, where it does not matter


def partition_of(key: bytes, partitions: int, partitioner: Partitioner) -> int:
    """Return where a key goes by MURMUR2 (Java's default) or CRC32 (librdkafka's)."""
    if partitioner is Partitioner.CRC32:
        return zlib.crc32(key) % partitions
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def partition_of_customer(partitions: int) -> Callable[[str], int]:
    """Return what tells the partition of a customer id in our own topics, which follow Java's default."""

    @lru_cache(CUSTOMERS_CACHED)
    def place(customer_id: str) -> int:
        return partition_of(customer_id.encode(), partitions, Partitioner.MURMUR2)

    return place


def judge(records: Iterable[tuple[bytes, int]], partitions: int) -> Partitioner:
    """Return what explains where these keys are; `records` are (key, partition)."""
    sample = set(records)
    fits = [
        partitioner
        for partitioner in (Partitioner.MURMUR2, Partitioner.CRC32)
        if _misplaced(sample, partitions, partitioner) <= len(sample) * ASTRAY
    ]
    if not sample or partitions == 1 or len(fits) == 2:
        return Partitioner.UNKNOWN
    return fits[0] if fits else Partitioner.MIXED


def _misplaced(sample: set[tuple[bytes, int]], partitions: int, partitioner: Partitioner) -> int:
    return sum(partition_of(key, partitions, partitioner) != partition for key, partition in sample)


def differing(found: Mapping[InputTopic, Partitioner]) -> list[Problem]:
    """Return the problem of topics that follow different partitioners, if they do."""
    known = {topic: partitioner for topic, partitioner in found.items() if partitioner is not Partitioner.UNKNOWN}
    if len(set(known.values())) < 2 and Partitioner.MIXED not in known.values():
        return []
    each = ", ".join(f"{topic} {partitioner}" for topic, partitioner in known.items())
    text = (
        f"keys are not hashed alike ({each}), which splits a customer in two; "
        "set the producers to one: partitioner=murmur2_random in librdkafka's clients is Java's default; "
        f"or name those that do not follow {Partitioner.MURMUR2}, or are not keyed by customer id, in the setting rekey"
    )
    return [Problem(topic=", ".join(known), text=text)]


async def partitioners(settings: Settings, states: Sequence[TopicState]) -> dict[InputTopic, Partitioner]:
    """Return what each input topic that exists follows, from its latest records; raises ClusterError."""
    counts = {state.spec.name: state.partitions for state in states}
    names = {topic: settings.topic(topic) for topic in RECORDED if counts[settings.topic(topic)]}
    found = dict.fromkeys(names, Partitioner.UNKNOWN)
    telling = [topic for topic, name in names.items() if counts[name] > 1]
    if not telling:
        return found
    with explained(settings):
        consumer = AIOKafkaConsumer(**settings.client_options(), group_id=None, enable_auto_commit=False)
        try:
            await consumer.start()
            for topic in telling:
                found[topic] = await _of_topic(consumer, names[topic], counts[names[topic]])
        finally:
            await consumer.stop()
    return found


async def _of_topic(consumer: AIOKafkaConsumer, name: str, partitions: int) -> Partitioner:
    places = [TopicPartition(name, number) for number in range(partitions)]
    consumer.assign(places)
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    for place in places:
        consumer.seek(place, max(begins[place], ends[place] - math.ceil(SAMPLE / partitions)))
    records: list[tuple[bytes, int]] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            while not await _read_to(ends, consumer):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += [(record.key, record.partition) for record in batch if record.key is not None]
    return judge(records, partitions)


async def _read_to(ends: Mapping[TopicPartition, int], consumer: AIOKafkaConsumer) -> bool:
    return all([await consumer.position(place) >= end for place, end in ends.items()])
