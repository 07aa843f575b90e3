"""The topics, the group and the folders of one test: where a fault is played out, and what can be seen of it."""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from stream_app.cluster import create_topics
from stream_app.partitioners import Partitioner, partition_of
from stream_app.settings import Settings, load
from stream_app.topics import InputTopic, changelog_name
from tests.acceptance.naive import Record, customer_of
from tests.acceptance.wire import Step

PARTITIONS = 4
LET_IN_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Ground:
    """Everything of one test stands under `name`: topics, group, folders."""

    bootstrap_servers: str
    folder: Path
    name: str
    partitions: int = PARTITIONS
    other_group: str = ""  # than the one of that name

    def environ(self, worker: int = 0, **more: str) -> dict[str, str]:
        """Return the settings of a worker as variables."""
        return {
            "STREAM_APP_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "STREAM_APP_TOPIC_PREFIX": f"{self.name}.",
            "STREAM_APP_GROUP": self.group,
            "STREAM_APP_NOTIFY__GROUP": f"{self.name}-notify",
            "STREAM_APP_TOPICS__PARTITIONS": str(self.partitions),
            "STREAM_APP_ALERTS_FROM": "earliest",
            "STREAM_APP_RULES__SET": "simple",  # it is the way of the records that is tried
            "STREAM_APP_DATA_DIR": str(self.folder / f"worker-{worker}"),
            "STREAM_APP_WEB__PORT": "0",
            "STREAM_APP_KAFKA__SESSION_TIMEOUT": "3s",
            "STREAM_APP_CHECKPOINT_INTERVAL": "200ms",
        } | more

    @property
    def group(self) -> str:
        """The consumer group."""
        return self.other_group or self.name

    @property
    def settings(self) -> Settings:
        """The same as settings."""
        return load(environ=self.environ())

    async def create(self) -> None:
        """Create the topics."""
        await create_topics(self.settings)

    async def produce(
        self, parts: Sequence[Sequence[Step]], per_second: float = math.inf, enough: asyncio.Event | None = None
    ) -> None:
        """Write each partition's steps in their order, over the topics too; at most until there are enough.

        All by one producer, each partition's spread over the same time.
        """
        seconds = sum(map(len, parts)) / per_second
        options = {"bootstrap_servers": self.bootstrap_servers, "enable_idempotence": True}
        async with AIOKafkaProducer(**options) as producer, asyncio.TaskGroup() as tasks:
            for number, steps in enumerate(parts):
                tasks.create_task(self._produce(producer, number, steps, seconds / max(1, len(steps)), enough))

    async def _produce(
        self,
        producer: AIOKafkaProducer,
        number: int,
        steps: Sequence[Step],
        gap: float,
        enough: asyncio.Event | None,
    ) -> None:
        begun, before, sent = time.monotonic(), "", list[asyncio.Future[Any]]()
        for i, (topic, record) in enumerate(steps):
            if enough is not None and enough.is_set():
                break
            if topic != before or len(sent) >= 500:  # what stands in another topic must be there first
                await asyncio.gather(*sent)
                sent = []
            before = topic
            if (early := begun + gap * i - time.monotonic()) > 0:
                await asyncio.sleep(early)
            key, value = raw(record)
            sent.append(await producer.send(f"{self.name}.{topic}", value, key, partition=number))
        await asyncio.gather(*sent)

    async def write(self, records: Iterable[tuple[Any, ...]]) -> None:
        """Write (topic, key, value), and headers if any, as fast as it goes; without a key to the first partition."""
        options = {"linger_ms": 20, "max_batch_size": 500_000, "max_request_size": 1_048_588}
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap_servers, **options) as producer:
            for topic, key, value, *headers in records:
                number = 0 if key is None else partition_of(key, self.partitions, Partitioner.MURMUR2)
                await producer.send(f"{self.name}.{topic}", value, key, partition=number, headers=headers)
            await producer.flush()

    async def read(
        self, topics: Iterable[str], since: Mapping[TopicPartition, int] | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Return everything that stands in these topics now, from the offsets `since` on."""
        options = {"auto_offset_reset": "earliest", "isolation_level": "read_committed"}
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers, **options) as consumer:
            places = [TopicPartition(topic, n) for topic in topics for n in range(self._count(topic))]
            consumer.assign(places)
            for place in since or {}:
                consumer.seek(place, since[place])
            ends = await consumer.end_offsets(places)
            found: dict[TopicPartition, list[ConsumerRecord]] = {place: [] for place in places}
            while any([await consumer.position(place) < ends[place] for place in places]):
                for place, records in (await consumer.getmany(timeout_ms=200)).items():
                    found[place] += [record for record in records if record.offset < ends[place]]
            return found

    def _count(self, topic: str) -> int:
        return next(spec.partitions for spec in self.settings.topic_specs() if spec.name == topic)

    @property
    def changelog(self) -> str:
        """The topic that state is recovered from."""
        return changelog_name(self.group)

    @property
    def inputs(self) -> list[TopicPartition]:
        """All partitions that are read."""
        return [TopicPartition(f"{self.name}.{topic}", n) for topic in InputTopic for n in range(self.partitions)]

    async def committed(self) -> Mapping[TopicPartition, int]:
        """Return up to where the group has committed; 0 where it has not."""
        return await _answered(self._committed)

    async def _committed(self) -> Mapping[TopicPartition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            found = await admin.list_consumer_group_offsets(self.group)
        except GroupCoordinatorNotAvailableError:
            found = {}  # nobody has ever joined a group
        finally:
            await admin.close()
        return {tp: max(0, found[tp].offset) if tp in found else 0 for tp in self.inputs}

    async def ends(self) -> Mapping[TopicPartition, int]:
        """Return where the input topics end."""
        return await _answered(self._ends)

    async def _ends(self) -> Mapping[TopicPartition, int]:
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers) as consumer:
            ends: Mapping[TopicPartition, int] = await consumer.end_offsets(self.inputs)
            return ends

    async def progress(self, patience: float = 60.0, alive: Any = lambda: None) -> None:
        """Return when more is committed than now, or all of it is."""
        before, deadline = sum((await self.committed()).values()), time.monotonic() + patience
        while before >= sum((committed := await self.committed()).values()) and committed != await self.ends():
            alive()
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing more is committed, {before} records were")
            await asyncio.sleep(0.2)

    async def progress_everywhere(self, patience: float = 60.0, alive: Any = lambda: None) -> None:
        """Return when more is committed than now in each partition, or all of it is."""
        before, deadline = self._by_partition(await self.committed()), time.monotonic() + patience
        while stuck := self._stuck(before, await self.committed(), await self.ends()):
            alive()
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing more is committed in partitions {stuck}")
            await asyncio.sleep(0.2)

    def _stuck(
        self, before: Sequence[int], committed: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> list[int]:
        now, whole = self._by_partition(committed), self._by_partition(ends)
        return [n for n in range(self.partitions) if now[n] <= before[n] and now[n] < whole[n]]

    def _by_partition(self, offsets: Mapping[TopicPartition, int]) -> list[int]:
        return [sum(at for tp, at in offsets.items() if tp.partition == n) for n in range(self.partitions)]

    async def idle(self, patience: float = 120.0, alive: Any = lambda: None) -> None:
        """Return when everything is committed; `alive` is called again and again and may raise."""
        ends, deadline = await self.ends(), time.monotonic() + patience
        while (committed := await self.committed()) != ends:
            alive()
            if time.monotonic() > deadline:
                missing = {f"{tp.topic}[{tp.partition}]": (committed[tp], ends[tp]) for tp in ends}
                raise TimeoutError(f"not caught up: { ({k: v for k, v in missing.items() if v[0] != v[1]}) }")
            await asyncio.sleep(0.2)


async def _answered(ask: Callable[[], Awaitable[Mapping[TopicPartition, int]]]) -> Mapping[TopicPartition, int]:
    """Ask again as long as a broker that was just hit does not let anybody in."""
    deadline = time.monotonic() + LET_IN_WITHIN
    while True:
        try:
            return await ask()
        except KafkaError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


def raw(record: Record) -> tuple[bytes | None, bytes | None]:
    """Return key and value as a producer sends them."""
    key = customer_of(record).encode() or None
    return key, None if isinstance(record, tuple) else json.dumps(record, ensure_ascii=False).encode()
