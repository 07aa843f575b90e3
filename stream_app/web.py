"""Metrics and probes over HTTP, and nothing else."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest

from stream_app.settings import Settings

Probe = Callable[[], bool]


@asynccontextmanager
async def serve(
    settings: Settings, registry: CollectorRegistry, *, livez: Probe, readyz: Probe, port: int | None = None
) -> AsyncIterator[str]:
    """Serve `/metrics`, `/livez` and `/readyz` for as long as the block runs; yield the address, as a URL.

    `port` instead of that of the settings, for another worker.

    OSError if the port is taken.
    """
    app = web.Application(middlewares=[_guarded(settings.web.token.get_secret_value())])
    app.router.add_get("/metrics", _metrics(registry))
    app.router.add_get("/livez", _probe(livez, "alive", "stuck"))
    app.router.add_get("/readyz", _probe(readyz, "ready", "starting"))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web.host, settings.web.port if port is None else port).start()
        host, port = runner.addresses[0][:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        await runner.cleanup()


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


def _guarded(token: str) -> Middleware:
    expected = f"Bearer {token}".encode()

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get(hdrs.AUTHORIZATION, "").encode(errors="surrogateescape")
        if token and not hmac.compare_digest(given, expected):
            raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
        return await handler(request)

    return guarded
