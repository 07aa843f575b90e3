"""What a detector stands on, without Kafka: each part writes into one journal what was asked of it."""

import asyncio
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from faust.types import TP

from stream_app.codec.state import due_of
from stream_app.core.erasure import Erasures
from stream_app.core.events import NEVER
from stream_app.core.rule_set import RuleSet
from stream_app.metrics import Metrics
from stream_app.outbox import Headers, Outbox
from stream_app.topics import InputTopic, OutputTopic
from stream_app.workers.changelog import Changelog
from stream_app.workers.chunk import Chunk
from stream_app.workers.detector import Detector
from stream_app.workers.ends import Ends
from stream_app.workers.erased import Known
from stream_app.workers.in_force import Deciding, RulesInForce
from stream_app.workers.output import Output
from stream_app.workers.stores import RESERVED
from stream_app.workers.terms import next_term
from tests.acceptance.wire import Step
from tests.faults.ground import raw

EPOCH = 1
SALT = "5a" * 16
NOW_MS = 4_000_000_000_000
VIEWS, PURCHASES, CUSTOMERS, INTERACTIONS, TICKS = (
    TP(topic, 0) for topic in ("page-views", "purchases", "customers", "interactions", "ticks")
)
ALL = (CUSTOMERS, INTERACTIONS, PURCHASES, VIEWS, TICKS)
ARRIVALS = itertools.count()


class FakeBatch:
    """A record batch that holds `room` bytes."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.records: list[tuple[bytes, bytes | None]] = []
        self.headers: Headers = ()

    def append(self, *, key: bytes, value: bytes | None, timestamp: int | None, headers: Headers = ()) -> object | None:
        """Take a record; None if it does not fit."""
        self._room -= len(key) + len(value or b"")
        if self._room < 0:
            return None
        self.records.append((key, value))
        self.headers = tuple(headers)
        return object()


@dataclass
class FakeProducer:
    """Takes batches. Topics in `failing` refuse; with `hold` set acknowledgements come only from `acknowledge`."""

    journal: list[str] = field(default_factory=list)
    room: int = 10_000
    failing: set[str] = field(default_factory=set)
    hold: bool = False
    sent: dict[str, list[tuple[int, bytes, bytes | None]]] = field(default_factory=dict)
    held: list[asyncio.Future[object]] = field(default_factory=list)
    headers: dict[str, list[Headers]] = field(default_factory=dict)  # of each record

    def create_batch(self) -> FakeBatch:
        """Return an empty batch."""
        return FakeBatch(self.room)

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> asyncio.Future[object]:
        """Take a batch; the answer is its acknowledgement."""
        self.journal.append(f"send {topic}")
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if topic in self.failing:
            future.set_exception(KafkaError(topic))
            return future
        records = self.sent.setdefault(topic, [])
        metadata = SimpleNamespace(offset=len(records))
        records += [(partition, key, value) for key, value in batch.records]
        self.headers.setdefault(topic, []).extend([batch.headers] * len(batch.records))
        if self.hold:
            self.held.append(future)
        else:
            asyncio.get_running_loop().call_soon(self._acknowledge, topic, future, metadata)
        return future

    def _acknowledge(self, topic: str, future: asyncio.Future[object], metadata: object) -> None:
        self.journal.append(f"acknowledged {topic}")
        future.set_result(metadata)

    async def read(self, topic: str, partition: int, first: int, last: int) -> list[ConsumerRecord]:
        """Return what was sent."""
        return [
            replace(record(TP(topic, partition), at, *self.sent[topic][at][1:]), headers=self.headers[topic][at])
            for at in range(first, last + 1)
        ]

    def acknowledge(self) -> None:
        """Acknowledge what is held."""
        for future in self.held:
            future.set_result(SimpleNamespace(offset=0))


@dataclass
class FakeStore:
    """A store in memory; `table.store` of the detector."""

    journal: list[str] = field(default_factory=list)
    values: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)

    @property
    def store(self) -> "FakeStore":
        """Return itself: it plays the table as well."""
        return self

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self.values.get((partition, key))

    def size(self, partitions: Iterable[int]) -> tuple[int, int]:
        """Return how many values are stored and how many bytes they are."""
        return len(self.values), sum(map(len, self.values.values()))

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values."""
        self.journal.append("store")
        self.offsets[partition] = changelog_offset
        for key, value in values.items():
            self.values.pop((partition, key), None)
            if value is not None:
                self.values[partition, key] = value

    def restored_to(self, partition: int) -> int | None:
        """Return the offset of the last write."""
        return self.offsets.get(partition)

    def dues(self, partition: int) -> Iterator[tuple[int, bytes]]:
        """Return when customers are due, the earliest first."""
        found = (
            (due_of(value), key)
            for (number, key), value in self.values.items()
            if number == partition and not key.startswith(RESERVED)
        )
        return iter(sorted(entry for entry in found if entry[0] != NEVER))

    def purges(self) -> list[Callable[[], None]]:
        """Have nothing to purge."""
        return []

    def keys(self, partition: int) -> Iterator[bytes]:
        """Return the keys of a partition."""
        return (key for number, key in self.values if number == partition)


@dataclass
class FakeSource:
    """The consumer; `passed` is what it says of positions that went beyond all records."""

    journal: list[str] = field(default_factory=list)
    committable: dict[TP, int] = field(default_factory=dict)
    committed: dict[TP, int] = field(default_factory=dict)
    done: list[TP] = field(default_factory=list)
    passed: dict[TP, int] = field(default_factory=dict)
    uncommitted: set[TP] = field(default_factory=set)
    generation: int = 1
    member: bool = True

    def owns(self) -> bool:
        """Return whether the group counts on this worker."""
        return self.member

    def chunk_done(self, tp: TP) -> None:
        """Note that a chunk was used up."""
        self.done.append(tp)

    async def read_to(self, ends: Mapping[TP, int]) -> Mapping[TP, int]:
        """Return what of `passed` was asked for."""
        return {tp: self.passed[tp] for tp in ends if tp in self.passed}

    async def commit(self) -> bool:
        """Commit."""
        self.journal.append("commit")
        self.committed |= self.committable
        return True

    def highwater(self, tp: TP) -> int | None:
        """Know nothing."""
        return None


class FakeEnds:
    """Where topics end: at `ends`, 0 where nothing is said; None: nobody can tell. `ask` holds back answers."""

    def __init__(self) -> None:
        self.ends: dict[TP, int] | None = {}
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Return the ends."""
        tps = list(tps)
        if len(tps) == len(ALL):  # at the assignment: nothing that was read is gone
            return dict.fromkeys(tps, 2**62)
        self.asked.set()
        await self.may_answer.wait()
        if self.ends is None:
            raise KafkaError("nobody answers")
        return {tp: self.ends.get(tp, 0) for tp in tps}


class Unclaimed(Changelog):
    """A changelog in which a term begins without a word, so that what is written is what was judged."""

    async def begin(self, partition: int) -> None:
        """Begin a term."""
        self._terms[partition] = next_term(None, 1)


class Bench:
    """A detector on fakes, with partition 0 of all topics assigned at offset 0."""

    def __init__(
        self,
        *,
        silent_before_start: bool = False,
        checkpoint_seconds: float = 0.0,
        rules: RuleSet = RuleSet(),  # noqa: B008
        fed: Collection[str] = (),
    ) -> None:
        self.journal: list[str] = []
        self.producer = FakeProducer(self.journal)
        self.store = FakeStore(self.journal)
        self.source = FakeSource(self.journal)
        self.ends = FakeEnds()
        self.metrics = Metrics()
        outbox = Outbox(lambda: self.producer, {str(topic): 1 for topic in OutputTopic})
        self.detector = Detector(
            topics={str(topic): topic for topic in InputTopic},
            rules=RulesInForce(Deciding(rules), self.metrics),
            table=self.store,
            changelog=Unclaimed(
                topic="changelog",
                outbox=outbox,
                store=lambda: self.store,
                source=lambda: self.source,
                read=self.producer.read,
                metrics=self.metrics,
            ),
            source=lambda: self.source,
            end_offsets=self.ends,
            asked=Ends(self.ends, lambda: self.source, self.metrics, fed),
            erasures=self.read_erasures,
            output=Output(outbox, {topic: str(topic) for topic in OutputTopic}, self.metrics),
            metrics=self.metrics,
            silent_before_start=silent_before_start,
            checkpoint_seconds=checkpoint_seconds,
        )
        self.erasures = Erasures()
        self.detector.positioned(EPOCH, dict.fromkeys(ALL, 0))

    async def read_erasures(self, partition: int, remembered: bytes | None) -> Known:
        """Return who was erased before."""
        return Known(self.erasures, SALT, [])

    async def round(self) -> None:
        """Let the detector look at what has arrived and ask for ends, then judge what may go."""
        await self.detector._round()
        await self.detector._learn_ends()
        await self.detector._round()

    def topics(self) -> list[str]:
        """Return the topics that were written to, in the order of their first batch."""
        return list(self.producer.sent)

    def said(self, metric: str, **labels: str) -> float:
        """Return the value of a metric."""
        return self.metrics.registry.get_sample_value(metric, labels) or 0.0


def chunk(start: int, *steps: Step, epoch: int = EPOCH, gap: int = 0) -> Chunk:
    """Return a chunk of these steps, all of one topic; after the last so many offsets hold nothing."""
    tp = TP(steps[0][0], 0)
    records = [record(tp, start + i, *raw(step[1])) for i, step in enumerate(steps)]
    return Chunk(tp, epoch, start, start + len(records) + gap, records, next(ARRIVALS))


def record(tp: TP, offset: int, key: bytes | None, value: bytes | None) -> ConsumerRecord:
    """Return a record as the consumer brings it."""
    return ConsumerRecord(tp.topic, tp.partition, offset, NOW_MS, 1, key, value, None, 0, 0, ())
