"""One topic-partition's events that wait for their turn."""

from collections import deque
from collections.abc import Iterable

from faust.types import TP

from stream_app.core.events import Event
from stream_app.core.order import NOT_KNOWN, Waiting


class ContinuityError(Exception):
    """Records are missing between what was read and what came: going on would lose them."""


class Lane:
    """The waiting events of a topic-partition. `position` is the offset after the last record that arrived."""

    def __init__(self, tp: TP, position: int) -> None:
        self.tp = tp
        self.position = position
        self.waiting: deque[Waiting[Event]] = deque()
        self._end = position, NOT_KNOWN
        self._arrived = 0
        self._chunks: deque[int] = deque()  # how many had arrived at the end of each chunk under way

    def check(self, start: int) -> None:
        """Make sure that a chunk begins where the last one ended.

        Raises:
            ContinuityError: it does not.
        """
        if start != self.position:
            raise ContinuityError(f"{self.tp.topic}[{self.tp.partition}]: expected offset {self.position}, got {start}")

    def extend(self, end: int, events: Iterable[Waiting[Event]]) -> None:
        """Take a chunk's events, those that could be decoded; `end` is the position after it."""
        before = len(self.waiting)
        self.waiting.extend(events)
        self._arrived += len(self.waiting) - before
        self._chunks.append(self._arrived)
        self.position = end

    def ends_at(self, offset: int, arrival: int) -> None:
        """Take note that there was nothing from an offset on when all up to this arrival had come."""
        self._end = offset, arrival

    @property
    def ended(self) -> int:
        """The arrival up to which this lane is known to have taken all there was."""
        offset, arrival = self._end
        return arrival if self.position >= offset else NOT_KNOWN

    def chunks_done(self) -> int:
        """Return how many chunks have been used up since the last call."""
        taken, done = self._arrived - len(self.waiting), 0
        while self._chunks and self._chunks[0] <= taken:
            self._chunks.popleft()
            done += 1
        return done

    @property
    def committable(self) -> int:
        """The offset of the first record that was not judged yet."""
        return self.waiting[0].offset if self.waiting else self.position
