"""Where an engine runs: topics of its own on the broker, what is produced there, and what comes of it."""

import asyncio
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from comparison.engines import Engine
from comparison.job import PARTITIONS, Record
from stream_app import settings
from stream_app.topics import ALERT_TOPICS, CHANGELOG_CONFIGS, InputTopic, Worker

BENCHMARKS = Path(__file__).parents[1]
GIVE_UP_SECONDS = 900
NEVER = float("inf")
LARGEST_BATCH = 500_000
STAMPED_BY_THE_BROKER = {"message.timestamp.type": "LogAppendTime"}
# Quix Streams merges topics by their timestamps, so these say when something happened. Nothing is deleted for its age.
STAMPED_BY_THE_EVENT = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}


class DidNotFinish(Exception):
    """The engine ended, or was too slow; the text is the end of its log."""


class Size:
    """How much a changelog holds of customers."""

    def __init__(self) -> None:
        self.records = 0
        self.bytes = 0
        self.latest: dict[bytes, int] = {}

    def add(self, key: bytes, length: int) -> None:
        """Count a record."""
        self.records += 1
        self.bytes += length
        self.latest[key] = length

    @property
    def state(self) -> float:
        """Bytes of the latest value of a customer, on average."""
        return sum(self.latest.values()) / max(1, len(self.latest))

    @property
    def changelog(self) -> float:
        """Bytes of all values of a customer, on average."""
        return self.bytes / max(1, len(self.latest))


class Ground:
    """Topics, a folder and a consumer group of one run of one engine."""

    def __init__(self, name: str, engine: Engine, broker: str, folder: Path) -> None:
        self.engine = engine
        self.broker = broker
        self.prefix = f"{name}."
        self.group = f"{self.prefix}{engine.group}"
        self.folder = folder / name
        self.folder.mkdir()
        theirs = f"{self.group}-state-changelog"  # as Faust names that of the textbook's table
        self.changelog = theirs if engine.group == "textbook" else self.settings().changelog(Worker.DETECT)

    def settings(self) -> settings.Settings:
        """Return the settings that the product's worker gets."""
        return settings.load(environ=self._product())

    def _product(self) -> dict[str, str]:
        return {
            "STREAM_APP_BOOTSTRAP_SERVERS": self.broker,
            "STREAM_APP_TOPIC_PREFIX": self.prefix,
            "STREAM_APP_GROUP": self.group,
            "STREAM_APP_ALERTS_FROM": "earliest",
            "STREAM_APP_WEB__PORT": "0",
            "STREAM_APP_KAFKA__SESSION_TIMEOUT": "60s",  # an engine is stopped while the input is produced
            **self.engine.rules,
            **{name: value for name, value in self.engine.own.items() if name.startswith("STREAM_APP_")},
        }

    def own_folder(self, number: int) -> Path:
        """Return where the process with this number keeps what it has."""
        return self.folder / str(number)

    def environ(self, number: int) -> dict[str, str]:
        """Return the variables of an engine's process."""
        folder = str(self.own_folder(number))
        ours = {
            "BENCH_BROKER": self.broker,
            "BENCH_PREFIX": self.prefix,
            "BENCH_GROUP": self.group,
            "BENCH_CHANGELOG": self.changelog,
            "BENCH_PARTITIONS": str(PARTITIONS),
            "BENCH_DATA": folder,
            "STREAM_APP_DATA_DIR": folder,
            "PYTHONPATH": os.pathsep.join([str(BENCHMARKS), str(BENCHMARKS.parents[1])]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {**os.environ, **self._product(), **ours, **self.engine.own}

    async def create(self) -> None:
        """Create the topics."""
        alerts = {f"{self.prefix}{topic}" for topic in ALERT_TOPICS.values()}
        inputs = {f"{self.prefix}{topic}" for topic in InputTopic}
        new = []
        for spec in self.settings().topic_specs():
            configs = dict(spec.configs)
            if spec.name in alerts:
                configs |= STAMPED_BY_THE_BROKER
            if spec.name in inputs:
                configs |= STAMPED_BY_THE_EVENT
            new.append(NewTopic(spec.name, PARTITIONS, 1, topic_configs=configs))
        if self.changelog not in {each.name for each in new}:
            new.append(NewTopic(self.changelog, PARTITIONS, 1, topic_configs=CHANGELOG_CONFIGS))
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker)
        await admin.start()
        try:
            await admin.create_topics(new)
            while len(set(await admin.list_topics()) & {each.name for each in new}) < len(new):
                await asyncio.sleep(0.05)
        finally:
            await admin.close()

    async def produce(self, records: Iterable[Record]) -> None:
        """Write records as fast as it goes."""
        places = defaultdict(list)
        for each in records:
            places[f"{self.prefix}{each.topic}", each.partition].append((each.key, each.value, each.at_ms))
        await self.write(places)

    async def write(self, places: dict[tuple[str, int], list[tuple[bytes, bytes, int | None]]]) -> None:
        """Write rows of key, value and timestamp to topics and partitions."""
        async with AIOKafkaProducer(bootstrap_servers=self.broker, max_batch_size=LARGEST_BATCH) as producer:
            for (topic, partition), rows in places.items():
                for batch in batches(producer, rows):
                    await (await producer.send_batch(batch, topic, partition=partition))

    async def finished(self, process: subprocess.Popen[bytes]) -> None:
        """Return when all input is committed; raises DidNotFinish."""
        tps = [TopicPartition(f"{self.prefix}{topic}", n) for topic in InputTopic for n in range(PARTITIONS)]
        give_up = time.monotonic() + GIVE_UP_SECONDS
        async with AIOKafkaConsumer(
            bootstrap_servers=self.broker, group_id=self.group, enable_auto_commit=False
        ) as consumer:
            consumer.assign(tps)  # only looks at the group, never joins it
            ends = {tp: end for tp, end in (await consumer.end_offsets(tps)).items() if end}
            while not all([(await consumer.committed(tp) or 0) >= end for tp, end in ends.items()]):
                self.must_run(process, give_up)
                await asyncio.sleep(0.05)

    def must_run(self, process: subprocess.Popen[bytes], give_up: float = NEVER) -> None:
        """Raise DidNotFinish if the engine has ended, or it is later than `give_up` (monotonic seconds)."""
        if process.poll() is not None or time.monotonic() > give_up:
            raise DidNotFinish(self.log()[-3000:])

    def log(self) -> str:
        """Return what the engine's processes have logged."""
        return (self.folder / "log").read_text(errors="replace")

    async def read(self, topics: Iterable[str]) -> list[ConsumerRecord]:
        """Return all that stands in topics."""
        tps = [TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS)]
        found = []
        async with AIOKafkaConsumer(bootstrap_servers=self.broker) as consumer:
            consumer.assign(tps)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(tps)
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += batch
        return found

    async def changelog_size(self) -> Size:
        """Return what stands in the engine's changelogs, whatever it calls them."""
        size = Size()
        async with AIOKafkaConsumer(bootstrap_servers=self.broker) as consumer:
            topics = sorted(name for name in await consumer.topics() if self.prefix in name and "changelog" in name)
        for each in await self.read(topics):
            if each.key and not each.key.startswith(b"\x00") and each.value:
                size.add(each.key, len(each.value))
        return size

    async def alerts(self) -> list[ConsumerRecord]:
        """Return the alert records."""
        return await self.read([f"{self.prefix}{topic}" for topic in ALERT_TOPICS.values()])


def batches(producer: AIOKafkaProducer, rows: Iterable[tuple[bytes, bytes, int | None]], headers=None):
    """Yield record batches that hold all rows, each with these headers."""
    batch = producer.create_batch()
    for key, value, at_ms in rows:
        if batch.append(key=key, value=value, timestamp=at_ms, headers=headers or []) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=at_ms, headers=headers or [])
    yield batch


def alert_ids(records: Iterable[ConsumerRecord]) -> list[str]:
    """Return the ids of alert records."""
    return [orjson.loads(each.value)["alert_id"] for each in records]
