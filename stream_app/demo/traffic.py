"""What is produced, and in which order: that in which replay judges it, partition by partition.

The worker takes the topics of a partition in order of time, but at the live end it cannot wait for what nobody has
sent yet: there the order of arrival counts. So that nothing arrives too late, records go out in rounds. What is in a
round arrives in any order; a round begins when all before it is in Kafka.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import merge as by_time

import orjson
from msgspec import Struct
from msgspec.structs import replace

from stream_app.codec import decode_value, read_json_values, to_wire
from stream_app.core.events import CustomerProfile, Event, Micros, TimePassed
from stream_app.core.order import ALWAYS, NOT_KNOWN, Waiting, merge
from stream_app.formats import BadLine, IgnoredLine
from stream_app.inputs import Files, Kind, Source, dead_letter
from stream_app.partitioners import partition_of_customer
from stream_app.report import Tally
from stream_app.testing.simulator import simulate
from stream_app.topics import RECORDED, InputTopic

TOPICS = RECORDED  # in the order of ties
NO_TIME = -1
JSON_LINES = frozenset({Kind.CUSTOMERS, Kind.INTERACTIONS, Kind.PURCHASES, Kind.PAGE_VIEWS})


class Record(Struct, frozen=True, kw_only=True):
    """A record to be produced. `late_follows`: the next one of its topic and partition is older than it."""

    topic: InputTopic
    partition: int
    customer_id: str  # the key; empty: nobody known, no key
    occurred_at: Micros
    value: bytes
    late_follows: bool = False


class Simulation(Struct, frozen=True, kw_only=True):
    """What `simulate` is asked for."""

    seed: int = 7
    customers: int = 300
    days: int = 30


def simulated(simulation: Simulation, partitions: int, tally: Tally) -> Iterator[Record]:
    """Yield simulated traffic, which is in order of time already."""
    place = partition_of_customer(partitions)
    for sent in simulate(seed=simulation.seed, customers=simulation.customers, days=simulation.days):
        value = orjson.dumps(sent.value)
        tally.came_in(sent.topic)
        yield _record(sent.topic, decode_value(sent.topic, value, NO_TIME), value, place)


def recorded(
    files: Files, partitions: int, now_ms: int, tally: Tally, bury: Callable[[bytes], object]
) -> Iterator[Record]:
    """Yield what files hold; of a line that cannot be used `bury` is told, as a dead letter.

    `now_ms` stands for the timestamps that lines do not have. Raises OSError for a file that cannot be opened.
    """
    topics = {topic: _of_topic(topic, files, partitions, now_ms, tally, bury) for topic in TOPICS}
    return merged(topics, partitions)


def merged(topics: Mapping[InputTopic, Iterator[Record]], partitions: int) -> Iterator[Record]:
    """Yield the records of all topics, those of a partition in the order in which they are judged."""
    lanes = _Lanes(topics, partitions)
    of_partition = (_marked(lanes.partition(number)) for number in range(partitions))
    return by_time(*of_partition, key=lambda record: record.occurred_at)


def rounds(records: Iterable[Record], size: int, span: Micros) -> Iterator[list[Record]]:
    """Split records into lists, each of which may arrive in any order once the ones before have arrived.

    What is kept in order across topics is each customer; and nothing may overtake a record after which its topic steps
    back in time, because those that follow are judged at once, whatever other topics hold. A list has at most `size`
    records and reaches over at most `span` of event time.
    """
    current: list[Record] = []
    topic_of: dict[str, InputTopic] = {}
    topics: set[tuple[int, InputTopic]] = set()
    for record in records:
        if current and (
            topic_of.get(record.customer_id, record.topic) is not record.topic
            or (record.late_follows and any((record.partition, t) in topics for t in TOPICS if t is not record.topic))
            or len(current) >= size
            or record.occurred_at - current[0].occurred_at > span
        ):
            yield current
            current, topic_of, topics = [], {}, set()
        current.append(record)
        if record.customer_id:
            topic_of[record.customer_id] = record.topic
            topics.add((record.partition, record.topic))
    if current:
        yield current


class _Lanes:
    """Reads the topics as far as the order of their partitions asks for it, and no further."""

    def __init__(self, topics: Mapping[InputTopic, Iterator[Record]], partitions: int) -> None:
        self._topics = [topics[topic] for topic in TOPICS]
        self._waiting: list[list[deque[Waiting[Record]]]] = [[deque() for _ in TOPICS] for _ in range(partitions)]
        self._nobody: deque[Record] = deque()

    def partition(self, number: int) -> Iterator[Record]:
        """Yield a partition's records in order, and between them those that nobody's order needs."""
        lanes = self._waiting[number]
        ended = [NOT_KNOWN] * len(lanes)
        while True:
            for i, lane in enumerate(lanes):
                if not lane and ended[i] == NOT_KNOWN and not self._read(i, lane):
                    ended[i] = ALWAYS
            while self._nobody:
                yield self._nobody.popleft()
            if not any(lanes):
                return
            for _, waiting in merge(lanes, ended):
                yield waiting.event

    def _read(self, i: int, lane: deque[Waiting[Record]]) -> bool:
        """Read on in a topic until this lane of it holds a record; say whether it does."""
        for record in self._topics[i]:
            if not record.customer_id:
                self._nobody.append(record)
                continue
            self._waiting[record.partition][i].append(Waiting(record.occurred_at, 0, 0, 0, record))
            if lane:
                break
        return bool(lane)


def _marked(records: Iterator[Record]) -> Iterator[Record]:
    """Say of each record whether its topic steps back in time after it: in this order such a step comes at once."""
    held: Record | None = None
    for record in records:
        if not record.customer_id:
            yield record
            continue
        if held is not None:
            late = record.topic is held.topic and record.occurred_at < held.occurred_at
            yield replace(held, late_follows=True) if late else held
        held = record
    if held is not None:
        yield held


def _of_topic(
    topic: InputTopic,
    files: Files,
    partitions: int,
    now_ms: int,
    tally: Tally,
    bury: Callable[[bytes], object],
) -> Iterator[Record]:
    place = partition_of_customer(partitions)
    for source in files.sources:
        if source.topic is not topic:
            continue
        for item in _values(files, source, now_ms):
            tally.came_in(topic)
            match item:
                case BadLine():
                    tally.dead(topic, item.reason)
                    bury(dead_letter(source, item))
                case IgnoredLine():
                    tally.left_out(topic, item.reason)
                case (event, value):
                    yield _record(topic, event, value, place)


def _values(files: Files, source: Source, now_ms: int) -> Iterator[tuple[Event, bytes] | BadLine | IgnoredLine]:
    """Yield events with the values that go to Kafka: lines of JSON as they are, what else there is in our format."""
    if source.kind in JSON_LINES:
        yield from read_json_values(source.path, source.topic, now_ms)
        return
    for item in files.read(source, now_ms):
        match item:
            case BadLine() | IgnoredLine():
                yield item
            case CustomerProfile() | TimePassed():
                raise AssertionError("profiles and time come as JSON lines only")
            case _:
                yield item, to_wire(item)


def _record(topic: InputTopic, event: Event, value: bytes, place: Callable[[str], int]) -> Record:
    return Record(
        topic=topic,
        partition=place(event.customer_id),
        customer_id=event.customer_id,
        occurred_at=event.occurred_at,
        value=value,
    )
