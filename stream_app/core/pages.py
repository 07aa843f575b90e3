"""What a page means: URL → category, page identity and the form that may be kept."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import blake2b

from msgspec import Struct
from yarl import URL


class PageCategory(StrEnum):
    """What a customer who looks at the page is busy with."""

    CANCELLATION = "cancellation"
    PRICING = "pricing"
    SPEC = "spec"
    SUPPORT = "support"
    OTHER = "other"


class PagePattern(Struct, frozen=True, kw_only=True):
    """A run of whole path segments that gives a page its category.

    `path` may stand anywhere in a page's path, or must be all of it (`whole`); the page's path must hold none of
    `unless`; `host` empty means any. Case, query and a trailing slash never count.
    """

    category: PageCategory
    path: str
    host: str = ""
    whole: bool = False
    unless: tuple[str, ...] = ()


class Page(Struct, frozen=True):
    """A page as the core sees it; `identity` stands for host and path, `url` is clean of what is nobody's business."""

    category: PageCategory
    identity: int
    url: str


_NOT_THE_CONTRACT = (
    *("mail", "mails", "email", "newsletter", "newsletters", "mailmagazine", "merumaga", "メルマガ", "unsubscribe"),
    *("seminar", "seminars", "webinar", "event", "events", "booking", "bookings", "reservation", "reservations"),
    *("order", "orders", "appointment", "セミナー", "イベント", "予約", "注文"),
)
_CONTRACT_FOLDERS = ("account", "mypage", "subscription", "billing", "contract", "plan", "service")


def _patterns(category: PageCategory, *paths: str, unless: tuple[str, ...] = ()) -> Iterable[PagePattern]:
    return (PagePattern(category=category, path=path, unless=unless) for path in paths)


DEFAULT_PATTERNS: tuple[PagePattern, ...] = (
    *_patterns(PageCategory.CANCELLATION, "/kaiyaku", "/taikai", "/解約", "/退会", unless=_NOT_THE_CONTRACT),
    *(
        PagePattern(category=PageCategory.CANCELLATION, path=f"/{word}", whole=True)
        for word in ("cancel", "cancellation")
    ),
    *_patterns(
        PageCategory.CANCELLATION,
        *(f"/{folder}/{word}" for folder in _CONTRACT_FOLDERS for word in ("cancel", "cancellation")),
        unless=_NOT_THE_CONTRACT,
    ),
    *_patterns(PageCategory.PRICING, "/pricing", "/plans", "/price", "/prices", "/ryokin", "/料金", "/料金プラン"),
    *_patterns(PageCategory.SPEC, "/spec", "/specs", "/specification", "/docs", "/documentation", "/仕様"),
    *_patterns(PageCategory.SUPPORT, "/help", "/faq", "/faqs", "/support", "/manual", "/manuals"),
    *_patterns(PageCategory.SUPPORT, "/ヘルプ", "/よくある質問", "/サポート", "/マニュアル"),
)
"""First match wins: what is about leaving before what is about money before what is about use."""

DEFAULT_QUERY_KEYS = ("utm_*", "plan")

_CACHED_PAGES = 8192
_LONGEST_CACHED_URL = 512  # longer ones are rare and hostile: they would fill the cache with megabytes
_FILE_SUFFIX = re.compile(r"\.(?:html?|php|aspx?|jsp)$")
_EMAIL = re.compile(r"[^@/\s]+@[^@/\s]+\.[^@/\s]+")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w.-]+|(?=\w*\d)(?=\w*[A-Za-z])\w{32,}", re.ASCII)
_REDACTED = ":redacted"


class PageTable:
    """An ordered table of patterns, asked once per URL while that URL is in use."""

    def __init__(
        self,
        patterns: tuple[PagePattern, ...] = DEFAULT_PATTERNS,
        query_keys: tuple[str, ...] = DEFAULT_QUERY_KEYS,
    ) -> None:
        self.patterns = patterns
        self.query_keys = query_keys
        self._compiled = [(p, _segments(p.path), frozenset(map(_fold, p.unless))) for p in patterns]
        self._cached = lru_cache(_CACHED_PAGES)(self._look_up)

    def page(self, url: str) -> Page:
        """Return what `url` is; one that cannot be read is a page of no category, with nothing of it kept."""
        return self._cached(url) if len(url) <= _LONGEST_CACHED_URL else self._look_up(url)

    def _look_up(self, raw: str) -> Page:
        try:
            url = URL(raw)
            host, parts = (url.host or "").lower(), url.parts
            clean = clean_url(url, self.query_keys)
        except ValueError:
            return Page(PageCategory.OTHER, 0, "")
        segments = [_fold(part) for part in parts if part not in ("/", "")]
        return Page(self._category(host, segments), _identity(host, segments), clean)

    def _category(self, host: str, segments: list[str]) -> PageCategory:
        if not segments:
            return PageCategory.OTHER
        bare = [*segments[:-1], _FILE_SUFFIX.sub("", segments[-1])]
        for pattern, run, unless in self._compiled:
            if pattern.host and pattern.host.lower() != host:
                continue
            if (bare == run if pattern.whole else _holds(bare, run)) and unless.isdisjoint(bare):
                return pattern.category
        return PageCategory.OTHER


def clean_url(url: URL, query_keys: tuple[str, ...]) -> str:
    """Return the URL without userinfo, fragment, unlisted query keys, and what looks like an address or token."""
    kept = [
        (key, _redact(value))
        for key, value in url.query.items()
        if any(fnmatchcase(key, allowed) for allowed in query_keys)
    ]
    path = "/".join(_redact(part) for part in url.path.split("/"))
    bare = url.with_path(path) if url.absolute else URL.build(path=path)
    if url.absolute:
        bare = bare.with_user(None)
    return str(bare.with_fragment(None).with_query(kept))


def _redact(text: str) -> str:
    return _REDACTED if _EMAIL.search(text) or _TOKEN.search(text) else text


def _fold(segment: str) -> str:
    return unicodedata.normalize("NFKC", segment).casefold()


def _segments(path: str) -> list[str]:
    return [_fold(part) for part in path.split("/") if part]


def _holds(segments: list[str], run: list[str]) -> bool:
    n = len(run)
    return any(segments[i : i + n] == run for i in range(len(segments) - n + 1))


def _identity(host: str, segments: list[str]) -> int:
    """Return 63 bits that stand for host and path: a state with 64 of them must stay small."""
    text = "/".join((host, *segments)).encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1
