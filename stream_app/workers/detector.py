"""Takes what is fetched, judges it in order, says what comes of it and has it made durable."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial

import structlog
from faust.types import TP

from stream_app.metrics import Metrics
from stream_app.topics import InputTopic
from stream_app.workers.beginning import Beginning, Table
from stream_app.workers.changelog import Changelog
from stream_app.workers.checkpoint import Checkpoint
from stream_app.workers.chunk import Chunk, Source
from stream_app.workers.ends import ASK_AFTER_SECONDS, ASK_AGAIN_SECONDS, Ends
from stream_app.workers.erased import Known
from stream_app.workers.floods import Floods
from stream_app.workers.gauges import Gauges
from stream_app.workers.in_force import Deciding, RulesInForce
from stream_app.workers.intake import decoded
from stream_app.workers.lanes import Lane
from stream_app.workers.output import LANE_TOPICS, Output, now_micros
from stream_app.workers.partition import READ_KEY, Partition
from stream_app.workers.purging import Purging
from stream_app.workers.recreated import check_assigned, check_chunk
from stream_app.workers.stops import EXIT_REPLAY, end, or_end

log = structlog.get_logger(__name__)

SLICE = 1_000  # events judged in one go: the loop is not held longer than some tens of milliseconds
STOP_SECONDS = 20.0


class Detector:
    """Takes chunks, judges events, sends what comes of them, keeps what was judged. One per worker process."""

    def __init__(
        self,
        *,
        topics: Mapping[str, InputTopic],
        rules: RulesInForce,
        table: Table,
        changelog: Changelog,
        source: Callable[[], Source],
        end_offsets: Callable[[Iterable[TP]], Awaitable[Mapping[TP, int]]],
        asked: Ends,
        output: Output,
        erasures: Callable[[int, bytes | None], Awaitable[Known]],
        metrics: Metrics,
        silent_before_start: bool,
        checkpoint_seconds: float,
        pass_floods: bool = False,
    ) -> None:
        self._lane_of = {name: LANE_TOPICS.index(topic) for name, topic in topics.items()}
        self._rules = rules
        self._beginning = Beginning(
            rules=rules, table=table, erasures=erasures, output=output, silent_before_start=silent_before_start
        )
        self._table = table
        self._changelog = changelog
        self._source = source
        self._end_offsets = end_offsets
        self._asked = asked
        self._output = output
        self._metrics = metrics
        self._gauges = Gauges(metrics, lambda tp: source().highwater(tp))
        self._checkpoint_seconds = checkpoint_seconds
        self._assigned: dict[int, dict[TP, int]] = {}  # not begun yet
        self._partitions: dict[int, Partition] = {}
        self._floods = Floods(passing=pass_floods, paused=metrics.partitions_paused)
        self._chunks: list[Chunk] = []
        self._ends: list[tuple[int, Mapping[TP, int]]] = []
        self._epoch = self._begun = -1
        self._arrival = 0
        self._checkpoint_due: float | None = None  # monotonic seconds; None: nothing new since the last one
        self._asking: asyncio.Task[None] | None = None
        self._purging = Purging()
        self._keeping: asyncio.Task[None] | None = None  # a checkpoint that is being written
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._stopped = False

    def assigned(self) -> None:
        """Take note that state is about to be restored."""
        self._gauges.restoring()

    def positioned(self, epoch: int, positions: Mapping[TP, int]) -> None:
        """Begin anew with these partitions, read from these offsets on; their state is restored."""
        numbers, seconds = sorted({tp.partition for tp in positions}), self._gauges.restored()
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

    def ended(self, epoch: int, arrival: int, ends: Mapping[TP, int]) -> None:
        """Take note of where partitions ended when all up to this arrival had come."""
        if epoch == self._epoch:
            self._ends.append((arrival, self._asked.told(ends)))
            if self._is_blocked:
                self._wake.set()

    async def revoked(self) -> None:
        """Make durable what was judged and forget the rest, which was never committed."""
        async with self._lock:
            await self._kept()
            await or_end(self._checkpoint)
            await self._kept()
            await self._purging.done()  # a database is closed after that
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
            end(EXIT_REPLAY, error)

    def change_rules(self, deciding: Deciding) -> None:
        """Judge by other rules from the next checkpoint on, which is taken at once."""
        self._rules.change(deciding)
        self._wake.set()

    @property
    def ready(self) -> bool:
        """Whether partitions are assigned, restored and at work; who has none is not."""
        return bool(self._partitions) and self._begun == self._epoch and not self._assigned

    def idle(self) -> dict[int, int]:
        """Return the partitions in which no event waits, each with a number that grows with what is read."""
        idle = {n: p for n, p in self._partitions.items() if p.idle and n not in self._floods.paused()}
        return {n: sum(lane.position for lane in partition.lanes) for n, partition in idle.items()}

    def measure(self) -> None:
        """Tell how things stand."""
        self._gauges.tell(self._partitions.values(), now_micros())

    def _forget(self) -> None:
        self._epoch = -1
        self._assigned.clear()
        self._partitions.clear()
        self._floods.clear()
        self._chunks.clear()
        self._ends.clear()
        self._checkpoint_due = None
        self._metrics.partitions_assigned.set(0)

    async def run(self) -> None:
        """Work until stopped. Whatever fails in here ends the process, uncommitted, to be replayed."""
        while not self._stopped:
            await self._rest()
            async with self._lock:
                await or_end(self._round)
            # Beside the loop: a broker that hangs holds up nobody else.
            if self._is_blocked and (self._asking is None or self._asking.done()):
                self._asking = asyncio.create_task(or_end(self._learn_ends))

    async def _rest(self) -> None:
        """Sleep until something arrives, or a checkpoint is due, or it is time to ask again for a topic's end."""
        timeouts = [ASK_AGAIN_SECONDS] if self._is_blocked else []
        if self._checkpoint_due is not None and self._keeping is None:
            timeouts.append(max(0.0, self._checkpoint_due - time.monotonic()))
        with suppress(TimeoutError):
            async with asyncio.timeout(min(timeouts, default=None)):
                await self._wake.wait()
        self._wake.clear()

    @property
    def _is_blocked(self) -> bool:
        return any(partition.blocked for partition in self._partitions.values())

    async def _round(self) -> None:
        await self._begin()
        await self._change_rules()
        self._begun = self._epoch
        await self._take_chunks()
        self._take_ends()
        for partition in self._partitions.values():
            judged = partition.judge(SLICE)
            self._release(partition)
            if judged.count:
                self._output.say(judged)
                self._output.erased(partition.number, judged.erasures)
                self._plan_checkpoint()
            if judged.count >= SLICE:
                self._wake.set()
        await self._output.flush()
        if self._keeping is None and self._checkpoint_due is not None and time.monotonic() >= self._checkpoint_due:
            await self._checkpoint()
            if not self._checkpoint_seconds:
                await self._kept()

    async def _begin(self) -> None:
        if not self._assigned:
            return
        assigned, self._assigned = self._assigned, {}
        ends = await self._end_offsets([tp for tps in assigned.values() for tp in tps])
        for number, positions in sorted(assigned.items()):
            lanes = {self._lane_of[tp.topic]: Lane(tp, offset) for tp, offset in positions.items()}
            in_order = [lanes[i] for i in range(len(LANE_TOPICS))]
            check_assigned(in_order, self._table.store.fetch(number, READ_KEY), ends, self._source().uncommitted)
            await self._changelog.begin(number)
            await self._keep(number, self._floods.begin(number, positions, self._table.store))
            self._partitions[number] = await self._beginning(number, in_order, self._keep)
        self._metrics.partitions_assigned.set(len(self._partitions))
        self._rules.say(self._partitions.values())

    async def _change_rules(self) -> None:
        """Judge by the rules that wait, once all that was judged by the others is durable: they are not asked again."""
        partitions = self._partitions.values()
        if self._rules.others_wait and self._keeping is None and not any(each.midway for each in partitions):
            await self._checkpoint()
            await self._kept()
            self._rules.take(partitions, self._beginning.rules_of)

    async def _take_chunks(self) -> None:
        chunks, self._chunks = self._chunks, []
        for chunk in chunks:
            if (flood := self._floods.of(chunk.tp)).is_over():
                continue  # never said to be done, so that no more is fetched than the next
            number, partition = self._lane_of[chunk.tp.topic], self._partitions[chunk.tp.partition]
            lane = partition.lanes[number]
            lane.check(chunk.start)
            check_chunk(chunk)
            self._arrival = chunk.arrival
            erased = partial(partition.is_erased, number)
            events, read_to = decoded(chunk, LANE_TOPICS[number], self._output, flood, erased)
            lane.extend(read_to, events)
            self._plan_checkpoint()
            if flood.is_over():
                await self._keep(chunk.tp.partition, self._floods.pause(chunk.tp, read_to))

    def _take_ends(self) -> None:
        told, self._ends = self._ends, []
        for arrival, ends in told:
            for tp, offset in ends.items():
                self._partitions[tp.partition].lanes[self._lane_of[tp.topic]].ends_at(offset, arrival)

    def _release(self, partition: Partition) -> None:
        for lane in partition.lanes:
            for _ in range(lane.chunks_done()):
                self._source().chunk_done(lane.tp)

    async def _learn_ends(self) -> None:
        """Ask where topics end if the fetches do not tell in time."""
        epoch, arrived = self._epoch, self._arrival
        await asyncio.sleep(ASK_AFTER_SECONDS)
        latest = lambda: self._arrival if epoch == self._epoch else None  # noqa: E731
        if await self._asked.learn(arrived, self._partitions.values(), latest):
            self._wake.set()

    def _plan_checkpoint(self) -> None:
        """See to it that what came in or was judged becomes durable; events may be judged long after they came."""
        if self._checkpoint_due is None:
            self._checkpoint_due = time.monotonic() + self._checkpoint_seconds

    async def _checkpoint(self) -> None:
        """Begin to make durable what was judged; events are judged on meanwhile."""
        self._checkpoint_due = None
        await self._output.flush()
        checkpoint = Checkpoint(self._partitions.values(), self._output.sent(), self._changelog.keep)
        self._keeping = asyncio.create_task(or_end(partial(self._write, checkpoint)))
        self._keeping.add_done_callback(self._is_kept)

    async def _write(self, checkpoint: Checkpoint) -> None:
        began = time.monotonic()
        await checkpoint.write(self._source())
        self._metrics.checkpoint.observe(time.monotonic() - began)
        self._purging.begin(self._table.store.purges)
        self._gauges.holds(*self._table.store.size(self._partitions))

    def _is_kept(self, _: object) -> None:
        self._keeping = None
        self._wake.set()

    async def _kept(self) -> None:
        """Return when the checkpoint that is being written is done."""
        if self._keeping is not None:
            await self._keeping

    async def _keep(self, number: int, values: Mapping[bytes, bytes | None]) -> None:
        """Keep what does not wait for a checkpoint."""
        await self._kept()
        if values:
            await self._changelog.keep(number, values)
