"""Difficulties: what help pages tell, in which words, and when it is over."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stream_app.core.alerts import ResolvedReason
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.example import Step
from stream_app.core.tuning import Feed
from tests.core.courses import alerts, ends, full, left_open, told

FAQ, TRYING, LOST = "support.faq-did-not-help", "support.trying", "support.lost"
HELP_RULES = full(FAQ, TRYING, LOST)


def views(*looks):
    """Return looks as (hours after the first, page)."""
    return [Step(after=round(hours * HOUR), views=page) for hours, page in looks]


def article(*hours, page="/help/export"):
    return [(after, page) for after in hours]


def set_up(hours):
    """Return a look at how something is set up, one at another page, and one back."""
    return [(hours, "/docs/0"), (hours + 1, "/docs/1"), (hours + 2, "/docs/0")]


TOPIC = [(0, "/help/export/csv"), (0.2, "/help/export/pdf"), (0.4, "/help/export/sizes")]
SPREAD = [(0, "/help/export/csv"), (0.5, "/help/export/pdf"), (0.6, "/help/export/sizes")]
MANY = [(n, f"/docs/{n}") for n in range(5)]
FEATURE = [(0, "/features/workflows")]

HISTORIES = {
    "a third look at one article says nothing": (article(0, 1, 2), []),
    "back on the same article": (article(0, 1, 2, 8), [FAQ]),
    "back a day later": (article(0, 1, 2, 26), []),
    "back just within the day": ([*article(0, 1, 2), (25.9, "/help/other")], [FAQ]),
    "back on the cancellation page": ([*article(0, 1, 2), (9, "/account/cancel")], ["churn.cancellation-page", FAQ]),
    "back on a spec page": ([*article(0, 1, 2), (9, "/docs/export")], [FAQ]),
    "back on another page": ([*article(0, 1, 2), (9, "/blog")], []),
    "three looks in more than a day": ([*article(0, 12, 24), (25, "/help/other")], []),
    "looks at prices are no articles": ([*article(0, 1, 2, page="/pricing"), (9, "/help/other")], []),
    "three articles of one topic in a session say nothing": (TOPIC, []),
    "and back": ([*TOPIC, (9, "/help/other")], [FAQ]),
    "a fourth one at once": ([*TOPIC, (0.5, "/help/export/logs")], [FAQ]),
    "three articles of one topic in two sessions": ([*SPREAD, (9, "/help/other")], []),
    "pages at the top of a site are no topic": ([(0, "/help"), (0.1, "/faq"), (0.2, "/support"), (9, "/help/a")], []),
    "a feature, then back on how to set it up": ([*FEATURE, *set_up(20)], [TRYING]),
    "a feature, then three pages once each": ([*FEATURE, *MANY[1:4]], []),
    "a feature, then five": ([*FEATURE, *((1 + n, page) for n, page in MANY)], [TRYING]),
    "the list of features, then how to set one up": ([(0, "/features"), *set_up(20)], []),
    "the list of features, then five pages": ([(0, "/features"), *((1 + n, page) for n, page in MANY)], [LOST]),
    "back on a page of the day before": ([*FEATURE, (1, "/docs/0"), (20, "/docs/1"), (25, "/docs/0")], []),
    "back on a page in the FAQ": ([*FEATURE, *article(1, 2, page="/faq/a"), *article(3, page="/docs/0")], []),
    "a feature, then one article thrice": ([*FEATURE, *article(1, 2, 3)], [TRYING]),
    "a feature, then only two looks": ([*FEATURE, (1, "/docs/1"), (2, "/docs/1")], []),
    "a feature eight days before": ([*FEATURE, *set_up(192)], []),
    "a feature after it": ([*set_up(0), (3, "/features/workflows")], []),
    "one spec page thrice": (article(0, 2, 5, page="/docs/export"), [LOST]),
    "one spec page thrice in more than a day": (article(0, 2, 24, page="/docs/export"), []),
    "five pages in a day": (MANY, [LOST]),
    "four pages in a day": (MANY[:4], []),
    "lost, then an article that did not help": ([*MANY, *article(6, 7, 8, 9)], [LOST, FAQ]),
    "once it is known what it is, less is not said": ([*article(-4, -3, -2, -1), *MANY], [FAQ]),
}


@pytest.mark.parametrize(("looks", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_tells_what_the_difficulty_is(looks, expected):
    assert expected == told(views(*looks))


def test_a_better_reading_replaces_the_message_and_names_what_it_rests_on():
    looks = views(*MANY, *article(6, 7, 8, 9))
    lost, faq = alerts(looks)

    assert ("", lost.alert_id) == (lost.supersedes, faq.supersedes)
    assert ["e-5", "e-6", "e-7", "e-8"] == [one.event_id for one in faq.evidence]
    assert ("e-8", "https://www.example.com/help/export") == (faq.event_id, faq.preceded_by)


OTHER_PAGE, MORE_HELP = "/blog", "/help/billing"

SOLVED = ResolvedReason.SOLVED
THURSDAY, FRIDAY, NEXT_MONDAY = 3, 4, 7  # days after the first look
QUIET = {
    "three business days with other pages": ([(30, OTHER_PAGE)], (THURSDAY, SOLVED)),
    "another page on the third day": ([(74, OTHER_PAGE)], (FRIDAY, SOLVED)),
    "never seen again": ([], (14, ResolvedReason.EXPIRED)),
    "another page on the same day only": ([(10, OTHER_PAGE)], (14, ResolvedReason.EXPIRED)),
    "another page after the third day": ([(90, OTHER_PAGE)], (NEXT_MONDAY, SOLVED)),
    "help again on the second day": ([(30, OTHER_PAGE), (48, MORE_HELP), (80, OTHER_PAGE)], (NEXT_MONDAY, SOLVED)),
}


@pytest.mark.parametrize(("later", "expected"), QUIET.values(), ids=QUIET)
def test_it_is_solved_after_three_business_days_without_help(later, expected):
    """The last look at help is on a Monday afternoon: the third business day after it is Thursday."""
    days, reason = expected
    looks = views(*article(0, 1, 2, 3), *later)

    close = 3 * HOUR if reason is ResolvedReason.EXPIRED else 6 * HOUR
    assert [(FAQ, days * DAY + close, reason)] == ends(looks, HELP_RULES, until=20 * DAY)


@pytest.mark.parametrize("order", [range(7), (0, 1, 2, 3, 4, 6, 5)], ids=["known when it is judged", "not yet known"])
def test_help_after_the_third_day_does_not_undo_that_it_was_solved(order):
    """Ten minutes after the close, judged when time has moved an hour past it."""
    close = 3 * 24 + 6
    looks = views(*article(0, 1, 2, 3), (30, OTHER_PAGE), (close + 0.2, MORE_HELP), (close + 1.1, OTHER_PAGE))

    assert (set(), set(), set()) == left_open(looks, HELP_RULES, order=order)


def test_without_the_feed_nothing_is_taken_for_solved():
    looks = views(*article(0, 1, 2, 3), (30, OTHER_PAGE))
    rules = full(FAQ, feeds=set(Feed) - {Feed.PAGE_VIEWS})

    assert [(FAQ, 14 * DAY + 3 * HOUR, ResolvedReason.EXPIRED)] == ends(looks, rules, until=20 * DAY)


PAGES = (
    *(f"/docs/{n}" for n in range(5)),
    "/help/a/1",
    "/help/a/2",
    "/help/a/3",
    "/help/a/3",
    "/features",
    "/features/b",
    "/account/cancel",
    "/blog",
)
looks_in_any_order = st.lists(st.sampled_from(PAGES), min_size=4, max_size=9).flatmap(
    lambda pages: st.tuples(st.just(pages), st.permutations(range(len(pages))))
)


@pytest.mark.parametrize("until", [None, 2 * HOUR, 20 * DAY])
@settings(max_examples=60)
@given(looks_in_any_order, st.integers(1, 7))
def test_any_order_of_an_hour_ends_in_the_same_open_alert(until, drawn, apart):
    pages, order = drawn
    steps = [Step(after=n * apart * MINUTE, views=page) for n, page in enumerate(pages)]

    assert left_open(steps, HELP_RULES, until=until) == left_open(steps, HELP_RULES, until=until, order=order)


@settings(max_examples=60)
@given(st.permutations(PAGES), st.permutations(range(len(PAGES))))
def test_nor_does_it_count_which_of_two_at_the_same_moment_came_first(pages, order):
    """But for a page and its own reload: of these the one that came first is kept."""
    assume(all(one != other for one, other in zip(pages[::2], pages[1::2], strict=False)))
    steps = [Step(after=n // 2 * MINUTE, views=page) for n, page in enumerate(pages)]

    assert left_open(steps, HELP_RULES) == left_open(steps, HELP_RULES, order=order)
