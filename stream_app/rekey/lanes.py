"""The partitions of a source, in one order: by event time between them, by offset inside of each."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from aiokafka import ConsumerRecord, TopicPartition

from stream_app.core.order import NOT_KNOWN, Waiting, merge
from stream_app.rekey.turning import Turned

NOTHING_COMMITTED = -1


class SourceLane:
    """What waits of one partition. `position` is the offset after the last record that was taken."""

    def __init__(self, place: TopicPartition, position: int, committed: int) -> None:
        self.place = place
        self.position = position
        self.committed = committed
        self.waiting: deque[Waiting[Turned]] = deque()

    @property
    def committable(self) -> int:
        """The offset of the first record that has not been put in order yet."""
        return self.waiting[0].offset if self.waiting else self.position


class SourceLanes:
    """All partitions of a source; an event goes when no other partition can hold an older one that was there then."""

    def __init__(self, lanes: Sequence[SourceLane], turning: Callable[[ConsumerRecord], Turned]) -> None:
        self.all = lanes
        self._turning = turning
        self._queues = [lane.waiting for lane in lanes]
        self._ended = [NOT_KNOWN] * len(lanes)
        self._arrival = 0

    @property
    def hungry(self) -> list[TopicPartition]:
        """The partitions of which nothing waits: only those are fetched, so that memory is bounded."""
        return [lane.place for lane in self.all if not lane.waiting]

    @property
    def blocked(self) -> bool:
        """Whether what waits has to know where other partitions end."""
        return any(self._queues) and not all(self._queues)

    def take(
        self, fetched: Mapping[TopicPartition, Iterable[ConsumerRecord]], positions: Mapping[TopicPartition, int]
    ) -> None:
        """Take what one fetch brought, and the positions after it: a log may end with offsets that hold no record."""
        self._arrival += 1
        for lane in self.all:
            for record in fetched.get(lane.place, ()):
                turned = self._turning(record)
                lane.waiting.append(Waiting(turned.at, self._arrival, record.offset, record.timestamp, turned))
            lane.position = positions.get(lane.place, lane.position)

    @property
    def arrival(self) -> int:
        """How many fetches were taken."""
        return self._arrival

    def ends(self, arrival: int, ends: Mapping[TopicPartition, int]) -> None:
        """Take note of where partitions ended when all up to this arrival had come."""
        for number, lane in enumerate(self.all):
            if lane.place in ends and lane.position >= ends[lane.place]:
                self._ended[number] = arrival

    def in_order(self) -> Iterator[Turned]:
        """Take off what may go."""
        for _, waiting in merge(self._queues, self._ended):
            yield waiting.event

    def uncommitted(self) -> dict[TopicPartition, int]:
        """Return the offsets to commit with what was taken off so far."""
        return {lane.place: lane.committable for lane in self.all if lane.committable != lane.committed}

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Take note that these were committed."""
        for lane in self.all:
            lane.committed = offsets.get(lane.place, lane.committed)
