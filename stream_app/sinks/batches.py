"""Calls that wait at the same time go as one: while a batch is under way, the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from stream_app.sinks.base import SinkError, SinkRejected

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")

_Calls = list[tuple[str, _Item, asyncio.Future[_Done]]]


class Batches(Generic[_Item, _Done]):
    """One batch at a time, of at most `most` items with a key each, no key twice.

    `send` is given the items and returns by key what came of each: a result or an error. What it raises is everybody's,
    but a refusal, which may be the fault of one, is asked again of each alone.
    """

    def __init__(
        self, send: Callable[[Sequence[_Item]], Awaitable[Mapping[str, _Done | Exception]]], *, most: int
    ) -> None:
        self._send = send
        self._most = most
        self._waiting: _Calls[_Item, _Done] = []
        self._task: asyncio.Task[None] | None = None

    async def call(self, key: str, item: _Item) -> _Done:
        """Return what came of this item; what `send` says or raises for it is raised."""
        done: asyncio.Future[_Done] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, item, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send_all())
        return await done

    async def close(self) -> None:
        """Give up what is under way; who waits for it is told that it may have arrived."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._give_up(self._waiting)

    async def _send_all(self) -> None:
        calls: _Calls[_Item, _Done] = []
        try:
            while self._waiting:
                calls = self._next()
                await self._settle(calls)
        finally:
            self._give_up(calls)

    def _give_up(self, calls: _Calls[_Item, _Done]) -> None:
        for _, _, done in calls:
            _tell(done, SinkError("stopped while it was sent", unsure=True))

    def _next(self) -> _Calls[_Item, _Done]:
        taken: dict[str, tuple[str, _Item, asyncio.Future[_Done]]] = {}
        left: _Calls[_Item, _Done] = []
        for call in self._waiting:
            if call[0] in taken or len(taken) == self._most:
                left.append(call)
            else:
                taken[call[0]] = call
        self._waiting = left
        return list(taken.values())

    async def _settle(self, calls: _Calls[_Item, _Done]) -> None:
        try:
            results = await self._send([item for _, item, _ in calls])
        except SinkRejected as error:
            if len(calls) > 1:
                for call in calls:
                    await self._settle([call])
            else:
                _tell(calls[0][2], error)
        except Exception as error:
            for _, _, done in calls:
                _tell(done, error)
        else:
            for key, _, done in calls:
                _tell(done, results.get(key, SinkError("the answer says nothing of it", unsure=True)))


def _tell(done: asyncio.Future[_Done], result: _Done | Exception) -> None:
    """Give the caller its result, unless nobody waits any more."""
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
