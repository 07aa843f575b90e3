"""Asking a sink over HTTP, and what its answer means: try again, when, or never."""

import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any, TypeVar

import aiohttp
import msgspec
from aiohttp import hdrs
from msgspec import Struct

from stream_app.render.shown import MAX_REASON, shown
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.retry_after import retry_after

Clock = Callable[[], float]
"""Seconds since 1970 UTC."""

CLOCK: Clock = time.time
MAX_BODY = 4 * 1024 * 1024

_CONNECT_TIMEOUT = 5.0
_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_T = TypeVar("_T")


class Answer(Struct, frozen=True, kw_only=True):
    """What came back; `body` at most as long as was asked for, what follows is not read."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """The connections of one sink, opened at its first request. `who` names it in errors, which hold no address."""

    def __init__(
        self, who: str, *, timeout: float, connector: Callable[[], aiohttp.BaseConnector] = aiohttp.TCPConnector
    ) -> None:
        self._who = who
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, _CONNECT_TIMEOUT))
        self._connector = connector
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        url: str,
        *,
        json: object = None,
        most: int = MAX_BODY,
        **request: Any,  # noqa: ANN401
    ) -> Answer:
        """Return the answer whatever its status; SinkError where there is none, SinkRejected if it cannot be asked."""
        try:
            if json is not None:
                request["data"] = _json(json)
            async with self._opened().request(method, url, allow_redirects=False, **request) as answer:
                return Answer(status=answer.status, headers=answer.headers, body=await _read(answer, most))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise SinkError(f"{self._who} cannot be reached: {type(error).__name__}") from None
        except ValueError as error:  # the address, or a header that holds a line break
            raise SinkRejected(f"{self._who} cannot be asked: {type(error).__name__}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SinkError(f"{self._who} did not answer: {type(error).__name__}", unsure=True) from None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Neither the environment's proxies nor cookies: what is sent depends on the settings alone.
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=self._connector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


def _json(value: object) -> aiohttp.Payload:
    # Not as bytes: aiohttp warns of those from 1 MiB on, and a batch may be longer.
    return aiohttp.BytesIOPayload(BytesIO(msgspec.json.encode(value)), content_type="application/json")


async def _read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def readable(answer: Answer, kind: type[_T]) -> _T | None:
    """Return the body as a value of this type, None if it is none."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def decoded(answer: Answer, kind: type[_T], who: str) -> _T:
    """Return the body as a value of this type; SinkError, as it may have arrived, if it is none."""
    value = readable(answer, kind)
    if value is None:
        raise SinkError(f"{who} answered {answer.status} with what cannot be read", unsure=True)
    return value


def failure(
    who: str, answer: Answer, now: float, why: str = "", *, again: Iterable[int] = ()
) -> SinkError | SinkRejected:
    """Return what an answer that is no success means; `again`: statuses worth another try with this sink."""
    if not why and answer.status in _REDIRECTS:
        why = "redirects are not followed"
    said = f"{who} answered {answer.status}" + (f": {why}" if why else "")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _AGAIN or answer.status in again:
        return SinkError(said, retry_after=retry_after(answer.headers.get(hdrs.RETRY_AFTER, ""), now))
    return SinkRejected(said)


def quoted(text: str, secrets: Iterable[str]) -> str:
    """Return what a sink said, fit for an error: one line, short, and without our secrets if it gives them back."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return shown(text, MAX_REASON)
