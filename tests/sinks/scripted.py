"""A real HTTP server in the test process that fails as it is told, and logs what it was asked."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to fail. `applied`: what was asked for takes effect all the same."""

    status: int = 500
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    applied: bool = False
    hangs: bool = False
    cuts: bool = False  # closes in the middle of the answer


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class ScriptedServer:
    """`faults` are used up one a request, then `outage` stands until it is None again; `asked` is the log."""

    def __init__(self):
        self.faults = deque()
        self.outage = None
        self.asked = []
        self._closing = asyncio.Event()
        self._server = None

    @property
    def url(self):
        return str(self._server.make_url("")).rstrip("/")

    async def __aenter__(self):
        """Listen on a free port."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._server = TestServer(app)
        await self._server.start_server()
        return self

    async def __aexit__(self, *error):
        """Let go of who still waits."""
        self._closing.set()
        await self._server.close()

    async def answer(self, asked):
        """Return the answer of the server when it is well."""
        raise NotImplementedError

    def fault_of(self, asked):
        """Return how this request fails, None if it does not."""
        return self.faults.popleft() if self.faults else self.outage

    async def _serve(self, request):
        asked = Asked(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=await request.read(),
        )
        self.asked.append(asked)
        fault = self.fault_of(asked)
        if fault is None:
            return await self.answer(asked)
        if fault.applied:
            await self.answer(asked)
        if fault.hangs:
            await self._closing.wait()
        if fault.cuts:
            return await _cut(request)
        body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
        return web.Response(status=fault.status, text=body, headers=fault.headers)


async def _cut(request):
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b'[{"success": true, "id": ')
    request.transport.close()
    return answer
