"""What a page means: URL → category, page identity and the form that may be kept."""

import re
import unicodedata
from collections import defaultdict
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

from msgspec import Struct
from yarl import URL


class PageCategory(StrEnum):
    """What a customer who looks at the page is busy with."""

    CANCELLATION = "cancellation"
    PRICING = "pricing"
    SPEC = "spec"
    SUPPORT = "support"
    FAQ = "faq"
    CONTACT = "contact"
    FEATURE = "feature"
    PLAN_COMPARE = "plan_compare"
    LIMITS = "limits"
    INVOICE = "invoice"
    CONTRACT = "contract"
    EXPORT = "export"
    MIGRATION = "migration"
    COMPETITOR = "competitor"
    OTHER = "other"


COARSE: dict[PageCategory, PageCategory] = {
    PageCategory.FAQ: PageCategory.SUPPORT,
    PageCategory.CONTACT: PageCategory.SUPPORT,
    PageCategory.FEATURE: PageCategory.SPEC,
    PageCategory.PLAN_COMPARE: PageCategory.PRICING,
    PageCategory.LIMITS: PageCategory.OTHER,
    PageCategory.INVOICE: PageCategory.OTHER,
    PageCategory.CONTRACT: PageCategory.OTHER,
    PageCategory.EXPORT: PageCategory.OTHER,
    PageCategory.MIGRATION: PageCategory.OTHER,
    PageCategory.COMPETITOR: PageCategory.OTHER,
}
"""What the simple rules take the finer categories for."""


class PagePattern(Struct, frozen=True, kw_only=True):
    """A run of whole path segments that gives a page its category.

    `path` may stand anywhere in a page's path, or must be all of it (`whole`); the page's path must hold none of
    `unless`; `host` empty means any. Case, query and a trailing slash never count. `plans`, of a feature: those that
    hold it; empty means all.
    """

    category: PageCategory
    path: str
    host: str = ""
    whole: bool = False
    unless: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()


class Page(Struct, frozen=True):
    """A page as the core sees it; `identity` stands for host and path, `url` is clean of what is nobody's business."""

    category: PageCategory
    identity: int
    url: str
    plans: tuple[str, ...] = ()  # that hold the feature; empty: all
    is_item: bool = False  # one of what the pattern lists, not the list

    def is_beyond(self, plan: str) -> bool:
        """Say whether it shows a feature that `plan` does not hold; of an unknown plan nobody can say."""
        return bool(self.plans and plan) and plan.casefold() not in self.plans


DEFAULT_QUERY_KEYS = ("utm_*", "plan")

_CACHED_PAGES = 8192
_LONGEST_CACHED_URL = 512  # longer ones are rare and hostile: they would fill the cache with megabytes
_FILE_SUFFIX = re.compile(r"\.(?:html?|php|aspx?|jsp)$")
# Each looks at a text a fixed number of times: a URL may be long, and made to be.
_EMAIL = re.compile(r"[^@/\s]@[^@/\s]+\.[^@/\s]")
_TOKEN = re.compile(r"(?<![\w-])(?>[\w-]*?eyJ)[\w-]++\.[\w.-]|(?<!\w)(?=\w*\d)(?=\w*[A-Za-z])\w{32,}", re.ASCII)
_REDACTED = ":redacted"


class PageTable:
    """An ordered table of patterns, asked once per URL while that URL is in use."""

    def __init__(
        self,
        patterns: tuple[PagePattern, ...],
        query_keys: tuple[str, ...] = DEFAULT_QUERY_KEYS,
        *,
        coarse: bool = False,
    ) -> None:
        self.patterns = patterns
        self.query_keys = query_keys
        self._coarse = COARSE if coarse else {}
        self._by_segment = _by_first_segment(patterns)
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
        compiled = self._pattern(host, segments)
        if compiled is None:
            return Page(PageCategory.OTHER, _identity(host, segments), clean)
        found = compiled.pattern
        category = self._coarse.get(found.category, found.category)
        plans = tuple(plan.casefold() for plan in found.plans)
        return Page(category, _identity(host, segments), clean, plans, is_item=compiled.shows_item(segments))

    def _pattern(self, host: str, segments: list[str]) -> "_Compiled | None":
        if not segments:
            return None
        bare = [*segments[:-1], _FILE_SUFFIX.sub("", segments[-1])]
        candidates = chain.from_iterable(self._by_segment.get(segment, ()) for segment in {"", *bare})
        return min((one for one in candidates if one.fits(host, bare)), default=None)


class _Compiled(NamedTuple):
    """A pattern ready to be compared, and its place in the table: of those that fit, the smallest wins."""

    place: int
    pattern: PagePattern
    host: str
    run: list[str]
    unless: frozenset[str]

    def fits(self, host: str, segments: list[str]) -> bool:
        """Say whether it fits a page."""
        if self.host and self.host != host:
            return False
        return (segments == self.run if self.pattern.whole else _holds(segments, self.run)) and self.unless.isdisjoint(
            segments
        )

    def shows_item(self, segments: list[str]) -> bool:
        """Say whether a page that fits is below the one that is named, or is named as one itself: /features/sso."""
        return len(self.run) > 1 or bool(self.pattern.plans) or _holds(segments[:-1], self.run)


def _by_first_segment(patterns: tuple[PagePattern, ...]) -> dict[str, list[_Compiled]]:
    """Return the patterns by where they begin, so that a page is compared with few; by nothing those of any path."""
    found: defaultdict[str, list[_Compiled]] = defaultdict(list)
    for place, pattern in enumerate(patterns):
        run = _segments(pattern.path)
        compiled = _Compiled(place, pattern, pattern.host.lower(), run, _folded(pattern.unless))
        found[run[0] if run else ""].append(compiled)
    return dict(found)


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


@cache  # a few tuples of many words are shared by hundreds of patterns
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_fold, words))


def _segments(path: str) -> list[str]:
    return [_fold(part) for part in path.split("/") if part]


def _holds(segments: list[str], run: list[str]) -> bool:
    n = len(run)
    return any(segments[i : i + n] == run for i in range(len(segments) - n + 1))


def _identity(host: str, segments: list[str]) -> int:
    """Return 63 bits that stand for host and path: a state with 64 of them must stay small."""
    text = "/".join((host, *segments)).encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1
