"""What time it is for notify: the machine's own clock, or one that runs with simulated traffic."""

import asyncio
import time
from contextlib import suppress
from typing import Protocol

from stream_app.core.events import MINUTE, SECOND, Micros


class Clock(Protocol):
    """Tells the time, and sleeps by it."""

    def now(self) -> Micros:
        """Return the time."""

    async def sleep_until(self, at: Micros | None, woken: asyncio.Event) -> None:
        """Return at that time or soon before (None: never), or as soon as `woken` is set."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> Micros:
        """Return the time."""
        return time.time_ns() // 1000

    async def sleep_until(self, at: Micros | None, woken: asyncio.Event) -> None:
        """Return at that time, at least once a minute (clocks are set, machines suspended), or when woken."""
        span = MINUTE if at is None else min(MINUTE, at - self.now())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0, span) / SECOND):
                await woken.wait()
