# ruff: noqa: ANN401, ASYNC109  (the signatures are Faust's)
"""What is changed of Faust 0.15.3, and why. A test fails when the installed version is another one.

Faust hands an agent one message per record, which costs many times what judging an event costs, and loses events in
ways that no setting cures. Here one message carries all records that a fetch brought for a topic-partition (a *chunk*):

- `ChunkThread` tells for each chunk from which position to which it reaches, counts the seeks (*epoch*), and seeks to
  the log's start where nothing was ever committed: stock Faust stays where prefetching had brought it.
- `ChunkConsumer` yields chunks, holds each topic-partition to two of them under way, commits what it is told is durable
  instead of what was acknowledged, and lets the detector finish before partitions go.
- `SafeRecovery`: Faust lets records flow before it seeks to the committed offsets and then clears its queues, which
  skips events after a recovery. Nothing may flow before the seek.
- `ChunkSchema`: no decoding by Faust, since a value that it cannot decode stops the agent or is dropped.
- `StateTable` and `RestoringStore`: a table whose store is addressed by partition (see `stream_app.workers.stores`),
  and which takes restored records as they are, chunk by chunk. Changelog, recovery and assignment stay Faust's.
- `ListeningApp`: the detector makes durable what it has judged before anything is taken down.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import faust
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faust.stores.base import Store
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, AppT, CollectionT, ConsumerMessage, EventT

from stream_app.workers.chunk import Chunk, Listener
from stream_app.workers.stores import MemoryStore, PartitionStore, RocksStore

WRITTEN_FOR = "0.15.3"
CHUNKS_UNDER_WAY = 2  # per topic-partition: one is worked on, one waits; more is memory, less is waiting for the broker
FETCH_MAX_WAIT_MS = 50  # an idle fetch at the broker: nothing else is answered on its connection meanwhile
IDLE_SECONDS = 0.1  # an idle fetch here: a partition that was paused is not asked for before the call ends


class ListeningApp(faust.App):
    """An app whose detector hears of partitions and of the end."""

    listener: Listener

    async def on_stop(self) -> None:
        """Let the detector finish, then stop as Faust does."""
        await self.listener.stop()
        await super().on_stop()


class ChunkThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, with chunks for record lists. Its coroutines run in the thread's own loop."""

    def __post_init__(self) -> None:
        """Begin with no position handed out."""
        super().__post_init__()
        self.epoch = 0
        self._handed: dict[TopicPartition, int] = {}

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS  # the driver has 1,500 in its code, not in a setting
        return consumer

    async def _fetch_records(self, consumer: AIOKafkaConsumer, *args: Any, **kwargs: Any) -> Any:
        fetched = await super()._fetch_records(consumer, *args, **kwargs)
        # Nothing is awaited from here on: positions must be those that the fetch has left.
        if not self.consumer.flow_active:  # begun before the flow was stopped: nobody takes it now, let it come again
            for tp, records in fetched.items():
                consumer.seek(tp, records[0].offset)
            return {}
        return {TP(*tp): self._chunk(consumer, tp, records) for tp, records in fetched.items()}

    def _chunk(self, consumer: AIOKafkaConsumer, tp: TopicPartition, records: list[ConsumerRecord]) -> Chunk:
        start = self._handed.get(tp, records[0].offset)
        end = self._handed[tp] = _position(consumer, tp)
        return Chunk(TP(*tp), self.epoch, start, end, records)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every source partition to its committed offset, or to the log's start; return the positions."""
        return cast(dict[TP, int], await self.call_thread(self._seek_to_committed))

    async def _seek_to_committed(self) -> dict[TP, int]:
        consumer = self._ensure_consumer()
        tps = [tp for tp in consumer.assignment() if not self.consumer._is_changelog_tp(TP(*tp))]
        committed = {tp: await consumer.committed(tp) for tp in tps}
        starts = await consumer.beginning_offsets(tps) if tps else {}
        positions = {tp: max(committed[tp] or 0, starts[tp]) for tp in tps}
        self.epoch += 1
        for tp, offset in positions.items():
            consumer.seek(tp, offset)
            self._handed[tp] = offset
        return {TP(*tp): offset for tp, offset in positions.items()}

    async def read_to(self, ends: Mapping[TP, int]) -> dict[TP, int]:
        """Return for the partitions whose position has reached `ends` the position up to which chunks were handed out.

        A log may end with offsets that hold no record: then the position passes them and no chunk ever tells.
        """
        return cast(dict[TP, int], await self.call_thread(self._read_to, ends))

    async def _read_to(self, ends: Mapping[TP, int]) -> dict[TP, int]:
        consumer = self._ensure_consumer()
        tps = {tp: TopicPartition(*tp) for tp in ends}
        held = consumer.assignment()
        return {
            tp: self._handed[raw]
            for tp, raw in tps.items()
            if raw in held and raw in self._handed and (_position(consumer, raw) or 0) >= ends[tp]
        }


def _position(consumer: AIOKafkaConsumer, tp: TopicPartition) -> Any:
    return consumer._subscription.subscription.assignment.state_value(tp)._position


class ChunkConsumer(driver.Consumer):
    """Faust's consumer, one message per chunk; offsets are committed up to `committable` and no further."""

    _thread: ChunkThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.committable: dict[TP, int] = {}
        self._under_way: Counter[TP] = Counter()

    @property
    def listener(self) -> Listener:
        """Who is told when partitions come and go: the app's detector."""
        return cast(ListeningApp, self.app).listener

    def _new_consumer_thread(self) -> ChunkThread:
        return ChunkThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield one message for each topic-partition that the next fetch brings something of."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        active = self._get_active_partitions()
        if not active:
            await self.sleep(IDLE_SECONDS)
            return
        generation = self.app.consumer_generation_id
        chunks = cast(dict[TP, Chunk], await self._thread.getmany(active, IDLE_SECONDS))
        for tp, chunk in (chunks or {}).items():
            if not self.flow_active or self.should_stop:
                return  # a seek follows that brings these records again
            # A fetch may outlast a whole rebalance; what it brings from behind the new seek would not come again.
            of_state, generation_now = self._is_changelog_tp(tp), self.app.consumer_generation_id
            stale = generation != generation_now if of_state else chunk.epoch != self._thread.epoch
            if not stale and tp in self._get_active_partitions():
                self._count(tp)
                yield tp, self._message(chunk)

    def _message(self, chunk: Chunk) -> ConsumerMessage:
        last = chunk.records[-1]
        return ConsumerMessage(
            *chunk.tp,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            chunk,  # type: ignore[arg-type]  # Faust types values as bytes; ChunkSchema passes them on
            None,
            tp=chunk.tp,
            generation_id=self.app.consumer_generation_id,
        )

    def _count(self, tp: TP) -> None:
        self._under_way[tp] += 1
        if self._under_way[tp] >= CHUNKS_UNDER_WAY and not self._is_changelog_tp(tp):
            self.pause_partitions({tp})

    def chunk_done(self, tp: TP) -> None:
        """Say that a chunk's events have all been taken: the next may be fetched."""
        self._under_way[tp] -= 1
        if tp in self._paused_partitions and self._under_way[tp] < CHUNKS_UNDER_WAY:
            self.resume_partitions({tp})

    async def read_to(self, ends: Mapping[TP, int]) -> dict[TP, int]:
        """See `ChunkThread.read_to`."""
        return await self._thread.read_to(ends)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek the source partitions and tell the listener where they stand."""
        positions = await super().seek_to_committed()
        self._under_way.clear()
        self.committable.clear()
        self.listener.positioned(self._thread.epoch, positions)
        return positions

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Tell the listener, then restore as Faust does."""
        self.listener.assigned()
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the listener checkpoint and commit while the generation is still valid, then go on as Faust does."""
        self.stop_flow()
        await self.listener.revoked()
        await super().on_partitions_revoked(revoked)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter(list(self.committable))

    def _new_offset(self, tp: TP) -> int | None:
        return self.committable.get(tp)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Do nothing: gaps are inside chunks, and what may be committed is told."""


class ChunkTransport(driver.Transport):
    """Faust's aiokafka transport with the consumer above."""

    Consumer = ChunkConsumer


class ChunkSchema(faust.Schema[Any, Any]):
    """Hands keys and values on as they are."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        """Return the key untouched."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        """Return the value, a chunk, untouched."""
        return message.value


class SafeRecovery(Recovery):
    """Faust's recovery, with nothing flowing until the seek to the committed offsets is done."""

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Stop the flow, then go on as Faust does: seek, and only then resume."""
        self.app.flow_control.suspend()
        self.app.consumer.stop_flow()
        await super().on_recovery_completed(generation_id)


class SafeTableManager(TableManager):
    """Faust's table manager with the recovery above."""

    @property
    def recovery(self) -> Recovery:
        """Return the recovery service."""
        if self._recovery is None:
            self._recovery = SafeRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class RestoringStore(Store[bytes, bytes]):
    """What Faust asks of a table's store, answered by ours."""

    def __init__(self, app: AppT, table: CollectionT, store: PartitionStore) -> None:
        super().__init__("memory://", app, table)
        self.by_partition = store

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]], to_key: object, to_value: object) -> None:
        """Take chunks of changelog records."""
        for event in batch:
            chunk = cast(Chunk, event.message.value)
            values = {record.key: record.value for record in chunk.records}
            self.by_partition.write(chunk.tp.partition, values, chunk.records[-1].offset)

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        return self.by_partition.restored_to(tp.partition)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Let go of the partitions that are somebody else's now."""
        for tp in revoked:
            if tp.topic in self.table.changelog_topic.topics:
                self.by_partition.close(tp.partition)

    async def on_stop(self) -> None:
        """Let go of everything."""
        self.by_partition.close_all()

    def reset_state(self, *_: Any, **__: Any) -> None:
        """Do nothing: only Faust's own command line asks for it."""

    restore_backup = backup_partition = reset_state  # type: ignore[assignment]  # never awaited either


class StateTable(faust.Table[bytes, bytes]):
    """A Faust table over a store that is addressed by partition; `options` may name the folder of a RocksDB."""

    @property
    def store(self) -> PartitionStore:
        """Return the store: the detector reads and writes it by partition, Faust restores it."""
        return cast(RestoringStore, self.data).by_partition

    def _new_store(self) -> Store[bytes, bytes]:
        folder = (self.options or {}).get("folder")
        return RestoringStore(self.app, self, MemoryStore() if folder is None else RocksStore(Path(folder)))
