"""Events put aside on disk, lane by lane, so that what is read once can be read again in another order.

One temporary file holds all lanes as runs of events of one kind: no lane needs a file of its own, and the file has no
name, so that nothing is left behind however the program ends.
"""

import os
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self, TypeAlias

import msgspec

from stream_app.core.events import CustomerProfile, Event, Interaction, PageView, Purchase

EVENTS_HELD = 65_536  # in memory, over all lanes
LONGEST_RUN = 512  # events
SHORTEST_RUN = 16

_Decoder: TypeAlias = (
    "msgspec.msgpack.Decoder[list[PageView]] | msgspec.msgpack.Decoder[list[Purchase]]"
    " | msgspec.msgpack.Decoder[list[CustomerProfile]] | msgspec.msgpack.Decoder[list[Interaction]]"
)
_Run: TypeAlias = tuple[int, int, type[Event]]  # where it starts, its length in bytes, what it holds


class Spool:
    """A fixed number of lanes: `append` to any of them, then read each from its start with `runs`."""

    def __init__(self, lanes: int) -> None:
        self._file = tempfile.TemporaryFile(prefix="stream-app-replay-")  # noqa: SIM115  (closed by `close`)
        self._end = 0
        self._held: list[list[Event]] = [[] for _ in range(lanes)]
        self._written: list[list[_Run]] = [[] for _ in range(lanes)]
        self._run = max(SHORTEST_RUN, min(LONGEST_RUN, EVENTS_HELD // lanes))
        self._encoder = msgspec.msgpack.Encoder()
        self._decoders: dict[type[Event], _Decoder] = {
            PageView: msgspec.msgpack.Decoder(list[PageView]),
            Purchase: msgspec.msgpack.Decoder(list[Purchase]),
            CustomerProfile: msgspec.msgpack.Decoder(list[CustomerProfile]),
            Interaction: msgspec.msgpack.Decoder(list[Interaction]),
        }

    def append(self, lane: int, event: Event) -> None:
        """Put an event at the end of a lane."""
        held = self._held[lane]
        if held and (len(held) >= self._run or type(held[0]) is not type(event)):
            self._write(lane)
            held = self._held[lane]
        held.append(event)

    def runs(self, lane: int) -> Iterator[list[Event]]:
        """Yield the lane's events in the order in which they were appended, some at a time."""
        self._write(lane)
        for start, length, kind in self._written[lane]:
            self._file.seek(start)
            yield [*self._decoders[kind].decode(self._file.read(length))]

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return the spool, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _write(self, lane: int) -> None:
        if held := self._held[lane]:
            raw = self._encoder.encode(held)
            self._file.seek(self._end, os.SEEK_SET)
            self._file.write(raw)
            self._written[lane].append((self._end, len(raw), type(held[0])))
            self._end += len(raw)
            self._held[lane] = []
