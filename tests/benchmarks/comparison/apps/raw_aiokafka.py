"""A raw ceiling: aiokafka in a loop, whole fetches in, record batches out, a checkpoint every second."""

import asyncio
import time
from collections import defaultdict

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from comparison.apps.judging import (
    BROKER,
    CHANGELOG,
    CHECKPOINT_SECONDS,
    GROUP,
    LANE_OF,
    NAMES,
    PARTITIONS,
    Judge,
)

ALL = list(range(PARTITIONS))
PARTITION_OF = DefaultPartitioner()


class Assigned(ConsumerRebalanceListener):
    """Keeps the partitions at work; a raw loop has nothing to restore and begins anew."""

    def __init__(self, consumer) -> None:
        self.consumer = consumer
        self.judges: dict[int, Judge] = {}

    async def on_partitions_revoked(self, revoked):
        self.judges.clear()

    async def on_partitions_assigned(self, assigned):
        self.judges.update({tp.partition: Judge(tp.partition) for tp in assigned})
        for tp in assigned:
            at = await self.consumer.committed(tp)
            self.judges[tp.partition].positions[LANE_OF[tp.topic]] = at or 0


class Loop:
    """Fetch, judge, send; once a second changelog and commit."""

    def __init__(self, consumer, ends, producer) -> None:
        self.consumer = consumer
        self.ends = ends
        self.producer = producer
        self.judges: dict[int, Judge] = {}
        self.sent: list[asyncio.Future] = []
        self.arrival = 0
        self.due: float | None = None

    async def turn(self) -> None:
        blocked = any(judge.blocked for judge in self.judges.values())
        fetched = await self.consumer.getmany(timeout_ms=2 if blocked or self.due else 200, max_records=20_000)
        for tp, records in fetched.items():
            self.arrival += 1
            rows = ((each.offset, each.timestamp, each.key, each.value) for each in records)
            self.judges[tp.partition].take(LANE_OF[tp.topic], self.arrival, rows)
        await self.learn_ends()
        said = defaultdict(list)
        for judge in self.judges.values():
            for topic, key, value in judge.judge():
                said[topic, PARTITION_OF(key, ALL, ALL)].append((key, value))
        await self.send(said)
        if self.due is None and any(judge.unsaved for judge in self.judges.values()):
            self.due = time.monotonic() + CHECKPOINT_SECONDS
        if self.due is not None and time.monotonic() >= self.due:
            await self.checkpoint()

    async def learn_ends(self) -> None:
        asked = self.arrival
        empty = {
            TopicPartition(NAMES[lane], judge.number): (judge, lane)
            for judge in self.judges.values()
            if judge.blocked
            for lane in judge.empty()
        }
        if empty:
            for tp, end in (await self.ends.end_offsets(list(empty))).items():
                judge, lane = empty[tp]
                judge.learn_end(lane, end, asked)

    async def send(self, said) -> None:
        for (topic, partition), rows in said.items():
            batch = self.producer.create_batch()
            for key, value in rows:
                if batch.append(key=key, value=value, timestamp=None) is None:
                    self.sent.append(await self.producer.send_batch(batch, topic, partition=partition))
                    batch = self.producer.create_batch()
                    batch.append(key=key, value=value, timestamp=None)
            self.sent.append(await self.producer.send_batch(batch, topic, partition=partition))

    async def checkpoint(self) -> None:
        changes = {(CHANGELOG, judge.number): judge.changes() for judge in self.judges.values()}
        positions = {
            TopicPartition(topic, judge.number): offset
            for judge in self.judges.values()
            for topic, offset in judge.committable().items()
        }
        await self.send({place: rows for place, rows in changes.items() if rows})
        await asyncio.gather(*self.sent)
        self.sent.clear()
        await self.consumer.commit(positions)
        self.due = None


async def main() -> None:
    quick = {"bootstrap_servers": BROKER, "max_partition_fetch_bytes": 4_000_000, "fetch_max_wait_ms": 20}
    consumer = AIOKafkaConsumer(
        **quick, group_id=GROUP, enable_auto_commit=False, auto_offset_reset="earliest", session_timeout_ms=60_000
    )
    producer = AIOKafkaProducer(bootstrap_servers=BROKER, max_batch_size=900_000, max_request_size=1_000_000)
    assigned = Assigned(consumer)
    consumer.subscribe(NAMES, listener=assigned)
    async with consumer, producer, AIOKafkaConsumer(bootstrap_servers=BROKER) as ends:
        loop = Loop(consumer, ends, producer)
        loop.judges = assigned.judges
        while True:
            await loop.turn()


if __name__ == "__main__":
    uvloop.run(main())
