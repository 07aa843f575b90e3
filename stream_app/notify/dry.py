"""What would be told, without telling anybody or writing anything: reads as a stranger to the group."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app.core.erasure import Erasures
from stream_app.core.notify.keys import target_key
from stream_app.core.notify.orders import Order
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import Sink as Kind
from stream_app.core.routing import Target
from stream_app.notify.changelog import read_back, reader, starting_point
from stream_app.notify.clock import Clock
from stream_app.notify.desks import Desks, Outlet
from stream_app.notify.erasures import ErasuresTopic
from stream_app.notify.intake import Intake, from_interaction
from stream_app.notify.ledger import DryLedger
from stream_app.notify.machines import Machines
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.partition import Partition
from stream_app.notify.worker import CHUNK, PATIENCE_MS, Place
from stream_app.partitioners import Partitioner, partition_of


class DryRun:
    """All partitions in one process, from the state that the worker has kept."""

    def __init__(
        self,
        place: Place,
        machines: Machines,
        outlets: Mapping[Kind, Outlet],
        clock: Clock,
        metrics: NotifyMetrics,
    ) -> None:
        self._place = place
        self._known = machines.erasures
        self._intake = Intake(place.topics, clock, self._known)
        self._erasures = ErasuresTopic(place.topics.erasures, place.partitions[place.topics.erasures], self._known)
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ready = False
        self._partitions = {
            number: Partition(
                machines=machines,
                ledger=DryLedger(self._pass_on),
                clock=clock,
                metrics=metrics,
                work=Desks(outlets, clock, metrics).work,
                failed=self._fail,
            )
            for number in range(place.partitions[place.topics.changelog])
        }

    def follow(self, machines: Machines, rules: NotifyRules) -> None:
        """Go by these rules from now on."""
        for partition in self._partitions.values():
            partition.follow(machines, rules)

    async def run(self, stop: asyncio.Event) -> None:
        """Show what would be told until `stop` is set."""
        asked = asyncio.ensure_future(stop.wait())
        following = self._erasures.follow(self._place.options, self._erase)
        tasks: list[asyncio.Future[Any]] = [asked, *map(asyncio.ensure_future, (self._read(), following))]
        try:
            await asyncio.wait([*tasks, self._failed], return_when=asyncio.FIRST_COMPLETED)
            for ended in (*tasks, self._failed):
                if ended.done():
                    ended.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for partition in self._partitions.values():
                await partition.abandon()

    async def _read(self) -> None:
        async with reader(self._place.options, PATIENCE_MS) as consumer:
            await self._begin(consumer)
            while True:
                for tp, records in (await consumer.getmany(timeout_ms=PATIENCE_MS, max_records=CHUNK)).items():
                    for record in records:
                        if tp.topic != self._place.topics.interactions:
                            self._intake.take(self._partitions[tp.partition], record)
                        elif (order := from_interaction(record, self._known)) is not None:
                            for partition in self._partitions.values():
                                partition.take_all(order)
                for partition in self._partitions.values():
                    await partition.save()

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        topics = self._place.topics
        kept = {each: await read_back(consumer, TopicPartition(topics.changelog, each)) for each in self._partitions}
        sources = [TopicPartition(topic, number) for number in self._partitions for topic in topics.sources]
        news = [
            TopicPartition(topics.interactions, each) for each in range(self._place.partitions[topics.interactions])
        ]
        consumer.assign([*sources, *news])
        await consumer.seek_to_end(*news)
        begins, ends = await consumer.beginning_offsets(sources), await consumer.end_offsets(sources)
        for tp in sources:
            known = kept[tp.partition].positions.get(tp.topic)
            at = starting_point(f"{tp.topic}[{tp.partition}]", known, begins[tp], ends[tp])
            consumer.seek(tp, at)
            self._partitions[tp.partition].positions[tp.topic] = at
        await self._erasures.read_up_to(await consumer.end_offsets(self._erasures.places))
        for number, partition in self._partitions.items():
            partition.load(kept[number])
            partition.erase(self._erasures.since(kept[number].positions), self._erasures.positions)
            partition.start()
        self.ready = True

    async def _erase(self, erasures: Erasures) -> None:
        for partition in self._partitions.values():
            partition.erase(erasures, self._erasures.positions)

    def _pass_on(self, target: Target, order: Order) -> None:
        number = partition_of(target_key(target), len(self._partitions), Partitioner.MURMUR2)
        self._partitions[number].take(target, order)

    def _fail(self, error: BaseException) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)
