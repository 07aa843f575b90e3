"""Tells a partition in which nothing happens what time it is: silence has to come due there too.

What it says stands on a topic like all else, so that the moments that come due are the same when it is read again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiokafka.errors import KafkaError

from stream_app.codec import to_wire
from stream_app.core.events import MINUTE, Micros, TimePassed

log = structlog.get_logger(__name__)

IDLE = MINUTE
LOOK_SECONDS = 5.0


class Ticker:
    """Writes the time for each partition that has been idle for a minute.

    `idle` tells the partitions that this worker looks after in which no event waits, each with a number that grows with
    what is read; `write` takes partition and value.
    """

    def __init__(
        self,
        *,
        idle: Callable[[], Mapping[int, int]],
        write: Callable[[int, bytes], Awaitable[object]],
        clock: Callable[[], Micros],
    ) -> None:
        self._idle = idle
        self._write = write
        self._clock = clock
        self._known: dict[int, tuple[int, Micros]] = {}  # the number, and since when it is that

    async def run(self) -> None:
        """Look at them for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """Write the time where it is wanted. A broker that does not take it is asked again in a minute."""
        now = self._clock()
        for partition in self._quiet(now):
            try:
                await self._write(partition, to_wire(TimePassed(occurred_at=now)))
            except KafkaError as error:
                log.warning("cannot tell an idle partition the time", partition=partition, error=repr(error))

    def _quiet(self, now: Micros) -> list[int]:
        """Return where nothing was read for a minute; the next begins now."""
        before, self._known, quiet = self._known, {}, []
        for partition, read in self._idle().items():
            known, since = before.get(partition, (read, now))
            if known == read and now - since >= IDLE:
                quiet.append(partition)
            self._known[partition] = (read, since if known == read and now - since < IDLE else now)
        return quiet
