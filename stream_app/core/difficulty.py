"""Difficulties that views of help pages tell of, found by walking these in order of time; when they are over."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from yarl import URL

from stream_app.core.alerts import ResolvedReason
from stream_app.core.days import Days
from stream_app.core.events import DAY, MINUTE, Due, Micros
from stream_app.core.pages import PageCategory, PageTable
from stream_app.core.rule import HELP_THREAD, Asked
from stream_app.core.state import HELP, CustomerState, Matter, Viewed
from stream_app.core.tuning import Feed, Tuning

ARTICLES = frozenset({PageCategory.FAQ, PageCategory.SUPPORT})
BACK_FOR_HELP = HELP | {PageCategory.CONTACT, PageCategory.CANCELLATION}
MANY_LOOKS = 3
MANY_PAGES = 5
SESSION_GAP = 30 * MINUTE
FEATURE_REACHES = 7 * DAY
QUIET_DAYS = 3  # business days

_RANKED = ("support.faq-did-not-help", "support.trying", "support.lost")
_CACHED_TOPICS = 4096


def worse_is_said(asked: Asked, rule_id: str) -> bool:
    """Say whether the open alert of the thread knows better than this rule what the difficulty is."""
    matter = asked.state.matters.get(HELP_THREAD)
    return matter is not None and matter.rule_id in _RANKED[: _RANKED.index(rule_id)]


def since(asked: Asked) -> list[Viewed]:
    """Return the view asked about and those kept after it, by time: at each something may have come true by it.

    Empty for a view that was not kept, a reload; and where too few looks at help were near it for anything to be true.
    """
    view, found, looks = asked.view, [], 0
    if view is None:
        return []
    at, start = view.occurred_at, view.occurred_at - 2 * asked.tuning.windows.help
    for kept in reversed(asked.state.views):
        if kept.occurred_at <= start:
            break
        looks += kept.category in HELP
        if kept.occurred_at >= at:
            found.append(kept)
        elif looks >= MANY_LOOKS:
            break
    if looks < MANY_LOOKS or not any(kept is view for kept in found):
        return []
    return sorted(found, key=_by_time) if len(found) > 1 else found


def may_be_one(asked: Asked) -> bool:
    """Say whether there are looks enough for any rule of help."""
    return bool(asked.once(since))


def within(views: Sequence[Viewed], at: Micros, span: Micros) -> list[Viewed]:
    """Return the views, which are by time, in (at − span, at]."""
    start, found = at - span, []
    for view in reversed(views):
        if view.occurred_at <= start:
            break
        if view.occurred_at <= at:
            found.append(view)
    return found[::-1]


def read_in_vain(views: Sequence[Viewed], back: Viewed, span: Micros) -> tuple[Viewed, ...]:
    """Return the looks at articles, one too many, from which the customer came back for help; empty if none."""
    at = back.occurred_at
    before = [v for v in within(views, at, 2 * span) if v.occurred_at < at]
    if sum(v.category in ARTICLES for v in before) < MANY_LOOKS:
        return ()
    return next(_too_many_looks(before, at - span, span), ())


def set_up_looks(views: Sequence[Viewed], at: Viewed, span: Micros) -> tuple[Viewed, ...]:
    """Return the looks of somebody who is stuck with how something is set up, the last of them `at`; empty if not.

    Three or more, and back on one page: reading three pages is no difficulty.
    """
    kinds = (PageCategory.SPEC, PageCategory.SUPPORT)
    looks = tuple(v for v in within(views, at.occurred_at, span) if v.category in kinds)
    came_back = len({v.page for v in looks}) < len(looks)
    is_stuck = at.category in kinds and len(looks) >= MANY_LOOKS and came_back
    return looks if is_stuck else searched(views, at, span)


def searched(views: Sequence[Viewed], at: Viewed, span: Micros) -> tuple[Viewed, ...]:
    """Return the looks of somebody who does not find something, the last of them `at`: one spec page, or many pages.

    A third look at one article says nothing yet: they may have understood it.
    """
    seen = [v for v in within(views, at.occurred_at, span) if v.category in HELP]
    same = tuple(v for v in seen if v.page == at.page)
    if at.category is PageCategory.SPEC and len(same) >= MANY_LOOKS:
        return same
    return tuple(seen) if len(same) == 1 and len({v.page for v in seen}) >= MANY_PAGES else ()


def feature_before(views: Sequence[Viewed], at: Micros, pages: PageTable) -> Viewed | None:
    """Return the latest look within a week at the page of one feature; a list of them says nothing of any."""
    looks = (v for v in within(views, at, FEATURE_REACHES) if v.category is PageCategory.FEATURE)
    return max((v for v in looks if pages.page(v.url).is_item), key=_by_time, default=None)


def judged_over_at(state: CustomerState, after: Micros, tuning: Tuning, days: Days) -> Micros | None:
    """Return when to ask next whether the difficulty is over: the close of the third quiet day or a later one."""
    matter = state.matters.get(HELP_THREAD)
    if matter is None or Feed.PAGE_VIEWS not in tuning.feeds:
        return None
    quiet = _close_of(days, _last_help(state, matter, after), QUIET_DAYS)
    return quiet if quiet > after else _close_of(days, after, 1)


def over(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """Say that they found it: three business days without help, and yet they were there.

    Only time is asked, which sees all that came before it, so that the order of arrival does not count.
    """
    if not isinstance(asked.event, Due) or Feed.PAGE_VIEWS not in asked.tuning.feeds:
        return None
    last = _last_help(asked.state, matter, asked.at)
    if asked.at < _close_of(asked.days, last, QUIET_DAYS):
        return None
    number = asked.days.number
    was_there = asked.state.active.count(number(last) + 1, number(asked.at) - 1)  # today may not be known whole
    return ResolvedReason.SOLVED if was_there else None


def _too_many_looks(views: Sequence[Viewed], since: Micros, span: Micros) -> Iterator[tuple[Viewed, ...]]:
    """Yield, by time, looks at one article or at one topic in one session; the last is the third or a later one.

    And it is later than `since`.
    """
    session: list[Viewed] = []
    for view in sorted(views, key=_by_time):
        if session and view.occurred_at - session[-1].occurred_at >= SESSION_GAP:
            session = []
        session.append(view)
        if view.category not in ARTICLES or view.occurred_at <= since:
            continue
        same = tuple(v for v in within(views, view.occurred_at, span) if v.page == view.page)
        looks = same if len(same) >= MANY_LOOKS else _of_one_topic(session, _topic(view.url))
        if len(looks) >= MANY_LOOKS:
            yield looks


def _of_one_topic(session: Sequence[Viewed], topic: str) -> tuple[Viewed, ...]:
    """Return the last look at each article of a topic, by time; none for pages that belong to no topic."""
    if not topic:
        return ()
    looks = {v.page: v for v in session if v.category in ARTICLES and _topic(v.url) == topic}
    return tuple(sorted(looks.values(), key=_by_time))


@lru_cache(_CACHED_TOPICS)
def _topic(url: str) -> str:
    """Return host and path without the last segment, what articles of one topic share; empty at the top of a site."""
    page = URL(url)
    folder = page.path.rstrip("/").rpartition("/")[0]
    return f"{page.host}{folder}".casefold() if folder else ""


def _last_help(state: CustomerState, matter: Matter, at: Micros) -> Micros:
    """Return the time of the last look at help up to a time; of the alert itself where none is kept."""
    looks = (v.occurred_at for v in reversed(state.views) if v.category in HELP and v.occurred_at <= at)
    return next(looks, matter.occurred_at)


def _close_of(days: Days, at: Micros, count: int) -> Micros:
    """Return the close of the business day that comes so many after that of `at`."""
    return days.calendar.business_days_after(at, count)


def _by_time(view: Viewed) -> tuple[Micros, str]:
    return view.occurred_at, view.event_id
