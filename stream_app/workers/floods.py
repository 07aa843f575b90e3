"""Floods of records that cannot be read: dead letters are for single ones, a broken producer is for somebody to mend.

Where more than half of the last 10,000 records of a topic-partition are dead letters, it is paused: nothing more of it
is read, its position stays, and topics of the same partition wait for it as for any unread record. A mark beside state
keeps it so over restarts and rebalances, until the setting `poison_floods` says "pass".
"""

from collections import deque
from collections.abc import Iterable

import structlog
from faust.types import TP
from prometheus_client import Gauge

from stream_app.workers.stores import RESERVED, PartitionStore

log = structlog.get_logger(__name__)

WINDOW = 10_000  # records
MOST = WINDOW // 2

_WAY_OUT = (
    "Mend the producer, then start detect with --poison-floods pass: all that cannot be read becomes dead letters, "
    "until what can be read is reached. Then start it without again."
)


class Flood:
    """Counts what cannot be read among a topic-partition's last records, until it is too much."""

    def __init__(self, tp: TP, *, passing: bool, over: bool = False) -> None:
        self.tp = tp
        self._over = over
        self._passing = passing
        self._seen = 0
        self._unreadable: deque[int] = deque()  # which of all records seen; those of the last 10,000

    def is_over(self) -> bool:
        """Say whether it was too much."""
        return self._over

    def unreadable(self, ahead: int) -> bool:
        """Count a record that has `ahead` before it in its chunk; say whether it was one too many."""
        number, last = self._seen + ahead, self._unreadable
        last.append(number)
        while last[0] <= number - WINDOW:
            last.popleft()
        self._over = len(last) > MOST and not self._passing
        return self._over

    def read(self, records: int) -> None:
        """Count the records of a chunk."""
        self._seen += records


class Floods:
    """All topic-partitions of a worker; `paused` is told how many partitions wait for somebody."""

    def __init__(self, *, passing: bool, paused: Gauge) -> None:
        self._passing = passing
        self._paused = paused
        self._of: dict[TP, Flood] = {}

    def begin(self, number: int, tps: Iterable[TP], store: PartitionStore) -> dict[bytes, bytes | None]:
        """Take up a partition, paused if it was; return which marks are to be removed."""
        marks = {tp: store.fetch(number, _mark(tp)) for tp in tps}
        for tp, mark in marks.items():
            self._of[tp] = Flood(tp, passing=self._passing, over=mark is not None and not self._passing)
            if mark is not None and not self._passing:
                self._tell(tp, int(mark))
        return {_mark(tp): None for tp, mark in marks.items() if mark is not None and self._passing}

    def of(self, tp: TP) -> Flood:
        """Return that of a topic-partition."""
        return self._of[tp]

    def pause(self, tp: TP, offset: int) -> dict[bytes, bytes | None]:
        """Say that one is paused, and return the mark that keeps it so."""
        self._tell(tp, offset)
        return {_mark(tp): str(offset).encode()}

    def paused(self) -> set[int]:
        """Return the partitions that wait for somebody."""
        return {tp.partition for tp, flood in self._of.items() if flood.is_over()}

    def clear(self) -> None:
        """Forget all."""
        self._of.clear()
        self._paused.set(0)

    def _tell(self, tp: TP, offset: int) -> None:
        self._paused.set(len(self.paused()))
        what = "a partition is paused: more than half of its last 10,000 records cannot be read"
        log.error(what, topic=tp.topic, partition=tp.partition, offset=offset, resume=_WAY_OUT)


def _mark(tp: TP) -> bytes:
    return RESERVED + b"flood." + tp.topic.encode()
