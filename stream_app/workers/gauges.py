"""How things stand, told every few seconds: also, and above all, while nothing moves."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

import mode
from faust.types import TP

from stream_app.core.events import SECOND, Micros
from stream_app.metrics import Metrics
from stream_app.topics import RECORDED, InputTopic
from stream_app.workers.lanes import Lane
from stream_app.workers.output import LANE_TOPICS
from stream_app.workers.partition import Partition

MEASURED_EVERY = 5.0  # seconds

Placed: TypeAlias = tuple[InputTopic, Lane, int]
"""A lane, its topic, and the offset that is committed."""


class Gauges:
    """Tells of the partitions of a worker; `highwater` knows where one ended when it was last fetched."""

    def __init__(self, metrics: Metrics, highwater: Callable[[TP], int | None]) -> None:
        self._metrics = metrics
        self._highwater = highwater
        self._restoring_since: float | None = None  # monotonic seconds; None: nothing is restored now
        self._standing: dict[TP, tuple[int, Micros]] = {}  # commits before records that were read, and since when

    def restoring(self) -> None:
        """Take note that state is about to be restored."""
        self._restoring_since = time.monotonic()

    def restored(self) -> float:
        """Take note that it is; return how many seconds that took."""
        seconds, self._restoring_since = self._restoring_for(), None
        self._metrics.restore.set(seconds)
        return seconds

    def holds(self, customers: int, size: int) -> None:
        """Tell of how many customers there is state, and how many bytes of it."""
        self._metrics.state_customers.set(customers)
        self._metrics.state_bytes.set(size)

    def tell(self, partitions: Collection[Partition], now: Micros) -> None:
        """Tell what holds now of these, all that are ours."""
        lanes = [
            placed
            for partition in partitions
            for placed in zip(LANE_TOPICS, partition.lanes, partition.committed, strict=True)
        ]
        self._metrics.restoring.set(self._restoring_for())
        self._unread(lanes)
        self._waiting(lanes, now)
        self._stuck(lanes, now)
        self._nps(partitions)

    def _restoring_for(self) -> float:
        return 0.0 if self._restoring_since is None else time.monotonic() - self._restoring_since

    def _unread(self, lanes: Iterable[Placed]) -> None:
        records = dict.fromkeys(LANE_TOPICS, 0)
        for topic, lane, _ in lanes:
            records[topic] += max(0, (self._highwater(lane.tp) or 0) - lane.committable)
        for topic, count in records.items():
            self._metrics.consumer_lag.labels(topic).set(count)

    def _waiting(self, lanes: Iterable[Placed], now: Micros) -> None:
        oldest = dict.fromkeys(RECORDED, now)
        for topic, lane, _ in lanes:
            if lane.waiting and topic in oldest:
                oldest[topic] = min(oldest[topic], lane.waiting[0].at)
        for topic, at in oldest.items():
            self._metrics.event_lag.labels(topic).set((now - at) / SECOND)

    def _stuck(self, lanes: Iterable[Placed], now: Micros) -> None:
        since, before = dict.fromkeys(LANE_TOPICS, now), self._standing
        self._standing = {}
        for topic, lane, committed in lanes:
            if committed < lane.position:
                offset, at = before.get(lane.tp, (committed, now))
                self._standing[lane.tp] = committed, at if offset == committed else now
                since[topic] = min(since[topic], self._standing[lane.tp][1])
        for topic, at in since.items():
            self._metrics.commit_stuck.labels(topic).set((now - at) / SECOND)

    def _nps(self, partitions: Iterable[Partition]) -> None:
        answers = Counter({"promoter": 0, "passive": 0, "detractor": 0})
        for site in (partition.site for partition in partitions):
            answers.update(promoter=site.promoters, passive=site.passives, detractor=site.detractors)
        self._metrics.nps(answers)


class Measuring(mode.Service):
    """Asks for it for as long as the worker runs, also while state is restored."""

    def __init__(self, measure: Callable[[], None]) -> None:
        super().__init__()
        self._measured = measure

    @mode.Service.task
    async def _measure(self) -> None:
        async for _ in self.itertimer(MEASURED_EVERY, name="measuring"):
            self._measured()
