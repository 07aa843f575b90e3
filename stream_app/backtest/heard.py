"""What notify reads, put aside on disk partition by partition and read again in order of time over all of them."""

import tempfile
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from types import TracebackType
from typing import Self

from msgspec import Raw
from msgspec.msgpack import Decoder, Encoder

from stream_app.core.alerts import AccountView, PublishedAlert, Resolution, Suppressed
from stream_app.core.events import Micros
from stream_app.core.notify.orders import Contacted, Solved
from stream_app.notify_simulation import Happening

_AT_ONCE = 256
_KINDS = (PublishedAlert, AccountView, Suppressed, Resolution, Contacted, Solved)
_DECODERS: tuple[Decoder[Happening], ...] = tuple(Decoder(kind) for kind in _KINDS)


class Heard:
    """Happenings by partition, each partition's in order of time; one partition is filled after the other."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="stream-app-backtest-")  # noqa: SIM115  (closed by `close`)
        self._encoder = Encoder()
        self._entries = Decoder(list[tuple[int, int, Raw]])
        self._waiting: list[tuple[Micros, int, Happening]] = []
        self._runs: list[list[tuple[int, int]]] = [[]]
        self.count = 0

    def add(self, at: Micros, happening: Happening) -> None:
        """Put one at the end of the partition."""
        self._waiting.append((at, _KINDS.index(type(happening)), happening))
        self.count += 1
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def next_partition(self) -> None:
        """End a partition: what is added from now on belongs to another."""
        self._write()
        self._runs.append([])

    def in_order(self) -> Iterator[tuple[Micros, Happening]]:
        """Yield all, the earliest first; of equal times in the order of the partitions."""
        self._write()
        return merge(*map(self._of, self._runs), key=itemgetter(0))

    def __enter__(self) -> Self:
        """Return it, to be forgotten at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._file.close()

    def _of(self, runs: list[tuple[int, int]]) -> Iterator[tuple[Micros, Happening]]:
        for start, length in runs:
            self._file.seek(start)
            for at, kind, raw in self._entries.decode(self._file.read(length)):
                yield at, _DECODERS[kind].decode(raw)

    def _write(self) -> None:
        if self._waiting:
            start = self._file.seek(0, 2)
            self._runs[-1].append((start, self._file.write(self._encoder.encode(self._waiting))))
            self._waiting = []
