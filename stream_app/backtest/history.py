"""Recorded events, from files or from the topics of a cluster, put aside once to be judged as often as needed."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from stream_app.core.audience import IgnoredReason
from stream_app.core.erasure import Erasures
from stream_app.core.events import NEVER, Event, Micros
from stream_app.formats import BadLine, IgnoredLine
from stream_app.inputs import Files
from stream_app.partitioners import partition_of_customer
from stream_app.progress import Progress
from stream_app.recorded import Recorded
from stream_app.replay import LANES, merged
from stream_app.report import Tally
from stream_app.spool import Spool
from stream_app.topics import InputTopic

_EVENTS_PER_STEP = 4_096
_LATEST = 2**62


class Entry(Struct, frozen=True):
    """Something recorded, and the partition that it is judged in; what no customer did may have any.

    None: it is of a customer who was erased since.
    """

    topic: InputTopic
    partition: int
    item: Event | BadLine | IgnoredLine | None


def of_files(files: Files, partitions: int, now_ms: int, erasures: Erasures) -> Iterator[Entry]:
    """Yield what files hold, each customer in the partition that Kafka's default partitioner gives them."""
    place = partition_of_customer(partitions)
    for source, item in files.lines(now_ms):
        if isinstance(item, BadLine | IgnoredLine) or not item.customer_id:
            yield Entry(source.topic, 0, item)
        else:
            gone = erasures.erased_by(item.customer_id, item.occurred_at)
            yield Entry(source.topic, place(item.customer_id), None if gone else item)


def of_topics(records: Iterable[Recorded], erasures: Erasures) -> Iterator[Entry]:
    """Yield what the topics of a cluster hold, in the partitions where it stands."""
    for record in records:
        item = record.item
        if isinstance(item, BadLine | IgnoredLine) or not item.customer_id:
            yield Entry(record.topic, record.partition, item)
        else:
            gone = erasures.erased(item.customer_id, record.topic, record.partition, record.offset)
            yield Entry(record.topic, record.partition, None if gone else item)


class History:
    """Events by partition and topic on disk, and from when to when they go; `kept` are those to be judged."""

    def __init__(self, spool: Spool, partitions: int) -> None:
        self._spool = spool
        self.partitions = range(partitions)
        self.kept = 0
        self.first: Micros = _LATEST
        self.newest: Micros = NEVER

    def put_aside(self, entries: Iterable[Entry], tally: Tally, progress: Progress) -> None:
        """Take all of it; what has no customer or no sense ends here."""
        for number, entry in enumerate(entries, 1):
            tally.came_in(entry.topic)
            match entry.item:
                case None:
                    tally.erased(entry.topic)
                case BadLine(reason=reason):
                    tally.dead(entry.topic, reason)
                case IgnoredLine(reason=ignored):
                    tally.left_out(entry.topic, ignored)
                case event if not event.customer_id:
                    tally.left_out(entry.topic, IgnoredReason.ANONYMOUS)
                case event:
                    self._keep(entry, event)
            if number % _EVENTS_PER_STEP == 0:
                progress("Reading", number, None)

    def events(self, partition: int) -> Iterator[tuple[InputTopic, Event]]:
        """Yield a partition's events in the order in which they are judged; may be asked again."""
        return ((LANES[lane], event) for lane, event in merged(self._spool, partition))

    def _keep(self, entry: Entry, event: Event) -> None:
        self._spool.append(entry.partition * len(LANES) + LANES.index(entry.topic), event)
        self.kept += 1
        self.first = min(self.first, event.occurred_at)
        self.newest = max(self.newest, event.occurred_at)
