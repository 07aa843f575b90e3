"""Judges what arrives and makes it durable in the order that loses nothing.

Alerts, fates, dead letters acknowledged → changelog acknowledged → store written → offsets committed. A crash between
two steps repeats work: the fence in a customer's state knows what was applied, and a repeated alert has the same id.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NoReturn, Protocol

import structlog
from faust.types import TP
from msgspec.structs import replace

from stream_app.core.rule_set import RuleSet
from stream_app.metrics import Metrics
from stream_app.outbox import Outbox
from stream_app.topics import InputTopic
from stream_app.workers.chunk import Chunk, Source
from stream_app.workers.intake import decoded
from stream_app.workers.lanes import ContinuityError, Lane
from stream_app.workers.output import LANE_TOPICS, Output, now_micros
from stream_app.workers.partition import Partition
from stream_app.workers.stores import RESERVED, PartitionStore

log = structlog.get_logger(__name__)

SLICE = 1_000  # events judged in one go: the loop is not held longer than some tens of milliseconds

PARTITION_KEY = RESERVED + b"partition"
"""Where it lies since when a partition is worked on."""

UNKNOWN_END_SECONDS = 30.0
"""How long events wait for a topic whose end nobody can tell."""

ASK_SECONDS = 5.0
ASK_AGAIN_SECONDS = 0.1
STOP_SECONDS = 20.0

EXIT_REPLAY = 70  # something failed: nothing of it was committed, a restart goes over it again
EXIT_GAP = 71  # records are missing between what was read and what came; a restart reads them


class Table(Protocol):
    """What the detector needs of the table."""

    @property
    def store(self) -> PartitionStore:
        """Return the store; it is there once the app runs."""


class Detector:
    """Takes chunks, judges events, sends what comes of them, keeps what was judged. One per worker process."""

    def __init__(
        self,
        *,
        topics: Mapping[str, InputTopic],
        rules: RuleSet,
        table: Table,
        changelog: str,
        source: Callable[[], Source],
        end_offsets: Callable[[Iterable[TP]], Awaitable[Mapping[TP, int]]],
        outbox: Outbox,
        output: Output,
        metrics: Metrics,
        silent_before_start: bool,
        checkpoint_seconds: float,
    ) -> None:
        self._lane_of = {name: LANE_TOPICS.index(topic) for name, topic in topics.items()}
        self._rules = rules
        self._table = table
        self._changelog = changelog
        self._source = source
        self._end_offsets = end_offsets
        self._outbox = outbox
        self._output = output
        self._metrics = metrics
        self._silent_before_start = silent_before_start
        self._checkpoint_seconds = checkpoint_seconds
        self._restoring_since = time.monotonic()
        self._assigned: dict[int, dict[TP, int]] = {}  # not begun yet
        self._partitions: dict[int, Partition] = {}
        self._chunks: list[Chunk] = []
        self._epoch = -1
        self._arrival = 0
        self._checkpoint_due: float | None = None  # monotonic seconds; None: nothing new since the last one
        self._asking: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._stopped = False

    def assigned(self) -> None:
        """Take note that state is about to be restored."""
        self._restoring_since = time.monotonic()

    def positioned(self, epoch: int, positions: Mapping[TP, int]) -> None:
        """Begin anew with these partitions, read from these offsets on; their state is restored."""
        seconds = time.monotonic() - self._restoring_since
        self._metrics.restore.set(seconds)
        numbers = sorted({tp.partition for tp in positions})
        log.info("state is restored, work begins", partitions=numbers, restore_seconds=round(seconds, 3))
        self._forget()
        self._epoch = epoch
        for tp, offset in positions.items():
            self._assigned.setdefault(tp.partition, {})[tp] = offset
        self._wake.set()

    def receive(self, chunk: Chunk) -> None:
        """Take a chunk; what was fetched before the last seek comes again."""
        if chunk.epoch == self._epoch:
            self._chunks.append(chunk)
            self._wake.set()

    async def revoked(self) -> None:
        """Make durable what was judged and forget the rest, which was never committed."""
        async with self._lock:
            await _or_end(self._checkpoint)
            if self._partitions:
                log.info("partitions are given up", partitions=sorted(self._partitions))
            self._forget()

    async def stop(self) -> None:
        """Do the same, for good; a broker that does not answer is not waited for long, and nothing is lost by that."""
        self._stopped = True
        self._wake.set()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.revoked()
        except TimeoutError as error:
            _end(EXIT_REPLAY, error)

    @property
    def ready(self) -> bool:
        """Whether partitions are assigned and restored."""
        return self._epoch >= 0

    def idle(self) -> dict[int, int]:
        """Return the partitions in which no event waits, each with a number that grows with what is read."""
        return {n: sum(lane.position for lane in p.lanes) for n, p in self._partitions.items() if p.idle}

    def _forget(self) -> None:
        self._epoch = -1
        self._assigned.clear()
        self._partitions.clear()
        self._chunks.clear()
        self._checkpoint_due = None

    async def run(self) -> None:
        """Work until stopped. Whatever fails in here ends the process, uncommitted, to be replayed."""
        while not self._stopped:
            await self._rest()
            async with self._lock:
                await _or_end(self._round)
            if self._asking is None or self._asking.done():  # beside the loop: a broker that hangs holds up nobody else
                self._asking = asyncio.create_task(_or_end(self._learn_ends))

    async def _rest(self) -> None:
        """Sleep until something arrives, or a checkpoint is due, or it is time to ask again for a topic's end."""
        timeouts = []
        if any(partition.blocked for partition in self._partitions.values()):
            timeouts.append(ASK_AGAIN_SECONDS)
        if self._checkpoint_due is not None:
            timeouts.append(max(0.0, self._checkpoint_due - time.monotonic()))
        try:
            async with asyncio.timeout(min(timeouts, default=None)):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _round(self) -> None:
        await self._begin()
        self._take_chunks()
        for partition in self._partitions.values():
            judged = partition.judge(SLICE)
            self._output.say(judged)
            self._release(partition)
            if judged.count:
                self._plan_checkpoint()
            if judged.count >= SLICE:
                self._wake.set()
        await self._output.flush()
        if self._checkpoint_due is not None and time.monotonic() >= self._checkpoint_due:
            await self._checkpoint()

    async def _begin(self) -> None:
        assigned, self._assigned = self._assigned, {}
        for number, positions in sorted(assigned.items()):
            lanes = {self._lane_of[tp.topic]: Lane(tp, offset) for tp, offset in positions.items()}
            in_order = [lanes[i] for i in range(len(LANE_TOPICS))]
            self._partitions[number] = Partition(number, in_order, self._table.store, await self._rules_of(number))
        self._metrics.partitions_assigned.set(len(self._partitions))

    async def _rules_of(self, number: int) -> RuleSet:
        """Return the rules, silent about what happened before this partition was first worked on."""
        if not self._silent_before_start:
            return self._rules
        began = self._table.store.fetch(number, PARTITION_KEY)
        if began is None:
            began = str(now_micros()).encode()
            await self._keep(number, {PARTITION_KEY: began})
        return self._rules.with_policy(replace(self._rules.policy, alerts_from=int(began)))

    def _take_chunks(self) -> None:
        chunks, self._chunks = self._chunks, []
        for chunk in chunks:
            lane_number = self._lane_of[chunk.tp.topic]
            lane = self._partitions[chunk.tp.partition].lanes[lane_number]
            lane.check(chunk.start)
            self._arrival += 1
            lane.extend(chunk.end, decoded(chunk, LANE_TOPICS[lane_number], self._arrival, self._output))
            self._plan_checkpoint()

    def _release(self, partition: Partition) -> None:
        for lane in partition.lanes:
            for _ in range(lane.chunks_done()):
                self._source().chunk_done(lane.tp)

    async def _learn_ends(self) -> None:
        """Ask for the ends of the empty lanes that events wait for; what had arrived before may go then."""
        blocked = [partition for partition in self._partitions.values() if partition.blocked]
        empty = {lane.tp: lane for partition in blocked for lane in partition.lanes if not lane.waiting}
        if not empty:
            return
        epoch, asked = self._epoch, self._arrival
        try:
            async with asyncio.timeout(ASK_SECONDS):
                ends = await self._end_offsets(empty)
                behind = {tp: ends[tp] for tp, lane in empty.items() if lane.position < ends[tp]}
                passed = await self._source().read_to(behind) if behind else {}
        except Exception as error:
            log.warning("cannot tell where topics end", topics=sorted({tp.topic for tp in empty}), error=repr(error))
            ends, passed = None, {}
        if epoch != self._epoch:
            return
        for partition in blocked:
            if ends is None:
                self._bear_not_knowing(partition, asked)
            elif partition.learn_ends(asked, ends, passed):
                self._wake.set()

    def _bear_not_knowing(self, partition: Partition, asked: int) -> None:
        """Let events go after a while in which nobody could tell where a topic ends.

        Records that are known to be unread have no such bound: they are waited for.
        """
        now = time.monotonic()
        partition.unknown_since = partition.unknown_since or now
        if now - partition.unknown_since >= UNKNOWN_END_SECONDS:
            events = partition.let_go(asked)
            self._metrics.unaligned_events.inc(events)
            log.warning("events go without alignment", partition=partition.number, events=events)
            self._wake.set()

    def _plan_checkpoint(self) -> None:
        """See to it that what came in or was judged becomes durable; events may be judged long after they came."""
        if self._checkpoint_due is None:
            self._checkpoint_due = time.monotonic() + self._checkpoint_seconds

    async def _checkpoint(self) -> None:
        began = time.monotonic()
        committable = {lane.tp: at for p in self._partitions.values() for lane, at in p.committable().items()}
        await self._output.drain()
        for number, partition in self._partitions.items():
            changes = partition.changes()
            if changes:
                await self._keep(number, changes)
            partition.settled()
        self._source().committable.update(committable)
        if committable:
            await self._source().commit()
        self._checkpoint_due = None
        self._metrics.checkpoint.observe(time.monotonic() - began)
        self._output.measure(self._partitions.values(), self._source().highwater, self._table.store.size())

    async def _keep(self, number: int, values: Mapping[bytes, bytes | None]) -> None:
        offset = await self._outbox.write(self._changelog, number, values.items())
        self._table.store.write(number, values, offset)


async def _or_end(step: Callable[[], Awaitable[None]]) -> None:
    """Do a step, or end the process: what a failed step has left behind must not be built upon."""
    try:
        await step()
    except ContinuityError as error:
        _end(EXIT_GAP, error)
    except Exception as error:
        _end(EXIT_REPLAY, error)


def _end(code: int, error: Exception) -> NoReturn:
    log.critical("the worker stops and must be started again", exit_code=code, error=repr(error), exc_info=error)
    os._exit(code)  # no clean-up: a clean stop would checkpoint and commit
