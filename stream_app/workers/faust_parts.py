# ruff: noqa: ANN401, ASYNC109  (the signatures are Faust's)
"""What is changed of Faust 0.15.3, and why. A test fails when the installed version is another one.

Faust hands an agent one message per record, which costs many times what judging an event costs, and loses events in
ways that no setting cures. Here one message carries all records that a fetch brought for a topic-partition (a *chunk*):

- `ChunkThread`, in `stream_app.workers.fetching`, makes the chunks.
- `ChunkConsumer` yields one message for all chunks of a fetch, holds each topic-partition to two of them under way,
  commits what it is told is durable instead of what was acknowledged, and lets the detector finish before they go.
  Chunks of the changelog go to the recovery.
- `ChunkSchema`: no decoding by Faust, since a value that it cannot decode stops the agent or is dropped.
- How state is restored stands in `stream_app.workers.recovery`.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from typing import Any, cast

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from stream_app.event_loop import new_event_loop
from stream_app.workers.chunk import Chunk, Listener, ListeningApp
from stream_app.workers.fetching import ChunkThread
from stream_app.workers.recovery import ChunkTables

WRITTEN_FOR = "0.15.3"
CHUNKS_UNDER_WAY = 2  # per topic-partition: one is worked on, one waits; more is memory, less is waiting for the broker
IDLE_SECONDS = 0.5  # an idle fetch here
PAUSED_SECONDS = 0.05  # between two looks whether anything may be fetched


class ChunkConsumer(driver.Consumer):
    """Faust's consumer, one message per chunk; offsets are committed up to `committable` and no further."""

    _thread: ChunkThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.committable: dict[TP, int] = {}
        self.uncommitted: Collection[TP] = ()
        self._under_way: Counter[TP] = Counter()

    @property
    def listener(self) -> Listener:
        """Who is told when partitions come and go: the app's detector."""
        return cast(ListeningApp, self.app).listener

    def _new_consumer_thread(self) -> ChunkThread:
        return ChunkThread(self, loop=self.loop, thread_loop=new_event_loop(), beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield one message for each topic-partition that the next fetch brings something of."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        active = self._get_active_partitions()
        if not active:
            await self.sleep(PAUSED_SECONDS)
            return
        fetched = cast(dict[TP, Chunk], await self._thread.getmany(active, IDLE_SECONDS))
        events = []
        for tp, chunk in (fetched or {}).items():
            if not self.flow_active or self.should_stop:
                return  # a seek follows that brings these records again
            # A fetch may outlast a whole rebalance; what it brings from behind the new seek would not come again.
            if chunk.epoch != self._thread.epoch_of(tp) or tp not in active:
                continue
            if self._is_changelog_tp(tp):
                cast(ChunkTables, self.app.tables).recovery.take(chunk)
            else:
                self._count(tp)
                events.append(chunk)
        if events:
            yield events[0].tp, self._message(events)

    def _message(self, chunks: list[Chunk]) -> ConsumerMessage:
        first = chunks[0]
        last = first.records[-1]
        return ConsumerMessage(
            *first.tp,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            chunks,  # type: ignore[arg-type]  # Faust types values as bytes; ChunkSchema passes them on
            None,
            tp=first.tp,
            generation_id=self.app.consumer_generation_id,
        )

    def _count(self, tp: TP) -> None:
        self._under_way[tp] += 1
        if self._under_way[tp] >= CHUNKS_UNDER_WAY:
            self.pause_partitions({tp})

    def chunk_done(self, tp: TP) -> None:
        """Say that a chunk's events have all been taken: the next may be fetched."""
        self._under_way[tp] -= 1
        if tp in self._paused_partitions and self._under_way[tp] < CHUNKS_UNDER_WAY:
            self.resume_partitions({tp})
            self._thread.look_again()

    @property
    def is_idle(self) -> bool:
        """Whether no chunk is under way."""
        return self._thread.epoch > 0 and not any(self._under_way.values())

    @property
    def generation(self) -> int:
        """The group's generation in which partitions were assigned."""
        return self.app.consumer_generation_id

    def owns(self) -> bool:
        """Whether the group still counts on this worker, as far as it has heard."""
        return self._thread.generation == self.generation

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
        """Return the value, chunks, untouched."""
        return message.value
