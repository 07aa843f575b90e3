"""The course of a demonstration, from empty topics to the last alert."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from msgspec import Struct
from msgspec.structs import replace

from stream_app.cluster import create_topics
from stream_app.codec import to_wire
from stream_app.core.events import DAY, HOUR, NEVER, Micros, TimePassed
from stream_app.demo import watch
from stream_app.demo.login import login_of, with_login
from stream_app.demo.screen import Screen
from stream_app.demo.telling import Telling, with_team
from stream_app.demo.traffic import Record, Simulation, recorded, rounds, simulated
from stream_app.demo.watch import INTENTS, Heard, Measured, Watch
from stream_app.demo.worker import Worker, WorkerEnded, settings_for
from stream_app.inbox.run import serving
from stream_app.inputs import Files
from stream_app.outbox import Outbox
from stream_app.report import Report, Tally
from stream_app.settings import Settings
from stream_app.testing import EmbeddedKafka
from stream_app.testing.kafka_runtime import free_port
from stream_app.topics import InputTopic, OutputTopic

SECONDS_PER_DAY = 0.4
"""How long a simulated day takes."""

ROUND = 1_000  # records
ROUND_SPAN = HOUR // 2  # of simulated time
ROUND_SPAN_OF_FILES = 100 * 365 * DAY  # no bound: files are not paced
AHEAD = 10_000
"""Records that may be in Kafka and not judged yet: more would only wait there, and count as latency."""

BATCH_BYTES = 900_000
LOG_LINES = 10
LOOK_SECONDS = 0.2
GRACE_SECONDS = 1.0  # it takes a moment until a dead broker is known to be dead


class BrokerEnded(Exception):
    """Kafka ended by itself; the text ends with the last lines of its log."""


class Show(Struct, frozen=True, kw_only=True):
    """What is wanted: which traffic, where JSON lines of alerts and dead letters go, whether to stay on at the end."""

    traffic: Files | Simulation
    alerts: Callable[[bytes], object]
    dead_letters: Callable[[bytes], object]
    summary: Callable[[Report], object]
    serve: bool


class Play:
    """One demonstration on one broker."""

    def __init__(
        self, kafka: EmbeddedKafka, settings: Settings, config: Path | None, show: Show, screen: Screen
    ) -> None:
        self._kafka = kafka
        self._show = show
        self._screen = screen
        self._tally = Tally()
        self._heard = Heard()
        self._sent = 0
        self._newest: Micros = NEVER  # of those who are somebody's
        self._reached: Micros = 0  # the latest moment of what was sent
        self._rounds: deque[tuple[int, Micros]] = deque()  # how much was sent up to which moment
        folder, port = kafka.data_dir / "detect", free_port()
        self._settings = with_team(settings_for(settings, kafka.bootstrap_servers, folder, port), show.traffic)
        self._worker = Worker(kafka.bootstrap_servers, folder, port, config, self._settings.feeds)
        self._watch = Watch(self._settings)

    async def run(self) -> None:
        """Play it to the end; raises WorkerEnded, BrokerEnded, ClusterError, KafkaError, and errors of files."""
        await create_topics(self._settings)
        self._screen.say("Starting the workers …")
        try:
            await self._run()
        except (KafkaError, WorkerEnded, OSError):
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # interrupted: what breaks on the way out is no news
                raise asyncio.CancelledError from None
            await self._blame_broker()
            raise

    async def _run(self) -> None:
        async with self._worker, self._watch:
            with _first_error():
                async with asyncio.TaskGroup() as tasks:
                    watchers = [tasks.create_task(each) for each in (self._worker.ended(), self._broker_ended())]
                    watchers.append(tasks.create_task(self._watch.listen(self._hear)))
                    await self._worker.ready()
                    watchers.append(tasks.create_task(self._watch.follow()))
                    records, first = _peeked(self._records())
                    async with Telling(self._settings, self._screen, first) as telling:
                        watchers += [tasks.create_task(telling.ended()), tasks.create_task(self._move_clock(telling))]
                        try:
                            await self._perform(records, telling)
                        finally:  # before what they look at is closed, also when we are interrupted
                            for watcher in watchers:
                                watcher.cancel()
                            await asyncio.gather(*watchers, return_exceptions=True)

    async def _perform(self, records: Iterator[Record], telling: Telling) -> None:
        simulation = self._show.traffic if isinstance(self._show.traffic, Simulation) else None
        began = time.monotonic()
        with self._screen.bar(simulation.days * DAY if simulation else None):
            await self._send(records, paced=simulation is not None)
            await self._watch.all_judged()
            seconds = time.monotonic() - began
            await self._watch.all_heard()
            await telling.run_out(self._reached)
        measured = Measured(await self._worker.metrics())
        tally = replace(self._tally.report(seconds), fates=telling.fates())
        self._show.summary(watch.report(tally, self._heard, measured))
        if simulation:
            self._screen.say(
                f"\nA simulated day took {SECONDS_PER_DAY} s: that set the pace, not what the worker can do."
            )
        if self._show.serve:
            await self._stay(telling.clock.now)

    async def _stay(self, now: Callable[[], Micros]) -> None:
        """Serve the inbox, by the clock that messages were told by, until somebody ends it all."""
        settings = with_login(self._settings)
        async with serving(settings, now) as inbox:
            self._screen.say(
                f"\nStill running until Ctrl-C: Kafka at {self._kafka.bootstrap_servers}, "
                f"metrics at {self._worker.address}/metrics\n"
                f"The inbox, for a browser on this machine: {inbox.address}/{login_of(settings)}"
            )
            await inbox.work

    def _records(self) -> Iterator[Record]:
        partitions = self._settings.topics.partitions
        match self._show.traffic:
            case Simulation() as simulation:
                return simulated(simulation, partitions, self._tally)
            case files:
                now_ms = time.time_ns() // 1_000_000
                return recorded(files, partitions, now_ms, self._tally, self._bury)

    async def _send(self, records: Iterator[Record], *, paced: bool) -> None:
        topics = {topic: self._settings.topic(topic) for topic in InputTopic}
        options = self._settings.client_options()
        async with AIOKafkaProducer(**options, acks="all", max_batch_size=BATCH_BYTES) as producer:
            outbox = Outbox(lambda: producer, dict.fromkeys(topics.values(), self._settings.topics.partitions))
            began, first = time.monotonic(), None
            for batch in rounds(records, ROUND, ROUND_SPAN if paced else ROUND_SPAN_OF_FILES):
                at = batch[0].occurred_at
                first = at if first is None else first
                if paced:
                    await asyncio.sleep(began + (at - first) / DAY * SECONDS_PER_DAY - time.monotonic())
                await self._room()
                for record in batch:
                    outbox.add(topics[record.topic], record.customer_id.encode() or None, record.value)
                await outbox.flush()
                await outbox.drain()
                self._newest = max([self._newest, *(each.occurred_at for each in batch if each.customer_id)])
                self._sent += len(batch)
                self._reached = max(self._reached, at)
                self._rounds.append((self._sent, self._reached))
                self._screen.progress(at, at - first, self._sent, self._watch.judged)

            await self._tell_time(outbox, topics[InputTopic.TICKS])

    async def _tell_time(self, outbox: Outbox, topic: str) -> None:
        """Let it be as late in every partition as in the last one: that is where a replay ends."""
        if self._newest == NEVER:
            return
        for partition in range(self._settings.topics.partitions):
            await outbox.write(topic, partition, [(None, to_wire(TimePassed(occurred_at=self._newest)))])
        self._sent += self._settings.topics.partitions

    async def _move_clock(self, telling: Telling) -> None:
        """Let notify's clock follow what has been judged, for ever."""
        while True:
            await self._watch.news()
            reached = None
            while self._rounds and self._rounds[0][0] <= self._watch.judged:
                _, reached = self._rounds.popleft()
            if reached is not None:
                await telling.run_to(reached)

    async def _room(self) -> None:
        """Wait while too much waits in Kafka."""
        while self._sent - self._watch.judged > AHEAD:
            await self._watch.news()

    def _hear(self, topic: OutputTopic, value: bytes) -> None:
        self._heard.hear(topic, value)
        if topic in INTENTS:
            self._show.alerts(value)
        elif topic is OutputTopic.DEAD_LETTERS:
            self._bury(value)

    def _bury(self, value: bytes) -> None:
        self._show.dead_letters(value)

    async def _blame_broker(self) -> None:
        """Raise BrokerEnded if that turns out to be the reason."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await self._broker_ended()

    async def _broker_ended(self) -> None:
        while self._kafka.pid is not None:  # noqa: ASYNC110 (a thread that waits would hold up our own end)
            await asyncio.sleep(LOOK_SECONDS)
        raise BrokerEnded(f"Kafka ended by itself. The end of its log:\n{self._kafka.log_tail(LOG_LINES)}")


def _peeked(records: Iterator[Record]) -> tuple[Iterator[Record], Micros]:
    """Return the records, and when the first happened; now, if there is none."""
    first = next(records, None)
    if first is None:
        return iter(()), time.time_ns() // 1_000
    return chain((first,), records), first.occurred_at


@contextmanager
def _first_error() -> Iterator[None]:
    """Raise what went wrong first instead of a group of one."""
    try:
        yield
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
