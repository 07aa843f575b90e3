"""How long partitions stood still: what a group committed and when, read from Kafka's own topic of commits."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from struct import unpack_from

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from tests.faults.ground import Ground

COMMITS = TopicPartition("__consumer_offsets", 0)  # the broker of the tests has one partition of it


@dataclass(frozen=True, kw_only=True)
class Commit:
    """What was committed of a topic-partition, and when (milliseconds)."""

    topic: str
    partition: int
    offset: int
    at_ms: int


async def commits(ground: Ground) -> list[Commit]:
    """Return everything that the group has committed, in order."""
    async with AIOKafkaConsumer(bootstrap_servers=ground.bootstrap_servers, auto_offset_reset="earliest") as consumer:
        consumer.assign([COMMITS])
        end, found = (await consumer.end_offsets([COMMITS]))[COMMITS], list[Commit]()
        while await consumer.position(COMMITS) < end:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [commit for record in records if (commit := _commit(record, ground.name)) is not None]
        return found


def longest(found: Iterable[Commit], since_ms: int) -> dict[int, float]:
    """Return for each partition the longest time, in seconds, between two commits that tell of progress.

    It counts from the last one before `since_ms` on. Of a partition that has caught up in the end no stop is missed.
    """
    moments: defaultdict[int, list[int]] = defaultdict(list)
    furthest: defaultdict[tuple[str, int], int] = defaultdict(int)
    for commit in found:
        if commit.offset > furthest[commit.topic, commit.partition]:
            furthest[commit.topic, commit.partition] = commit.offset
            at = moments[commit.partition]
            at[:] = [commit.at_ms] if commit.at_ms < since_ms else [*at, commit.at_ms]
    return {
        number: max((later - sooner for sooner, later in pairwise(at)), default=0) / 1000
        for number, at in sorted(moments.items())
    }


def _commit(record: ConsumerRecord, group: str) -> Commit | None:
    """Return a commit of the group; the topic holds other things and other groups as well."""
    (version,) = unpack_from(">h", record.key)
    if version > 1 or record.value is None:
        return None
    of_group, rest = _text(record.key[2:])
    if of_group != group:
        return None
    topic, rest = _text(rest)
    (partition,), (offset,) = unpack_from(">i", rest), unpack_from(">q", record.value, 2)
    return Commit(topic=topic, partition=partition, offset=offset, at_ms=record.timestamp)


def _text(raw: bytes) -> tuple[str, bytes]:
    (length,) = unpack_from(">h", raw)
    return raw[2 : 2 + length].decode(), raw[2 + length :]
