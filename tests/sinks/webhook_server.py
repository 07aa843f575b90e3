"""A receiver of Standard Webhooks over real HTTP: answers what it is told to, and remembers what came."""

import asyncio
import json
from collections import deque

from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec import Struct
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from stream_app.settings.sinks import WebhookSettings

OLD_SECRET = "whsec_" + "b2xk" * 8
NEW_SECRET = "whsec_" + "bmV3" * 8


class Posted(Struct, frozen=True, kw_only=True):
    """One request; `verified` tells of each secret of the server whether it verifies the signature."""

    id: str
    timestamp: int
    signatures: tuple[str, ...]
    verified: tuple[bool, ...]
    headers: dict[str, str]
    size: int
    event: dict


class WebhookServer:
    """Started by `async with`. `answers`, coroutine functions of the request, are given in turn, then `otherwise`."""

    def __init__(self, *secrets):
        self.secrets = secrets or (NEW_SECRET,)
        self.posts = []
        self.answers = deque()
        self._over = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._server = TestServer(app, host="127.0.0.1")

    async def __aenter__(self):
        """Start it."""
        await self._server.start_server(shutdown_timeout=0.1)
        return self

    async def __aexit__(self, *_):
        """Let go of those who hang, and stop."""
        self._over.set()
        await self._server.close()

    def settings(self, **changed):
        """Return the settings of a sink that posts here."""
        said = {"url": str(self._server.make_url("/hook/geheim")), "secrets": self.secrets, "allow": ["127.0.0.0/8"]}
        return WebhookSettings(**said | {"timeout": 5} | changed)

    async def otherwise(self, request):
        """Take it."""
        return web.Response(status=204)

    async def hang(self, request):
        """Say nothing until the server is closed."""
        await self._over.wait()
        return web.Response()

    async def drop(self, request):
        """Close the connection without an answer."""
        request.transport.close()
        return web.Response()

    async def cut(self, request):
        """Take it, and close the connection in the middle of the body."""
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"taken")
        request.transport.close()
        return answer

    async def stall(self, request):
        """Take it, and never end the body."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"taken")
        await self._over.wait()
        return answer

    async def flood(self, request):
        """Take it, and send a body without end for as long as somebody listens."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"taken" * 10_000)

    async def _take(self, request):
        body = await request.read()
        self.posts.append(self._posted(request, body))
        answer = self.answers.popleft() if self.answers else self.otherwise
        return await answer(request)

    def _posted(self, request, body):
        return Posted(
            id=request.headers["webhook-id"],
            timestamp=int(request.headers["webhook-timestamp"]),
            signatures=tuple(request.headers["webhook-signature"].split(" ")),
            verified=tuple(_verifies(secret, body, dict(request.headers)) for secret in self.secrets),
            headers=dict(request.headers),
            size=len(body),
            event=json.loads(body),
        )


def status(code, **headers):
    """Return an answer with this status; `_` in names of headers is `-`."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(request):
        return web.Response(status=code, headers=fields, text="geheim")

    return answer


def _verifies(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True
