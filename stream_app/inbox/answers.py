"""What every answer carries, and how refusals are said; see docs/inbox-api.md."""

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from stream_app.cluster import ClusterError
from stream_app.codec.erasures import ErasuresError
from stream_app.inbox.acts import NotWritten
from stream_app.inbox.asked import Busy, Stopped
from stream_app.inbox.cards import Fields, encoded

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
AGAIN_AFTER = "2"  # seconds

_WORDS = {401: "login", 403: "refused", 404: "unknown", 413: "wrong", 400: "wrong"}


class Refused(Exception):
    """A request that is answered with an error's word."""

    def __init__(self, status: int, word: str, **more: object) -> None:
        super().__init__(word)
        self.status = status
        self.body: Fields = {"error": word, **more}


def answer(body: Fields | bytes, status: int = 200) -> web.Response:
    """Return it as JSON."""
    raw = body if isinstance(body, bytes) else encoded(body)
    return web.Response(body=raw, status=status, content_type="application/json")


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what is refused in the words of the interface."""
    try:
        return await handler(request)
    except Refused as refused:
        said = answer(refused.body, refused.status)
    except (NotWritten, ClusterError, ErasuresError, Stopped):
        said = answer({"error": "kafka"}, 503)
    except Busy:
        said = answer({"error": "busy"}, 429)
    except web.HTTPException as error:
        if error.status not in _WORDS:
            raise
        said = answer({"error": _WORDS[error.status]}, error.status)
    if said.status in (429, 503):
        said.headers[hdrs.RETRY_AFTER] = AGAIN_AFTER
    return said


async def headed(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers of every answer, before it goes out."""
    response.headers.update(HEADERS)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
