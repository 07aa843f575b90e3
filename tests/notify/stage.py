"""Topics of their own for a test, what is written to and read from them, and workers on them in this process."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stream_app.codec.notify import decode_order
from stream_app.core.events import SECOND, moment_of
from stream_app.core.routes import Sink
from stream_app.notify.changelog import read_back, reader
from stream_app.notify.clock import SystemClock
from stream_app.notify.desks import Outlet
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.topics import Topics
from stream_app.notify.worker import Place, Worker
from stream_app.partitioners import Partitioner, partition_of
from tests.notify.naive_machines import NAIVE, say

PARTITIONS = 2
PLAIN = ("alert_id", "intent", "rule_id", "severity", "polarity", "reason")


@dataclass(frozen=True)
class Stage:
    """The topics of one test."""

    servers: str
    name: str
    sent: list[str] = field(default_factory=list)  # ids of alerts, in their order

    @property
    def topics(self) -> Topics:
        """Their names."""
        names = {each: f"{self.name}.{each}" for each in Topics.__struct_fields__ if each != "alerts"}
        return Topics(alerts=(f"{self.name}.churn", f"{self.name}.budget"), **names)

    @property
    def place(self) -> Place:
        """Where a worker works."""
        topics = self.topics
        counts = dict.fromkeys([*topics.sources, topics.deliveries, topics.dead_letters, topics.changelog], PARTITIONS)
        counts[topics.erasures] = PARTITIONS
        return Place(
            options={"bootstrap_servers": self.servers},
            group=self.name,
            session_timeout=2 * SECOND,
            topics=topics,
            partitions={**counts, topics.interactions: 3},
        )

    async def create(self) -> None:
        """Create the topics."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        await admin.create_topics([NewTopic(name, count, 1) for name, count in self.place.partitions.items()])
        await admin.close()

    async def make_anew(self, topic) -> None:
        """Delete a topic and create it again."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        await admin.delete_topics([topic])
        while topic in await admin.list_topics():
            await asyncio.sleep(0.05)
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
        await admin.close()

    async def write(self, topic, records) -> None:
        """Write (key, value) where Kafka's hash puts them."""
        async with AIOKafkaProducer(bootstrap_servers=self.servers) as producer:
            for key, value in records:
                await producer.send(topic, value, key)
            await producer.flush()

    async def alert(self, *alerts) -> None:
        """Write alerts as detect does."""
        await self.write(self.topics.alerts[0], [(each.customer_id.encode(), wire(each)) for each in alerts])
        self.sent.extend(each.alert_id for each in alerts)

    async def read(self, topic):
        """Return (key, value) of all that a topic holds."""
        async with reader({"bootstrap_servers": self.servers}) as consumer:
            return [(each.key, each.value) for each in await everything(consumer, topic, self.place.partitions[topic])]

    async def orders(self):
        """Return what stands in the queue."""
        return [decode_order(value) for _, value in await self.read(self.topics.queue)]

    async def fates(self):
        """Return (alert, fate) of all deliveries."""
        found = [orjson.loads(value) for _, value in await self.read(self.topics.deliveries)]
        return sorted((each["alert_id"], each["fate"]) for each in found)

    async def kept(self, number):
        """Return what the changelog of a partition says."""
        async with reader({"bootstrap_servers": self.servers}) as consumer:
            return await read_back(consumer, TopicPartition(self.topics.changelog, number))

    @asynccontextmanager
    async def working(self, sink, machines=NAIVE, crash=False):
        """Let a worker work for as long as the block runs, and then stop or crash; yields it."""
        clock, metrics, stop = SystemClock(), NotifyMetrics(), asyncio.Event()
        worker = Worker(self.place, machines, {Sink.FILE: Outlet(Sink.FILE, sink, say, clock, metrics)}, clock, metrics)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(worker.run(stop))
            yield worker
            running.cancel() if crash else stop.set()


async def everything(consumer: AIOKafkaConsumer, topic, partitions):
    """Return all records of a topic."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(places)
    ends, found = await consumer.end_offsets(places), []
    while any([await consumer.position(place) < ends[place] for place in places]):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found += records
    return found


async def until(holds, patience=30.0):
    """Return when something holds; it may be a coroutine function."""
    deadline = time.monotonic() + patience
    while not (await found if asyncio.iscoroutine(found := holds()) else found):
        assert time.monotonic() < deadline, "it does not come true"
        await asyncio.sleep(0.05)


def partition_for(key: bytes) -> int:
    """Return where a key goes."""
    return partition_of(key, PARTITIONS, Partitioner.MURMUR2)


def wire(alert) -> bytes:
    """Return an alert as its topic has it."""
    fields = {
        name: getattr(alert, name) for name in ("alert_id", "intent", "rule_id", "severity", "polarity", "reason")
    }
    times = {name: moment_of(getattr(alert, name)).isoformat()[:-6] + "Z" for name in ("occurred_at", "detected_at")}
    rest = {"customer_id": alert.customer_id, "rule_set": alert.rule_set, "evidence": [], "schema_version": 1}
    return orjson.dumps({**fields, **times, **rest})
