"""Somebody who opens the stream and takes nothing from it."""

import asyncio
import socket

from aiohttp import web

from stream_app.inbox.events import Following, events
from stream_app.inbox.stream import Stream
from stream_app.web import served

SAID = 300
EACH = b"x" * 100_000


async def test_who_takes_nothing_is_cut_off():
    """Nothing piles up for them here, and others may follow in their place."""
    following = Following(Stream(1, SAID), takes_within=0.3)
    written = []

    async def follow(request):
        try:
            return await events(request, following)
        finally:
            written.append(request.transport.get_write_buffer_size() if request.transport else 0)

    app = web.Application()
    app.router.add_get("/events", follow)
    for number in range(SAID):
        following.stream.put(str(number), "card", EACH)

    async with served(app, "127.0.0.1", 0) as address:
        client = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))
        with client:
            client.sendall(b"GET /events?after=1-0 HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(30):
                while not written:
                    await asyncio.sleep(0.02)

    assert (0, [0]) == (following.count, written)
