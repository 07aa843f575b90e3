"""One input on its way from the topic that others write to the internal one: read, put in order, written.

What is written and up to where that was read is one transaction: both are there or neither, whatever is killed when.
Whoever begins anew under the same transactional id ends what the one before had begun, who can write no more then.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from stream_app.core.events import SECOND
from stream_app.outbox import LARGEST_BATCH
from stream_app.partitioners import Partitioner, partition_of, partition_of_customer
from stream_app.rekey.assignor import AllToOne
from stream_app.rekey.lanes import SourceLanes
from stream_app.rekey.metrics import RekeyMetrics
from stream_app.rekey.positions import begun
from stream_app.rekey.turning import Turned, Turning
from stream_app.settings import Settings
from stream_app.topics import InputTopic, OutputTopic

log = structlog.get_logger(__name__)

AT_ONCE = 2_000  # records of a fetch: the loop is the detector's too
FETCH_MAX_WAIT_MS = 50  # a fetch that waits at the broker
IDLE_MS, BUSY_MS = 100, 10  # that a round waits for records: while nothing waits, while something does
PACE_SECONDS = 0.05  # between two transactions: each costs the broker as much as hundreds of events
FULL = 2_000  # records that are not waited with
START_SECONDS = 60.0
AGAIN_SECONDS = 1.0
_NO_POLL_LIMIT_MS = 2**31 - 1  # who stands by never polls


class _OverError(Exception):
    """The topic went to another worker, or is assigned anew."""


class Stage(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped
    """Rekeys one input wherever its group lets it; `partitions` says how many each topic has."""

    def __init__(
        self, settings: Settings, topic: InputTopic, partitions: Mapping[str, int], metrics: RekeyMetrics
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._source, self._target = settings.source(topic), settings.topic(topic)
        self._written = [TopicPartition(self._target, number) for number in range(partitions[self._target])]
        letters = settings.topic(OutputTopic.DEAD_LETTERS)
        self._turning = Turning(
            topic=topic,
            target=self._target,
            target_partition=partition_of_customer(len(self._written)),
            dead_letters=letters,
            dead_partition=lambda key: partition_of(key, partitions[letters], Partitioner.MURMUR2),
        )
        self._metrics = metrics
        self._assigned: list[TopicPartition] = []
        self._times = 0  # assigned or revoked
        self._mine = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled. What Kafka refuses is begun anew: nothing is known here that does not stand there."""
        while True:
            try:
                async with self._reading() as (consumer, asking):
                    await self._take_turns(consumer, asking)
            except (KafkaError, TimeoutError) as error:
                log.warning("rekey begins anew", topic=self._source, error=repr(error))
            await asyncio.sleep(AGAIN_SECONDS)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Write nothing more."""
        self._times += 1
        self._mine.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin, if it is all ours; else stand by."""
        self._times += 1
        self._assigned = sorted(assigned)
        if self._assigned:
            self._mine.set()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaConsumer]]:
        session_ms = self._settings.kafka.session_timeout * 1_000 // SECOND
        own = {
            **self._settings.client_options(),
            "enable_auto_commit": False,
            "isolation_level": "read_committed",
            "auto_offset_reset": "earliest",
            "fetch_max_wait_ms": FETCH_MAX_WAIT_MS,
        }
        consumer = AIOKafkaConsumer(
            **own,
            group_id=self._target,
            partition_assignment_strategy=[AllToOne],
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 4,
            rebalance_timeout_ms=session_ms,
            max_poll_interval_ms=_NO_POLL_LIMIT_MS,
        )
        # A connection of its own: on the other an answer would wait for a fetch to return.
        asking = AIOKafkaConsumer(**own, group_id=None)
        async with AsyncExitStack() as stack:
            for client in (asking, consumer):
                stack.push_async_callback(client.stop)
                await client.start()
            self._mine.clear()
            consumer.subscribe([self._source], listener=self)
            yield consumer, asking

    async def _take_turns(self, consumer: AIOKafkaConsumer, asking: AIOKafkaConsumer) -> None:
        while True:
            await self._mine.wait()
            times = self._times
            with suppress(_OverError):
                try:
                    async with self._writing() as producer:
                        await self._work(consumer, asking, producer, times)
                except Exception:  # what was taken from us fails as it likes, with assertions, too
                    self._check(times)
                    raise
            self._metrics.lag.labels(self._topic).set(0)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            **self._settings.client_options(),
            transactional_id=self._target,
            max_batch_size=LARGEST_BATCH,
            max_request_size=LARGEST_BATCH + 100_000,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await producer.start()
            yield producer
        finally:
            await producer.stop()

    async def _work(
        self, consumer: AIOKafkaConsumer, asking: AIOKafkaConsumer, producer: AIOKafkaProducer, times: int
    ) -> None:
        # What is committed is looked up after the producer began: the one before can commit nothing more.
        lanes = SourceLanes(await begun(self._settings, consumer, self._assigned, self._written), self._turning)
        log.info("rekey begins", topic=self._source, by=self._target, partitions=len(lanes.all))
        ready: list[Turned] = []
        written = 0.0
        while True:
            self._check(times)
            await _fetch(consumer, lanes, BUSY_MS if ready or lanes.blocked else IDLE_MS)
            await _learn_ends(asking, lanes)
            ready += lanes.in_order()
            self._check(times)
            if len(ready) >= FULL or time.monotonic() >= written + PACE_SECONDS:
                await self._write(producer, ready, lanes)
                self._measure(consumer, lanes)
                ready, written = [], time.monotonic()

    def _check(self, times: int) -> None:
        if times != self._times:
            raise _OverError

    async def _write(self, producer: AIOKafkaProducer, ready: Sequence[Turned], lanes: SourceLanes) -> None:
        if not (offsets := lanes.uncommitted()):
            return
        async with producer.transaction():
            await _send(producer, ready)
            await producer.send_offsets_to_transaction(offsets, self._target)
        lanes.committed(offsets)
        for outcome, count in Counter(turned.outcome for turned in ready).items():
            self._metrics.records.labels(self._topic, outcome).inc(count)

    def _measure(self, consumer: AIOKafkaConsumer, lanes: SourceLanes) -> None:
        ends = [(consumer.highwater(lane.place), lane.committable) for lane in lanes.all]
        self._metrics.lag.labels(self._topic).set(sum(max(0, (end or 0) - done) for end, done in ends))


async def _fetch(consumer: AIOKafkaConsumer, lanes: SourceLanes, wait_ms: int) -> None:
    if not (hungry := lanes.hungry):
        return
    fetched = await consumer.getmany(*hungry, timeout_ms=wait_ms, max_records=AT_ONCE)
    lanes.take(fetched, {place: await consumer.position(place) for place in hungry})


async def _learn_ends(asking: AIOKafkaConsumer, lanes: SourceLanes) -> None:
    """Learn where those end of which nothing waits: asked after the others' records had come."""
    if lanes.blocked:
        arrival = lanes.arrival
        lanes.ends(arrival, await asking.end_offsets(lanes.hungry))


async def _send(producer: AIOKafkaProducer, ready: Iterable[Turned]) -> None:
    batches: dict[TopicPartition, Any] = {}
    sent = []
    for turned in ready:
        if turned.place is None:
            continue
        record = {"key": turned.key, "value": turned.value, "timestamp": None, "headers": turned.headers}
        if (batch := batches.get(turned.place)) is None:
            batch = batches[turned.place] = producer.create_batch()
        if batch.append(**record) is None:
            sent.append(await producer.send_batch(batch, turned.place.topic, partition=turned.place.partition))
            batch = batches[turned.place] = producer.create_batch()
            assert batch.append(**record) is not None, "larger than any record that is turned"
    for place, batch in batches.items():
        sent.append(await producer.send_batch(batch, place.topic, partition=place.partition))
    await asyncio.gather(*sent)
