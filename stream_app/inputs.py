"""Recorded files and what their lines say: the same for a replay and for a demonstration."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from stream_app.codec import encode_dead_letter, read_json_lines
from stream_app.codec.erasures import decode_erasure
from stream_app.core.erasure import Erasures
from stream_app.core.events import Event
from stream_app.formats import BadLine, CsvMapping, Identity, IgnoredLine, read_access_log, read_csv
from stream_app.topics import InputTopic

NO_PARTITION = -1
NO_TIME = -1  # milliseconds; the time of a run would make each run's dead letters others


class Kind(StrEnum):
    """What a file holds, in the words of the command line."""

    CUSTOMERS = "customers"
    INTERACTIONS = "interactions"
    PURCHASES = "purchases"
    PAGE_VIEWS = "page-views"
    ACCESS_LOG = "access-log"
    CSV = "csv"


class Source(Struct, frozen=True):
    """A file, what it holds, and the topic that its events belong to."""

    kind: Kind
    topic: InputTopic
    path: Path


Line: TypeAlias = tuple[Source, Event | BadLine | IgnoredLine]


class Files(Struct, frozen=True, kw_only=True):
    """Recorded files, plain or gzip; those of a topic are read one after the other, in this order.

    `base_url` goes before the paths of an access log; `csv` needs `csv_mapping`.
    """

    customers: tuple[Path, ...] = ()
    interactions: tuple[Path, ...] = ()
    purchases: tuple[Path, ...] = ()
    page_views: tuple[Path, ...] = ()
    access_logs: tuple[Path, ...] = ()
    identity: Identity = Identity.USER
    base_url: str = ""
    csv: tuple[Path, ...] = ()
    csv_mapping: CsvMapping | None = None

    @property
    def given(self) -> bool:
        """Whether there is any file."""
        of_a_kind = (self.customers, self.interactions, self.purchases, self.page_views, self.access_logs, self.csv)
        return any(of_a_kind)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file, in the order in which they are read; raises ValueError for a CSV file without its mapping."""
        return (
            *(Source(Kind.CUSTOMERS, InputTopic.CUSTOMERS, path) for path in self.customers),
            *(Source(Kind.INTERACTIONS, InputTopic.INTERACTIONS, path) for path in self.interactions),
            *(Source(Kind.PURCHASES, InputTopic.PURCHASES, path) for path in self.purchases),
            *(Source(Kind.PAGE_VIEWS, InputTopic.PAGE_VIEWS, path) for path in self.page_views),
            *(Source(Kind.ACCESS_LOG, InputTopic.PAGE_VIEWS, path) for path in self.access_logs),
            *(Source(Kind.CSV, InputTopic(self._mapping.kind), path) for path in self.csv),
        )

    @property
    def _mapping(self) -> CsvMapping:
        if self.csv_mapping is None:
            raise ValueError("a CSV file needs the settings to say which column holds what")
        return self.csv_mapping

    def lines(self, now_ms: int) -> Iterator[Line]:
        """Yield what each line is, a file opened only when its turn comes; `now_ms` stands for the records' time.

        Raises OSError for a file that cannot be opened.
        """
        for source in self.sources:
            for item in self.read(source, now_ms):
                yield source, item

    def read(self, source: Source, now_ms: int) -> Iterator[Event | BadLine | IgnoredLine]:
        """Yield what each line of one file is; raises as `lines` does."""
        match source.kind:
            case Kind.ACCESS_LOG:
                return read_access_log(source.path, self.identity, self.base_url, now_ms)
            case Kind.CSV:
                return read_csv(source.path, self._mapping, now_ms)
            case _:
                return read_json_lines(source.path, source.topic, now_ms)


def dead_letter(source: Source, line: BadLine) -> bytes:
    """Return a line that cannot be used as the dead-letters topic has it: kind of file, no partition, line number."""
    return encode_dead_letter(
        topic=source.kind,
        partition=NO_PARTITION,
        offset=line.line_number,
        timestamp_ms=NO_TIME,
        reason=line.reason,
        detail=f"{source.path.name}: {line.detail}",
        key=None,
        value=line.raw,
    )


def read_erasures(path: Path) -> Erasures:
    """Return who was erased as the lines of a file say, values of the topic `erasures`.

    Raises:
        ErasuresError: a line cannot be read; nothing may be judged then.
    """
    with path.open("rb") as lines:
        return Erasures(decode_erasure(line, f"{path}:{at}") for at, line in enumerate(lines, 1) if line.strip())
