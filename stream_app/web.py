"""Serving over HTTP; of a worker metrics and probes, from another thread, so that they tell of a loop that stands."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from threading import Thread
from typing import Any, TypeVar

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest

from stream_app.settings import Settings

Probe = Callable[[], bool]
T = TypeVar("T")

LIVEZ, READYZ = "/livez", "/readyz"

BEAT_SECONDS = 0.5
STUCK_AFTER_SECONDS = 20.0
"""So long a loop may stand before its process is not alive: longer than any step takes, shorter than people wait."""


@asynccontextmanager
async def serve(
    settings: Settings,
    registry: CollectorRegistry,
    *,
    readyz: Probe,
    port: int | None = None,
    token: Callable[[], str] | None = None,
    stuck_after: float = STUCK_AFTER_SECONDS,
) -> AsyncIterator[str]:
    """Serve `/metrics`, `/livez` and `/readyz` for as long as the block runs; yield the address, as a URL.

    Alive is who runs the loop that this is called in; `readyz` is asked from another thread. Both are told without the
    token, for who starts workers again has none, and it is one word.
    `port` instead of that of the settings, for another worker; `token` instead of theirs, asked at each request.

    OSError if the port is taken.
    """
    heart = _Heart(stuck_after)
    app = web.Application(middlewares=[_guarded(token or settings.web.token.get_secret_value)])
    app.router.add_get("/metrics", _metrics(registry))
    app.router.add_get(LIVEZ, _probe(heart.beats, "alive", "stuck"))
    app.router.add_get(READYZ, _probe(readyz, "ready", "starting"))
    site = served(app, settings.web.host, settings.web.port if port is None else port)
    async with heart.beating(), _elsewhere() as elsewhere:
        address = await elsewhere(site.__aenter__())
        try:
            yield address
        finally:
            await elsewhere(site.__aexit__(None, None, None))


@asynccontextmanager
async def served(app: web.Application, host: str, port: int, *, auto_decompress: bool = True) -> AsyncIterator[str]:
    """Serve for as long as the block runs; yield the address, as a URL. OSError if the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, auto_decompress=auto_decompress)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        host, port = runner.addresses[0][:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        await runner.cleanup()


class _Heart:
    """Beats as long as the loop goes round."""

    def __init__(self, stuck_after: float) -> None:
        self._stuck_after = stuck_after
        self._last = time.monotonic()

    def beats(self) -> bool:
        return time.monotonic() - self._last < self._stuck_after

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _beat(self) -> None:
        while True:
            self._last = time.monotonic()
            await asyncio.sleep(BEAT_SECONDS)


class _Elsewhere:
    """Runs coroutines in a loop of another thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="web", daemon=True)
        self._thread.start()

    async def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@asynccontextmanager
async def _elsewhere() -> AsyncIterator[_Elsewhere]:
    elsewhere = _Elsewhere()
    try:
        yield elsewhere
    finally:
        await asyncio.to_thread(elsewhere.close)


def _metrics(registry: CollectorRegistry) -> Handler:
    async def metrics(request: web.Request) -> web.Response:
        # In a thread: a large page takes long enough to render for events to wait on it.
        page = await asyncio.to_thread(generate_latest, registry)
        return web.Response(body=page, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_PLAIN_1_0_0})

    return metrics


def _probe(holds: Probe, yes: str, no: str) -> Handler:
    async def probe(request: web.Request) -> web.Response:
        return web.Response(text=yes) if holds() else web.Response(text=no, status=503)

    return probe


def _guarded(token: Callable[[], str]) -> Middleware:
    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get(hdrs.AUTHORIZATION, "").encode(errors="surrogateescape")
        expected = token()
        wrong = expected and not hmac.compare_digest(given, f"Bearer {expected}".encode())
        if wrong and request.path not in (LIVEZ, READYZ):
            raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
        return await handler(request)

    return guarded
