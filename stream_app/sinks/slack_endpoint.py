"""Where Slack posts what people do: signed requests to two addresses, and nothing else."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import parse_qs

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from slack_sdk.signature import Clock, SignatureVerifier

from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.slack_buttons import Hear, Heard, pressed, replied
from stream_app.web import served

MAX_BODY = 1_048_576

_READ_SECONDS = 1.0
_PUBLISH_SECONDS = 1.5  # with reading less than the 3 s that Slack waits
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_log = structlog.get_logger(__name__)

Payload: TypeAlias = dict[str, object]
_Understand: TypeAlias = Callable[[Mapping[str, object]], tuple[Heard, ...]]


class _Now(Clock):
    """The verifier's clock, which a test can set."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()


@asynccontextmanager
async def serve_slack(
    settings: SlackSettings, hear: Hear, *, now: Callable[[], float] = time.time
) -> AsyncIterator[str]:
    """Take what Slack posts for as long as the block runs; yield the address, as a URL.

    OSError if the port is taken.
    """
    signed = _Signed(SignatureVerifier(settings.signing_secret.get_secret_value(), _Now(now)))
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post("/slack/interactivity", _taken(signed, _form, pressed, hear))
    app.router.add_post("/slack/events", _taken(signed, _json, replied, hear))
    # Not unpacked: what is signed are the bytes as they came, and Slack packs nothing.
    async with served(app, settings.host, settings.port, auto_decompress=False) as address:
        yield address


class _Signed:
    """The check that a request is Slack's, made of now, and whole."""

    def __init__(self, verifier: SignatureVerifier) -> None:
        self._verifier = verifier

    async def body(self, request: web.Request) -> bytes:
        """Return the body, or refuse: whatever is wrong, the answer is the same."""
        timestamp = _only(request, "X-Slack-Request-Timestamp", _TIMESTAMP)
        signature = _only(request, "X-Slack-Signature", _SIGNATURE)
        try:
            async with asyncio.timeout(_READ_SECONDS):
                body = await request.read()
            if self._verifier.is_valid(body, timestamp, signature):
                return body
        except (TimeoutError, UnicodeDecodeError, web.HTTPRequestEntityTooLarge):
            pass
        raise web.HTTPUnauthorized


def _only(request: web.Request, name: str, form: re.Pattern[str]) -> str:
    """Return a header that stands there once and is what it should be."""
    found = request.headers.getall(name, [])
    if len(found) != 1 or not form.fullmatch(found[0]):
        raise web.HTTPUnauthorized
    return found[0]


def _taken(signed: _Signed, read: Callable[[bytes], Payload], understand: _Understand, hear: Hear) -> Handler:
    async def taken(request: web.Request) -> web.Response:
        payload = read(await signed.body(request))
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": payload.get("challenge")})
        return await _answered(understand(payload), hear)

    return taken


async def _answered(all_heard: tuple[Heard, ...], hear: Hear) -> web.Response:
    """Answer 200 only for what is safe: at 503 Slack shows the person that it failed, and sends an event again."""
    try:
        async with asyncio.timeout(_PUBLISH_SECONDS):
            for heard in all_heard:
                await hear(heard)
    except Exception as error:
        _log.warning("slack_not_heard", error=type(error).__name__)
        return web.Response(status=503)
    return web.Response()


def _form(body: bytes) -> Payload:
    return _json(parse_qs(body.decode()).get("payload", [""])[0].encode())


def _json(body: bytes) -> Payload:
    """Return what a body holds, nothing where it is not an object: that is not ours."""
    try:
        return msgspec.json.decode(body, type=Payload)
    except (msgspec.DecodeError, RecursionError):
        return {}
