"""Where topics end that events wait for, asked where no fetch tells: that of another broker may wait for records."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import TypeAlias

import structlog
from faust.types import TP

from stream_app.metrics import Metrics
from stream_app.workers.chunk import Source
from stream_app.workers.partition import Partition

log = structlog.get_logger(__name__)

AskEnds: TypeAlias = Callable[[Iterable[TP]], Awaitable[Mapping[TP, int]]]

ASK_AFTER_SECONDS = 0.01  # by then the fetches that go on anyway have told, mostly
ASK_AGAIN_SECONDS = 0.1
ASK_SECONDS = 5.0

UNKNOWN_END_SECONDS = 30.0
"""How long events wait for a topic whose end nobody can tell."""


class Ends:
    """Asks where topics end, and bears it where nobody can tell."""

    def __init__(
        self,
        ask: AskEnds,
        source: Callable[[], Source],
        metrics: Metrics,
        fed: Collection[str] = (),
    ) -> None:
        self._fed = fed  # topics of which no fetch can tell whether more is on its way
        self._ask = ask
        self._source = source
        self._metrics = metrics

    def told(self, ends: Mapping[TP, int]) -> Mapping[TP, int]:
        """Return what of it is so, that a fetch told of where partitions end."""
        return {tp: end for tp, end in ends.items() if tp.topic not in self._fed} if self._fed else ends

    async def learn(self, arrived: int, partitions: Iterable[Partition], latest: Callable[[], int | None]) -> bool:
        """Learn the ends of the lanes that events wait for which came by `arrived`; say whether some may go now.

        `latest` tells the arrival of what came last, None once the partitions are not ours any more.
        """
        waited = {partition: lanes for partition in partitions if (lanes := partition.waited_since(arrived))}
        asked = latest()
        if not waited or asked is None:
            return False
        ends = await self._reached({lane.tp: lane.position for lanes in waited.values() for lane in lanes})
        if latest() is None:
            return False
        if ends is None:
            went = [self._bear_not_knowing(partition, asked) for partition in waited]
            return any(went)
        for partition, lanes in waited.items():
            partition.known()
            for lane in lanes:
                lane.ends_at(ends[lane.tp], asked)
        return True

    async def _reached(self, positions: Mapping[TP, int]) -> Mapping[TP, int] | None:
        """Return up to where each must be read to have been at its end; None if nobody can tell.

        A log may end with offsets that hold no record: then it is up to where the consumer handed records out.
        """
        try:
            async with asyncio.timeout(ASK_SECONDS):
                ends = await self._ask(positions)
                behind = {tp: end for tp, end in ends.items() if positions[tp] < end}
                return {**ends, **(await self._source().read_to(behind) if behind else {})}
        except Exception as error:
            topics = sorted({tp.topic for tp in positions})
            log.warning("cannot tell where topics end", topics=topics, error=repr(error))
            return None

    def _bear_not_knowing(self, partition: Partition, asked: int) -> bool:
        """Let events go after a while in which nobody could tell where a topic ends; say whether it is over.

        Records that are known to be unread have no such bound: they are waited for.
        """
        now = time.monotonic()
        if now - partition.unknown_since(now, asked) < UNKNOWN_END_SECONDS:
            return False
        events = partition.let_go(asked)
        self._metrics.unaligned_events.inc(events)
        log.warning("events go without alignment", partition=partition.number, events=events)
        return True
