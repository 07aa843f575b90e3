"""Server-sent events: what changes, to everybody who follows, and to nobody more than they take."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from aiohttp import hdrs, web

from stream_app.inbox.answers import Refused
from stream_app.inbox.stream import Behind, Place, Stream

MAX_FOLLOWING = 200
HEARTBEAT = 15.0  # seconds, as both below
TAKES_WITHIN = 20.0
LASTS = 3600.0
"""Then the browser connects anew, and is asked anew who reads."""

_HERE = b": here\n\n"


class Following:
    """How many follow, of those that may."""

    def __init__(self, stream: Stream, most: int = MAX_FOLLOWING, takes_within: float = TAKES_WITHIN) -> None:
        self.stream = stream
        self.takes_within = takes_within
        self._most = most
        self.count = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one for as long as the block runs; raises Refused."""
        if self.count >= self._most:
            raise Refused(429, "busy")
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


async def events(request: web.Request, following: Following) -> web.StreamResponse:
    """Tell what changes until the reader goes, takes nothing for too long, or the hour is over."""
    with following.one_more():
        headers = {hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        asked = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        try:
            async with asyncio.timeout(LASTS):
                async for line in _lines(following.stream, asked):
                    async with asyncio.timeout(following.takes_within):
                        await response.write(line)
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()  # what it did not take is not kept for it
        return response


async def _lines(stream: Stream, asked: str) -> AsyncIterator[bytes]:
    """Yield each event by itself, so that no more than one waits for a reader."""
    yield _HERE
    place = stream.place_of(asked)
    while True:
        if place is None:
            place = stream.end
            yield _reset(place)
        try:
            async for found in stream.follow(place, HEARTBEAT):
                for event in found:
                    yield event.encoded()
                if not found:
                    yield _HERE
        except Behind:
            place = None


def _reset(place: Place) -> bytes:
    return f"id: {place}\nevent: reset\ndata: {{}}\n\n".encode()
