# ruff: noqa: ANN401  (the signatures are Faust's)
"""The thread that fetches: chunks instead of records, and what each answer of a broker proves.

`ChunkThread` is Faust's consumer thread and changes this of it:

- For each chunk it tells from which position to which it reaches, counts the seeks (*epoch*), and seeks to the log's
  start where nothing was ever committed: stock Faust stays where prefetching had brought it.
- An answer without records says where a partition ends. A request that left after a chunk was handed out proves that
  for all that came up to that chunk, and is answered at once instead of waiting for records.
- Requests to a broker leave a few milliseconds apart: each costs as much as tens of events.
- A commit that fails raises; Faust may say that nothing happened.
- A fetch does not go through Faust's queue of methods, which starts three tasks for each call.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord, OffsetAndMetadata, TopicPartition
from aiokafka.protocol.fetch import FetchRequest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from stream_app.workers.chunk import Chunk, Listener
from stream_app.workers.stops import EXIT_REPLAY, end

FETCH_MAX_WAIT_MS = 50  # a fetch that waits at the broker: nothing else is answered on its connection meanwhile
IDLE_MAX_WAIT_MS = 250  # the same while nothing is under way, and so nothing is paused that would have to be asked for
PACE_SECONDS = 0.004  # between two fetches from a broker: what has arrived meanwhile is judged together

NOTHING_PROVEN = -1


class ChunkThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, with chunks for record lists. Its coroutines run in the thread's own loop."""

    def __post_init__(self) -> None:
        """Begin with no position handed out."""
        super().__post_init__()
        self.epoch = 0
        self._handed: dict[TopicPartition, int] = {}
        self._arrival = 0  # how many fetches were handed out
        self._asked: dict[int, int] = {}  # by broker: how many there were when the last request left
        self._left: dict[int, float] = {}  # by broker: when that was
        self._proven: dict[TopicPartition, int] = {}  # by partition of events: up to which of them its end was told

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # Faust ties it to transactions of its own
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS  # the driver has 1,500 in its code, not in a setting
        consumer._client.send = partial(self._watched, consumer, consumer._client.send)
        return consumer

    async def _watched(self, consumer: AIOKafkaConsumer, send: Any, node: int, request: Any, **more: Any) -> Any:
        if not isinstance(request, FetchRequest):
            return await send(node, request, **more)
        await self._pace(node)
        arrival = self._arrival  # what is handed out while the request is under way may be younger than the answer
        if self._asked.get(node, 0) < arrival:
            request._max_wait_ms = 0  # somebody waits to know where topics end
        elif self.consumer.is_idle:  # type: ignore[attr-defined]  # of ChunkConsumer
            request._max_wait_ms = IDLE_MAX_WAIT_MS
        self._asked[node] = arrival
        response = await send(node, request, **more)
        self._tell_ends(consumer, request, response, arrival)
        return response

    async def _pace(self, node: int) -> None:
        wait = self._left.get(node, 0.0) + PACE_SECONDS - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._left[node] = time.monotonic()

    def _tell_ends(self, consumer: AIOKafkaConsumer, request: FetchRequest, response: Any, arrival: int) -> None:
        """Tell which partitions of an answer held nothing more, to whom that is news."""
        asked = {(topic, number): offset for topic, numbers in request.topics for number, offset, _ in numbers}
        ends = {}
        for topic, numbers in response.topics:
            for number, error, highwater, *_ in numbers:
                tp = TopicPartition(topic, number)
                if (
                    error == 0
                    and highwater == asked[tp]
                    and self._proven.get(tp, arrival) < arrival
                    and _position(consumer, tp) == highwater
                ):
                    self._proven[tp] = arrival
                    ends[TP(*tp)] = self._handed[tp]
        if ends:
            self.parent_loop.call_soon_threadsafe(self._listener.ended, self.epoch, arrival, ends)

    def look_again(self) -> None:
        """Hand out what was fetched of a partition that had been paused: a fetch that goes on does not look for it."""
        self.thread_loop.call_soon_threadsafe(self._look_again)

    def _look_again(self) -> None:
        fetcher = self._ensure_consumer()._fetcher
        for waiter in fetcher._fetch_waiters:
            fetcher._notify(waiter)

    @property
    def _listener(self) -> Listener:
        return cast(Listener, self.consumer.listener)  # type: ignore[attr-defined]  # of ChunkConsumer

    async def getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109
        """Return the chunks that the next fetch brings."""
        consumer = self._ensure_consumer()
        fetch = self._fetch_records(
            consumer, active_partitions, timeout=timeout, max_records=consumer._max_poll_records
        )
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(fetch, self.thread_loop))

    async def _fetch_records(self, consumer: AIOKafkaConsumer, *args: Any, **kwargs: Any) -> Any:
        fetching = consumer._fetcher._fetch_task
        if fetching.done() and not fetching.cancelled() and isinstance(error := fetching.exception(), Exception):
            end(EXIT_REPLAY, error)  # else aiokafka fetches nothing more, stays in the group, and tells nobody
        fetched = await super()._fetch_records(consumer, *args, **kwargs)
        # Nothing is awaited from here on: positions must be those that the fetch has left.
        if not self.consumer.flow_active:  # begun before the flow was stopped: nobody takes it now, let it come again
            for tp, records in fetched.items():
                consumer.seek(tp, records[0].offset)
            return {}
        if fetched:
            self._arrival += 1
        return {TP(*tp): self._chunk(consumer, tp, records) for tp, records in fetched.items()}

    def _chunk(self, consumer: AIOKafkaConsumer, tp: TopicPartition, records: list[ConsumerRecord]) -> Chunk:
        start = self._handed.get(tp, records[0].offset)
        end = self._handed[tp] = _position(consumer, tp) or 0
        return Chunk(TP(*tp), self.epoch_of(TP(*tp)), start, end, records, self._arrival)

    def epoch_of(self, tp: TP) -> int:
        """Return what changes when a partition is sought anew; noted when a fetch returns, as positions are then."""
        return self.app.consumer_generation_id if self.consumer._is_changelog_tp(tp) else self.epoch

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every source partition to its committed offset, or to the log's start; return the positions."""
        return cast(dict[TP, int], await self.call_thread(self._seek_to_committed))

    async def _seek_to_committed(self) -> dict[TP, int]:
        consumer = self._ensure_consumer()
        tps = [tp for tp in consumer.assignment() if not self.consumer._is_changelog_tp(TP(*tp))]
        committed = {tp: await consumer.committed(tp) for tp in tps}
        starts = await consumer.beginning_offsets(tps) if tps else {}
        positions = {tp: max(committed[tp] or 0, starts[tp]) for tp in tps}
        uncommitted = {TP(*tp) for tp in tps if committed[tp] is None}
        self.consumer.uncommitted = uncommitted  # type: ignore[attr-defined]  # of ChunkConsumer
        self.epoch += 1
        self._proven = dict.fromkeys(positions, NOTHING_PROVEN)
        for tp, offset in positions.items():
            consumer.seek(tp, offset)
            self._handed[tp] = offset
        return {TP(*tp): offset for tp, offset in positions.items()}

    @property
    def generation(self) -> int:
        """The group's generation that the coordinator takes us for a member of; negative when it does not."""
        return cast(int, self._ensure_consumer()._coordinator.generation)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit, or raise: also where partitions have moved, of which Faust only says that nothing happened."""
        places = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items()}
        await self._ensure_consumer().commit(places)
        return True

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


def _position(consumer: AIOKafkaConsumer, tp: TopicPartition) -> int | None:
    """Return where a partition is read on; None if it is not ours, or nobody knows yet."""
    assignment = consumer._subscription.subscription.assignment
    state = assignment.state_value(tp) if assignment is not None and tp in assignment.tps else None
    return state and cast(int | None, state._position)
