"""The worker: a member of the group that restores its partitions, reads their sources, and lets desks work."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from msgspec import Struct

from stream_app.cluster import in_touch
from stream_app.codec.notify import encode_order
from stream_app.core.erasure import Erasures
from stream_app.core.events import SECOND, Micros
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import Sink as Kind
from stream_app.notify.changelog import Restored, restore, starting_point
from stream_app.notify.clock import Clock
from stream_app.notify.desks import Desks, Outlet
from stream_app.notify.erasures import ErasuresTopic
from stream_app.notify.intake import Intake, from_interaction
from stream_app.notify.ledger import KafkaLedger
from stream_app.notify.machines import Machines
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.partition import GRACE, Partition
from stream_app.notify.topics import Topics
from stream_app.outbox import LARGEST_BATCH, Outbox

log = structlog.get_logger(__name__)

CHUNK = 500  # records
PATIENCE_MS = 500
MEASURED_EVERY = 5.0  # seconds of the machine's clock, whatever clock the traffic has


class Place(Struct, frozen=True, kw_only=True):
    """Where a worker works: how the cluster is reached, its group and topics, and how many partitions these have."""

    options: Mapping[str, Any]
    group: str
    session_timeout: Micros
    topics: Topics
    partitions: Mapping[str, int]


class Worker(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped
    """Reads and restores; ends, uncommitted, with the first error that is nobody's message's."""

    def __init__(
        self,
        place: Place,
        machines: Machines,
        outlets: Mapping[Kind, Outlet],
        clock: Clock,
        metrics: NotifyMetrics,
    ) -> None:
        self._place = place
        self._topics = place.topics
        self._machines = machines
        self._clock = clock
        self._metrics = metrics
        self._desks = Desks(outlets, clock, metrics)
        self._intake = Intake(place.topics, clock, machines.erasures)
        erasures = place.topics.erasures
        self._erasures = ErasuresTopic(erasures, place.partitions[erasures], machines.erasures)
        self._consumer: Any = None
        self._producer: Any = None
        self._partitions: dict[int, Partition] = {}
        self._opening: dict[int, asyncio.Task[None]] = {}
        self._first: dict[int, dict[str, int]] = {}  # partitions never read before: where their sources ended
        self._too_old = 0
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def ready(self) -> bool:
        """Whether every partition that is ours is at work, there is one, and a broker answers."""
        return bool(self._partitions) and not self._opening and in_touch(self._consumer)

    def follow(self, machines: Machines, rules: NotifyRules) -> None:
        """Go by these rules from now on, with machines that know who was erased as those before do."""
        self._machines = machines
        for partition in self._partitions.values():
            partition.follow(machines, rules)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; whatever else ends it is raised."""
        asked = asyncio.ensure_future(stop.wait())
        tasks: list[asyncio.Future[Any]] = [asked]
        try:
            await self._connect()
            following = self._erasures.follow(self._place.options, self._erase)
            tasks += [asyncio.ensure_future(work) for work in (self._read(), following, self._measure())]
            await asyncio.wait([*tasks, self._failed], return_when=asyncio.FIRST_COMPLETED)
            for ended in (*tasks, self._failed):
                if ended.done():
                    ended.result()
            await self._let_go(list(self._partitions))
        finally:
            await self._disconnect(tasks)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Restore what has come; until then nothing of it is read."""
        ours = [tp for tp in assigned if tp.topic in self._topics.sources]
        self._consumer.pause(*ours)
        for number in sorted({tp.partition for tp in ours}):
            self._opening[number] = asyncio.ensure_future(self._open(number))
            self._opening[number].add_done_callback(self._opened)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let go of everything, and keep what it came to."""
        try:
            await self._let_go(sorted({tp.partition for tp in revoked if tp.topic in self._topics.sources}))
        except Exception as error:  # the consumer would only log it
            self._fail(error)

    async def _connect(self) -> None:
        self._producer = AIOKafkaProducer(
            **self._place.options,
            enable_idempotence=True,  # what is written twice would look like another writer
            max_batch_size=LARGEST_BATCH,
            max_request_size=LARGEST_BATCH + 100_000,
        )
        session_ms = self._place.session_timeout // 1000
        self._consumer = AIOKafkaConsumer(
            **self._place.options,
            group_id=self._place.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",  # interactions may be rekeyed
            partition_assignment_strategy=[RangePartitionAssignor],  # a partition's topics come together
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 4,
            rebalance_timeout_ms=session_ms + int(GRACE * 1000),  # others wait for a send that is waited for
        )
        await self._producer.start()
        await self._consumer.start()
        self._consumer.subscribe([*self._topics.sources, self._topics.interactions], listener=self)

    async def _disconnect(self, tasks: Sequence[asyncio.Future[Any]]) -> None:
        for task in (*tasks, *self._opening.values()):
            task.cancel()
        await asyncio.gather(*tasks, *self._opening.values(), return_exceptions=True)
        for partition in self._partitions.values():
            await partition.abandon()
        self._partitions.clear()
        for client in (self._consumer, self._producer):
            if client is not None:
                await client.stop()

    def _outbox(self) -> Outbox:
        return Outbox(lambda: self._producer, self._place.partitions)

    async def _open(self, number: int) -> None:
        outbox = self._outbox()
        sources = [TopicPartition(topic, number) for topic in self._topics.sources]
        begun = self._clock.now()
        place = TopicPartition(self._topics.changelog, number)
        restored = await restore(self._place.options, outbox, place, [*sources, *self._erasures.places])
        await self._erasures.read_up_to(restored.ends)
        if restored.amended:
            self._metrics.outdated_records.inc(restored.amended)
            log.warning("late records of another worker were passed over", partition=number, keys=restored.amended)
        partition = Partition(
            machines=self._machines,
            ledger=KafkaLedger(outbox, self._topics, restored.changelog),
            clock=self._clock,
            metrics=self._metrics,
            work=self._desks.work,
            failed=self._fail,
        )
        partition.load(restored.kept)
        partition.erase(self._erasures.since(restored.kept.positions), self._erasures.positions)
        self._seek(number, partition, sources, restored)
        self._partitions[number] = partition
        partition.start()
        self._consumer.resume(*sources)
        log.info("a partition is at work", partition=number, seconds=(self._clock.now() - begun) / SECOND)

    def _seek(self, number: int, partition: Partition, sources: Sequence[TopicPartition], restored: Restored) -> None:
        known, ends = restored.kept.positions, {tp: restored.ends[tp] for tp in sources}
        for tp, end in ends.items():
            at = starting_point(f"{tp.topic}[{number}]", known.get(tp.topic), restored.begins[tp], end)
            partition.positions[tp.topic] = at
            self._consumer.seek(tp, at)
        if not known:
            self._first[number] = {tp.topic: end for tp, end in ends.items()}

    async def _erase(self, erasures: Erasures) -> None:
        """Let every partition at work forget these people; one that is opening does so itself."""
        partitions = list(self._partitions.values())
        for partition in partitions:
            partition.erase(erasures, self._erasures.positions)
        await asyncio.gather(*(partition.save() for partition in partitions))

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening = {number: each for number, each in self._opening.items() if each is not task}
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    async def _let_go(self, numbers: Iterable[int]) -> None:
        opening = [self._opening[number] for number in numbers if number in self._opening]
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        gone = [self._partitions.pop(number) for number in numbers if number in self._partitions]
        self._first = {number: ends for number, ends in self._first.items() if number in self._partitions}
        await asyncio.gather(*(partition.stop() for partition in gone))

    def _fail(self, error: BaseException) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)

    async def _read(self) -> None:
        while True:
            found = await self._consumer.getmany(timeout_ms=PATIENCE_MS, max_records=CHUNK)
            read: dict[TopicPartition, int] = {}
            touched: dict[int, Partition] = {}
            for tp, records in found.items():
                if tp.topic == self._topics.interactions:
                    await self._spread(records)
                elif (partition := self._partitions.get(tp.partition)) is not None:
                    for record in records:
                        self._intake.take(partition, record)
                    touched[tp.partition] = partition
                else:
                    continue
                read[tp] = records[-1].offset + 1
            await asyncio.gather(*(partition.save() for partition in touched.values()))
            await self._commit(read)
            self._say_what_was_too_old()

    async def _spread(self, records: Sequence[ConsumerRecord]) -> None:
        """Say to every partition of the queue what was read of customers, who may matter to any desk."""
        erasures = self._machines.erasures
        orders = [order for record in records if (order := from_interaction(record, erasures)) is not None]
        if not orders:
            return
        said = [(order.customer_id.encode(), encode_order(order)) for order in orders]
        queue, outbox = self._topics.queue, self._outbox()
        numbers = range(self._place.partitions[queue])
        await asyncio.gather(*(outbox.write(queue, number, said) for number in numbers))

    async def _commit(self, read: Mapping[TopicPartition, int]) -> None:
        """Tell the group how far we are; of all but interactions that is for those who look at lag."""
        if read:
            with suppress(KafkaError):  # such as that a rebalance goes on: then somebody reads it again
                await self._consumer.commit(dict(read))

    def _say_what_was_too_old(self) -> None:
        for number, ends in list(self._first.items()):
            partition = self._partitions[number]
            if all(partition.positions[topic] >= end for topic, end in ends.items()):
                del self._first[number]
                self._too_old += partition.too_old
        if self._too_old and not self._first and not self._opening:
            log.info(f"{self._too_old} alerts were too old when they were first read: nobody is told of them")
            self._too_old = 0

    async def _measure(self) -> None:
        """Tell how things stand, also while nothing can be read or kept."""
        while True:
            now = self._clock.now()
            seats = (seat for partition in self._partitions.values() for seat in partition.seats.values())
            self._metrics.desks([(seat.target.sink, seat.desk) for seat in seats], now)
            self._metrics.partitions_assigned.set(len(self._partitions))
            await asyncio.sleep(MEASURED_EVERY)
