"""A ground whose page views have no keys and whose purchases are keyed by themselves, over three partitions each."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.protocol.admin import DeleteGroupsRequest
from msgspec import Struct

from stream_app.partitioners import Partitioner, partition_of
from stream_app.rekey.turning import origin_of
from stream_app.topics import ALERT_TOPICS, InputTopic, OutputTopic, rekeyed_name, topic_name
from tests.acceptance.wire import Step
from tests.faults.ground import Ground, raw
from tests.faults.history import history
from tests.faults.truth import Found, Judge, Truth

REKEYED = (InputTopic.PURCHASES, InputTopic.PAGE_VIEWS)
NOT_JSON = b"{"


@dataclass(frozen=True)
class RekeyedGround(Ground):
    """Detect reads what its stages have written."""

    source_partitions: int = 3

    def environ(self, worker: int = 0, **more: str) -> dict[str, str]:
        """Return the settings of a worker as variables."""
        return super().environ(worker, STREAM_APP_REKEY='["purchases", "page-views"]', **more)

    async def create(self) -> None:
        """Create the topics; the sources as somebody else would."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        stamped = {"message.timestamp.type": "LogAppendTime"}
        names = [self.settings.source(topic) for topic in REKEYED]
        await admin.create_topics([NewTopic(name, self.source_partitions, 1, topic_configs=stamped) for name in names])
        await admin.close()
        await super().create()

    @property
    def inputs(self) -> list[TopicPartition]:
        """All partitions that detect reads."""
        return [TopicPartition(self.read_from(topic), n) for topic in InputTopic for n in range(self.partitions)]

    def read_from(self, topic: InputTopic) -> str:
        """Return the name of the topic that detect reads."""
        prefix = f"{self.name}."
        return rekeyed_name(topic, prefix) if topic in REKEYED else topic_name(topic, prefix)

    def _count(self, topic: str) -> int:
        return self.source_partitions if topic in {place.topic for place in self.sources} else self.partitions

    @property
    def sources(self) -> list[TopicPartition]:
        """All partitions that are rekeyed."""
        return [TopicPartition(f"{self.name}.{topic}", n) for topic in REKEYED for n in range(self.source_partitions)]

    async def write_astray(self, steps: Iterable[Step]) -> None:
        """Write steps: views anywhere in turn and without a key, purchases by their own id, the others as they should.

        Each source partition also has a record that nobody can read.
        """
        turns = count()
        options = {"bootstrap_servers": self.bootstrap_servers, "linger_ms": 20, "enable_idempotence": True}
        async with AIOKafkaProducer(**options) as producer:
            for place in self.sources:
                await producer.send(place.topic, NOT_JSON, partition=place.partition)
            for topic, record in steps:
                key, value = raw(record)
                partitions = self.source_partitions if topic in REKEYED else self.partitions
                if topic == InputTopic.PURCHASES:
                    key = record["event_id"].encode()
                if topic == InputTopic.PAGE_VIEWS or key is None:
                    key, number = None, next(turns) % partitions
                else:
                    number = partition_of(key, partitions, Partitioner.MURMUR2)
                await producer.send(f"{self.name}.{topic}", value, key, partition=number)
            await producer.flush()

    async def forget_groups(self, patience: float = 60.0) -> None:
        """Let Kafka forget up to where was rekeyed, as it does of a group that was idle for a week."""
        deadline = time.monotonic() + patience
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            for group in map(self.read_from, REKEYED):
                coordinator = await admin.find_coordinator(group)
                while (
                    code := (await admin._send_request(DeleteGroupsRequest([group]), coordinator)).results[0][1]
                ) != 0:
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"{group} is not forgotten: {code}")
                    await asyncio.sleep(0.2)
        finally:
            await admin.close()

    async def idle(self, patience: float = 120.0, alive: Any = lambda: None) -> None:
        """Return when everything is rekeyed and what was written of it is committed as judged."""
        deadline = time.monotonic() + patience
        while behind := await self._behind():
            alive()
            if time.monotonic() > deadline:
                raise TimeoutError(f"not caught up: {behind}")
            await asyncio.sleep(0.5)

    async def _behind(self) -> list[tuple[TopicPartition, int, int]]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            groups = [self.read_from(topic) for topic in REKEYED]
            done = [await admin.list_consumer_group_offsets(group) for group in groups]
        finally:
            await admin.close()
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers) as consumer:
            ends = await consumer.end_offsets(self.sources)
        rekeyed = {place: at.offset for each in done for place, at in each.items()}
        behind = [(place, rekeyed.get(place, 0), end) for place, end in ends.items() if rekeyed.get(place, 0) < end]
        if behind:
            return behind
        records, judged = await self.read(map(self.read_from, InputTopic)), await self.committed()
        last = {place: found[-1].offset + 1 for place, found in records.items() if found}
        return [(place, judged[place], end) for place, end in last.items() if judged[place] < end]


def strictly_in_order(steps: Sequence[Step]) -> list[Step]:
    """Return the steps of which each happened later than all before: then any right order is the same."""
    kept, latest = list[Step](), ""
    for topic, record in steps:
        if not isinstance(record, tuple) and record["occurred_at"] > latest:
            kept.append((topic, record))
            latest = record["occurred_at"]
    return kept


def steps_of(seed: int, events: int, customers: int = 60) -> list[Step]:
    """Return a history that has one order."""
    return strictly_in_order(history(seed, events=events, customers=customers))


def keyed_rightly(ground: RekeyedGround, steps: Iterable[Step]) -> Truth:
    """Return what must come of the same events had each topic been keyed by customer id."""
    places: dict[TopicPartition, list[ConsumerRecord]] = {place: [] for place in ground.inputs}
    for topic, record in steps:
        key, value = raw(record)
        if key is None:
            continue
        number = partition_of(key, ground.partitions, Partitioner.MURMUR2)
        place = TopicPartition(ground.read_from(InputTopic(topic)), number)
        lane = places[place]
        lane.append(ConsumerRecord(*place, len(lane), 2**42, 1, key, value, None, 0, 0, ()))
    return Judge(ground).take(places)


Place: TypeAlias = tuple[str, int, int]  # topic, partition, offset


class Crossing(Struct, frozen=True):
    """Where records stand in the sources and where those say that they are from that were written."""

    events: list[Place]
    unreadable: list[Place]
    rekeyed: list[Place]
    letters: list[Place]


async def crossing(ground: RekeyedGround) -> Crossing:
    """Return what is in the sources and what came of it, each in order."""
    sources = await ground.read({place.topic for place in ground.sources})
    written = await ground.read(map(ground.read_from, REKEYED))
    letters = await ground.read([ground.settings.topic(OutputTopic.DEAD_LETTERS)])
    said = [json.loads(record.value) for records in letters.values() for record in records]
    return Crossing(
        events=_places(sources, lambda value: value != NOT_JSON and "customer_id" in json.loads(value)),
        unreadable=_places(sources, lambda value: value == NOT_JSON),
        rekeyed=sorted(
            (*place, at) for records in written.values() for place, at in filter(None, map(origin_of, records))
        ),
        letters=sorted((letter["topic"], letter["partition"], letter["offset"]) for letter in said),
    )


def _places(found: Found, wanted: Callable[[bytes], bool]) -> list[Place]:
    records = [record for records in found.values() for record in records if wanted(record.value)]
    return sorted((record.topic, record.partition, record.offset) for record in records)


async def alert_ids(ground: Ground) -> set[str]:
    """Return the ids of all alerts."""
    found = await ground.read(ground.settings.topic(topic) for topic in ALERT_TOPICS.values())
    return {json.loads(record.value)["alert_id"] for records in found.values() for record in records}
