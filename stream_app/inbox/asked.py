"""What is asked of one customer or account: their story, read from the topics by `explain`, one at a time."""

import asyncio
from collections.abc import Callable

from stream_app.core.events import MINUTE, Micros
from stream_app.explain.of_topics import story_of
from stream_app.explain.story import Story
from stream_app.settings import Settings

KEPT_FOR = MINUTE
"""So long the last story is the answer to all that is asked of the same name."""

WAITING = 8
"""More do not wait for a story: reading one may take seconds."""


class Busy(Exception):
    """Too many wait already."""


class Stopped(Exception):
    """The server ends: nobody waits for the story any more."""


class Stories:
    """Reads stories in a thread; the last one is kept for a moment."""

    def __init__(self, settings: Settings, now: Callable[[], Micros]) -> None:
        self._settings = settings
        self._rules = settings.rule_set()
        self._now = now
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._last: tuple[str, float, Story] | None = None
        self._forgotten = 0
        self._stopped = False

    async def of(self, name: str) -> Story:
        """Return the story of a customer or account; raises Busy, ClusterError and ErasuresError."""
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._turn:
                return self._kept(name) or await self._read(name)
        finally:
            self._waiting -= 1

    def forget(self) -> None:
        """Let go of what is kept, and do not keep what is being read: somebody was erased."""
        self._last = None
        self._forgotten += 1

    def stop(self) -> None:
        """Let what is being read end soon."""
        self._stopped = True

    async def _read(self, name: str) -> Story:
        forgotten, asked_at = self._forgotten, asyncio.get_running_loop().time()
        story = await asyncio.to_thread(story_of, name, self._settings, self._rules, self._now(), self._progress)
        if forgotten == self._forgotten:
            self._last = name, asked_at, story
        return story

    def _kept(self, name: str) -> Story | None:
        if self._last is None:
            return None
        of, asked_at, story = self._last
        fresh = asyncio.get_running_loop().time() < asked_at + KEPT_FOR / 1_000_000
        return story if of == name and fresh else None

    def _progress(self, doing: str, done: int, total: int | None) -> None:
        if self._stopped:
            raise Stopped
