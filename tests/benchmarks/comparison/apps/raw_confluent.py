"""A raw ceiling: confluent-kafka in a loop, batches in, records out, a checkpoint every second."""

import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from comparison.apps.judging import (
    BROKER,
    CHANGELOG,
    CHECKPOINT_SECONDS,
    GROUP,
    LANE_OF,
    NAMES,
    Judge,
)

MOST = 10_000


class Loop:
    """Fetch, judge, send; once a second changelog and commit."""

    def __init__(self) -> None:
        own = {"bootstrap.servers": BROKER}
        quick = {"fetch.wait.max.ms": 20, "auto.offset.reset": "earliest", "enable.auto.commit": False}
        self.consumer = Consumer(own | quick | {"group.id": GROUP, "session.timeout.ms": 60_000})
        self.producer = Producer(
            own | {"linger.ms": 0, "partitioner": "murmur2_random", "queue.buffering.max.messages": 1_000_000}
        )
        self.admin = AdminClient(own)
        self.judges: dict[int, Judge] = {}
        self.arrival = 0
        self.due: float | None = None
        self.consumer.subscribe(NAMES, on_assign=self.assigned, on_revoke=self.revoked)

    def assigned(self, consumer, tps) -> None:
        self.judges.update({tp.partition: Judge(tp.partition) for tp in tps})
        for tp in consumer.committed(tps):
            self.judges[tp.partition].positions[LANE_OF[tp.topic]] = max(0, tp.offset)

    def revoked(self, *_) -> None:
        self.judges.clear()

    def turn(self) -> None:
        batch = self.batch()
        grouped: dict[tuple[str, int], list] = {}
        for each in batch:
            grouped.setdefault((each.topic(), each.partition()), []).append(each)
        for (topic, partition), messages in grouped.items():
            self.arrival += 1
            rows = ((each.offset(), each.timestamp()[1], each.key(), each.value()) for each in messages)
            self.judges[partition].take(LANE_OF[topic], self.arrival, rows)
        self.learn_ends()
        for judge in self.judges.values():
            for topic, key, value in judge.judge():
                self.producer.produce(topic, value, key)
        self.producer.poll(0)
        if self.due is None and any(judge.unsaved for judge in self.judges.values()):
            self.due = time.monotonic() + CHECKPOINT_SECONDS
        if self.due is not None and time.monotonic() >= self.due:
            self.checkpoint()

    def batch(self) -> list:
        """Return what has arrived: `consume` with a time to wait would wait until that many are there."""
        batch = self.consumer.consume(MOST, 0)
        if not batch:
            blocked = any(judge.blocked for judge in self.judges.values())
            first = self.consumer.poll(0.002 if blocked or self.due else 0.2)
            batch = [] if first is None else [first, *self.consumer.consume(MOST, 0)]
        for each in batch:
            if each.error():
                raise SystemExit(str(each.error()))
        return batch

    def learn_ends(self) -> None:
        asked = self.arrival
        empty = {
            TopicPartition(NAMES[lane], judge.number): (judge, lane)
            for judge in self.judges.values()
            if judge.blocked
            for lane in judge.empty()
        }
        if empty:
            latest = OffsetSpec.latest()
            for tp, answer in self.admin.list_offsets(dict.fromkeys(empty, latest)).items():
                judge, lane = empty[tp]
                judge.learn_end(lane, answer.result().offset, asked)

    def checkpoint(self) -> None:
        positions = [
            TopicPartition(topic, judge.number, offset)
            for judge in self.judges.values()
            for topic, offset in judge.committable().items()
        ]
        for judge in self.judges.values():
            for key, value in judge.changes():
                self.producer.produce(CHANGELOG, value, key, partition=judge.number)
        if self.producer.flush(30):
            raise SystemExit("the broker does not take what was produced")
        self.consumer.commit(offsets=positions, asynchronous=False)
        self.due = None


def main() -> None:
    loop = Loop()
    while True:
        loop.turn()


if __name__ == "__main__":
    main()
