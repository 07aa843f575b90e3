"""The combined access log of Apache and nginx: pages that were served become page views."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from apachelogs import COMBINED, LogEntry, LogParser
from apachelogs import Error as LogError

from stream_app.core.events import PageView
from stream_app.formats.errors import (
    DeadLetterReason,
    DecodeError,
    IgnoredInput,
    IgnoredReason,
    invalid,
)
from stream_app.formats.limits import (
    MAX_USER_AGENT,
    clean,
    identifier,
    micros,
    not_ahead,
    web_address,
)
from stream_app.formats.lines import BadLine, IgnoredLine, Line, bad_line, line_id, numbered_lines

# A page brings its images and scripts with it: under /support/ they would count as views of support pages.
_STYLES = (".css", ".woff", ".woff2", ".ttf", ".otf", ".eot")
_SCRIPTS = (".js", ".mjs", ".map", ".json")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp", ".ico")
_PARTS_OF_PAGES = _STYLES + _SCRIPTS + _IMAGES
_FIRST_ERROR_STATUS = 400


class Identity(StrEnum):
    """What of a line is taken for the customer."""

    USER = "user"  # the authenticated user
    HOST = "host"  # the address; many people may share one


def read_access_log(
    path: Path, identity: Identity, base_url: str, now_ms: int
) -> Iterator[PageView | BadLine | IgnoredLine]:
    """Yield what each line of a log (plain or gzip) is; `base_url` goes before the path.

    Only a GET that was answered (status below 400) and is not an image, style or script is a view of a page. `now_ms`
    stands for the time of the record. Raises OSError only if the file cannot be opened.
    """
    return _read(numbered_lines(path), Identity(identity), base_url.rstrip("/"), now_ms)


def _read(
    lines: Iterator[Line | BadLine], identity: Identity, base_url: str, now_ms: int
) -> Iterator[PageView | BadLine | IgnoredLine]:
    parser = LogParser(COMBINED, encoding="utf-8", errors="backslashreplace")
    for line in lines:
        if isinstance(line, BadLine):
            yield line
            continue
        number, raw = line
        try:
            yield _page_view(_entry(parser, raw), line_id(number, raw), identity, base_url, now_ms)
        except DecodeError as error:
            yield bad_line(number, raw, error)
        except IgnoredInput as ignored:
            yield IgnoredLine(line_number=number, reason=ignored.reason)


def _entry(parser: LogParser, raw: bytes) -> LogEntry:
    try:
        # Escaped as Apache does it; nginx may not, and the parser knows ASCII only.
        return parser.parse(raw.decode("ascii", "backslashreplace"))
    except (LogError, ValueError, OverflowError):
        raise DecodeError(DeadLetterReason.UNKNOWN_FORMAT, "not a line of a combined access log") from None


def _page_view(entry: LogEntry, event_id: str, identity: Identity, base_url: str, now_ms: int) -> PageView:
    url = base_url + _path(entry)
    customer_id = entry.remote_user if identity is Identity.USER else entry.remote_host
    occurred_at = micros("time", entry.request_time)
    not_ahead(occurred_at, now_ms)
    return PageView(
        event_id=event_id,
        customer_id=identifier(identity, customer_id or ""),
        occurred_at=occurred_at,
        url=web_address("request", url),
        user_agent=clean(entry.headers_in["User-Agent"] or "", MAX_USER_AGENT),
    )


def _path(entry: LogEntry) -> str:
    """Return the path of the page that was asked for and served; raises IgnoredInput, DecodeError."""
    method, _, rest = (entry.request_line or "").partition(" ")
    target = rest.partition(" ")[0]
    if not method or not target:
        raise invalid("request", "not a method and a path")
    page = target.partition("?")[0].lower()
    if method != "GET" or entry.final_status >= _FIRST_ERROR_STATUS or page.endswith(_PARTS_OF_PAGES):
        raise IgnoredInput(IgnoredReason.NOT_RELEVANT)
    if not target.startswith("/"):
        raise invalid("request", "not a path")
    return target
