"""A clock for notify that runs with the traffic: a night is a moment, and what is due at 09:30 is said at 09:30."""

import asyncio
from collections.abc import Awaitable, Callable
from heapq import heappop, heappush
from itertools import count
from weakref import WeakSet

from stream_app.core.events import Micros


class TrafficClock:
    """Stands still but for `run_to`, which stops at each moment that somebody sleeps until, and lets them finish.

    `quiet` waits for what they started elsewhere.
    """

    def __init__(self, now: Micros, quiet: Callable[[], Awaitable[None]] | None = None) -> None:
        self._now = now
        self._quiet = quiet
        self._numbers = count()
        self._turn = asyncio.Lock()
        self._sleepers: list[tuple[Micros, int, asyncio.Event]] = []
        self._awake: set[object] = set()  # tasks, and events of those that are about to wake up
        self._watched: WeakSet[asyncio.Task[object]] = WeakSet()
        self._all_asleep = asyncio.Event()
        self._all_asleep.set()

    def now(self) -> Micros:
        """Return the traffic's time."""
        return self._now

    def attend(self) -> None:
        """Let time wait for this task until it sleeps: who never slept is not known."""
        self._wakes(asyncio.current_task())

    async def sleep_until(self, at: Micros | None, woken: asyncio.Event) -> None:
        """Return at that time (None: never), or as soon as `woken` is set."""
        task = asyncio.current_task()
        if woken.is_set() or (at is not None and at <= self._now):
            self._wakes(task)  # does not sleep at all: time would pass meanwhile
            await asyncio.sleep(0)
            return
        due = asyncio.Event()
        if at is not None:
            heappush(self._sleepers, (at, next(self._numbers), due))
        waits = [asyncio.ensure_future(event.wait()) for event in (due, woken)]
        self._sleeps(task)
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            due.set()  # found in the heap, it is passed over
            self._wakes(task)
            self._sleeps(due)

    async def run_to(self, at: Micros) -> None:
        """Move on to that time; one that has passed changes nothing. Two that overlap go one after the other."""
        async with self._turn:
            await self._run_to(at)

    async def _run_to(self, at: Micros) -> None:
        await self._settled()
        while self._sleepers and self._sleepers[0][0] <= at:
            moment, _, due = heappop(self._sleepers)
            if due.is_set():
                continue
            self._now = max(self._now, moment)
            self._wakes(due)
            due.set()
            await self._settled()
        self._now = max(self._now, at)

    async def _settled(self) -> None:
        await self._all_asleep.wait()
        if self._quiet is not None:
            await self._quiet()
            await self._all_asleep.wait()

    def _wakes(self, somebody: object) -> None:
        if isinstance(somebody, asyncio.Task) and somebody not in self._watched:
            self._watched.add(somebody)
            somebody.add_done_callback(self._sleeps)
        self._awake.add(somebody)
        self._all_asleep.clear()

    def _sleeps(self, somebody: object) -> None:
        self._awake.discard(somebody)
        if not self._awake:
            self._all_asleep.set()
