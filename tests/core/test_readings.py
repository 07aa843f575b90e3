"""The numbers behind the readings, worked out by hand."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Reading
from stream_app.core.days import Days
from stream_app.core.events import DAY, HOUR, InteractionKind, PageView, Profile, PurchaseKind
from stream_app.core.example import NOON, SITE, Step
from stream_app.core.hypotheses import told
from stream_app.core.pages import PageCategory, PagePattern, PageTable
from stream_app.core.patterns import DEFAULT_PATTERNS
from stream_app.core.readings import HALF_LIFE, POINTS, Sign, leader_of, points_of
from stream_app.core.signs import Signs, days_until
from stream_app.core.state import CustomerState, viewed
from stream_app.core.tuning import Tuning
from tests.core.contract_histories import played, steps, views

BUDGET, UPGRADE, DOUBT, CHURN = Reading.BUDGET, Reading.UPGRADE, Reading.DOUBT, Reading.CHURN
PAGES = PageTable(
    (
        PagePattern(category=PageCategory.FEATURE, path="/features/sso", plans=("business",)),
        *DEFAULT_PATTERNS,
    )
)
DAYS, TUNING = Days(), Tuning()


def seen(*looks, **profile):
    """Return the state after views, each (path, days after noon)."""
    kept = tuple(
        viewed(
            PageView(event_id=f"v-{n}", customer_id="c", occurred_at=NOON + int(days * DAY), url=SITE + path),
            PAGES.page(SITE + path),
        )
        for n, (path, days) in enumerate(looks)
    )
    return CustomerState(views=kept, profile=Profile(occurred_at=0, **profile) if profile else None)


def tale(*looks, **profile):
    return told(seen(*looks, **profile), TUNING, PAGES, DAYS)


def signs(*history, after=0):
    """Return which signs hold so long after the start of a history."""
    return {*Signs(played(steps(*history))[0], TUNING, DAYS).at(NOON + after)}


WEIGHED = {
    "nothing else": ([("/pricing", 0)], [(BUDGET, 0.33), (UPGRADE, 0.33), (DOUBT, 0.33)]),
    "a comparison: 3 of 5": ([("/plans/compare", 0), ("/pricing", 0)], [(UPGRADE, 0.6), (BUDGET, 0.2), (DOUBT, 0.2)]),
    "two weeks halve it: 2 of 4": (
        [("/plans/compare", 0), ("/pricing", 14)],
        [(UPGRADE, 0.5), (BUDGET, 0.25), (DOUBT, 0.25)],
    ),
    "an export halves in one: doubt again, 1 of 3": (
        [("/account/export", 0), ("/pricing", 7)],
        [(BUDGET, 0.33), (UPGRADE, 0.33), (DOUBT, 0.33)],
    ),
    "a day's second page of a category counts nothing": (
        [("/limits", 0), ("/account/seats", 0.1), ("/pricing", 0.1)],
        [(UPGRADE, 0.6), (BUDGET, 0.2), (DOUBT, 0.2)],
    ),
    "that of the next day does: 1 + 2·2^(-1/14) + 2 of 2 more": (
        [("/limits", 0), ("/limits", 1), ("/pricing", 1)],
        [(UPGRADE, 0.71), (BUDGET, 0.14), (DOUBT, 0.14)],
    ),
    "looking for help is ordinary use": (
        [("/faq/a", 0), ("/help/a", 3), ("/pricing", 3)],
        [(BUDGET, 0.33), (UPGRADE, 0.33), (DOUBT, 0.33)],
    ),
    "leaving makes doubt churn: 1 + 2 + 0.5 of 7": (
        [("/account/export", 0), ("/contract", 0), ("/pricing", 0)],
        [(CHURN, 0.5), (BUDGET, 0.36), (UPGRADE, 0.14)],
    ),
    "prices looked at often are one question": (
        [("/pricing", 0), ("/plans/compare", 5), *(("/pricing", days) for days in (1, 2, 3, 4, 5))],
        [(UPGRADE, 0.6), (BUDGET, 0.2), (DOUBT, 0.2)],
    ),
    "specs say nothing": ([("/docs/api", 0), ("/pricing", 0)], [(BUDGET, 0.33), (UPGRADE, 0.33), (DOUBT, 0.33)]),
}


@pytest.mark.parametrize("name", WEIGHED)
def test_confidence_is_the_share_of_all_points(name):
    looks, expected = WEIGHED[name]

    assert expected == [(one.reading, one.confidence) for one in tale(*looks).readings]


@pytest.mark.parametrize(
    ("plan", "expected"), [("team", (UPGRADE, 0.56)), ("business", (BUDGET, 0.33)), ("", (BUDGET, 0.33))]
)
def test_a_feature_counts_where_the_plan_does_not_hold_it(plan, expected):
    """2.5 of 4.5 points."""
    first = tale(("/features/sso", 0), ("/pricing", 0), plan=plan, fiscal_year_end="12-31").readings[0]

    assert expected == (first.reading, first.confidence)


def test_without_a_look_at_prices_nothing_is_told():
    assert tale(("/plans/compare", 0), ("/account/export", 0)) is None


def test_every_category_that_counts_has_a_half_life():
    assert {word for word in POINTS if word not in {*Sign} - {Sign.FEATURE_NOT_IN_PLAN}} == {*HALF_LIFE}


@pytest.mark.parametrize(
    ("leads", "weights", "after"),
    [
        (None, {"pricing": 1}, BUDGET),
        (None, {"pricing": 1, "limits": 0.75, "contract": 1}, BUDGET),
        (None, {"pricing": 1, "plan_compare": 1, "open_complaint": 1}, UPGRADE),
        (UPGRADE, {"pricing": 1, "invoice": 0.09}, UPGRADE),
        (UPGRADE, {"pricing": 1, "invoice": 0.1}, BUDGET),
        (BUDGET, {"pricing": 1, "contact": 1}, BUDGET),
        (BUDGET, {"pricing": 1, "invoice": 0.7, "export": 0.75}, CHURN),
        (BUDGET, {"pricing": 1, "invoice": 0.75, "export": 0.75}, BUDGET),
        (DOUBT, {"pricing": 1, "invoice": 0.75, "export": 0.75}, CHURN),
        (CHURN, {"pricing": 1, "invoice": 0.75, "export": 0.7}, BUDGET),
        (CHURN, {"pricing": 1, "export": 0.7}, DOUBT),
    ],
)
def test_another_reading_takes_over_with_a_fifth_more(leads, weights, after):
    """Churn as soon as it is ahead; doubt and churn are one, named by what there is of leaving."""
    assert after is leader_of(leads, points_of(weights), "")


@pytest.mark.parametrize(
    ("seats", "used", "holds"), [(10, 9, True), (10, 8, False), (0, 0, False), (None, 9, False), (10, None, False)]
)
def test_seats_are_nearly_used_from_nine_of_ten(seats, used, holds):
    state = seen(seats=seats, seats_used=used, name="c")

    assert holds == (Sign.SEATS_NEARLY_USED in Signs(state, TUNING, DAYS).at(NOON))


@pytest.mark.parametrize(
    ("month_day", "day", "left"),
    [("06-01", 0, 0), ("05-31", 0, 364), ("07-31", 0, 60), ("07-31", 1, 59), ("02-29", 0, 272), ("02-31", 0, 272)],
)
def test_how_far_the_end_of_a_fiscal_year_is(month_day, day, left):
    """From 1 June 2026; in 2027 February has 28 days."""
    assert left == days_until(month_day, DAYS.number(NOON) + day)


def test_the_fiscal_year_end_is_a_sign_for_sixty_days():
    ends = [("07-30", True), ("07-31", True), ("08-01", False), ("06-01", True), ("05-31", False)]

    found = [Sign.FISCAL_YEAR_END in Signs(seen(fiscal_year_end=end), TUNING, DAYS).at(NOON) for end, _ in ends]
    assert [holds for _, holds in ends] == found


REFUND = Step(buys="team", kind=PurchaseKind.REFUNDED)
COMPLAINT = Step(meets=InteractionKind.COMPLAINT)
USE = views(*["/app"] * 4, every=DAY)
HELP = views("/docs/a", "/faq/a", "/help/a", after=25 * DAY, every=DAY)
HOLDS = [
    ("bought within 30 days", [Step(buys="team")], 30 * DAY - 1, {Sign.GROWING_PURCHASES}),
    ("bought before", [Step(buys="team")], 30 * DAY, set()),
    ("renewed", [Step(buys="team", kind=PurchaseKind.RENEWED)], DAY, set()),
    ("refunded within 90 days", [REFUND], 90 * DAY - 1, {Sign.REFUND}),
    ("refunded before", [REFUND], 90 * DAY, set()),
    ("given up unpaid", [Step(buys="team", kind=PurchaseKind.CANCELLED)], DAY, set()),
    ("complained", [COMPLAINT], DAY, {Sign.OPEN_COMPLAINT}),
    ("complained later", [COMPLAINT], -1, set()),
    ("solved", [COMPLAINT, Step(after=HOUR, meets=InteractionKind.SOLVED)], DAY, set()),
    ("not yet solved", [COMPLAINT, Step(after=HOUR, meets=InteractionKind.SOLVED)], 1, {Sign.OPEN_COMPLAINT}),
    (
        "reopened",
        [COMPLAINT, *(Step(after=n * HOUR, meets=InteractionKind(k)) for n, k in ((1, "solved"), (2, "reopened")))],
        DAY,
        {Sign.OPEN_COMPLAINT},
    ),
    ("answered 6", [Step(meets=InteractionKind.NPS, score=6)], 365 * DAY - 1, {Sign.DETRACTOR}),
    ("answered 6 a year ago", [Step(meets=InteractionKind.NPS, score=6)], 365 * DAY, set()),
    ("answered 7", [Step(meets=InteractionKind.NPS, score=7)], DAY, set()),
    (
        "used on 4 days, then on 2",
        [*USE, *views("/app", "/app", after=14 * DAY, every=DAY)],
        17 * DAY,
        {Sign.FALLING_USE},
    ),
    ("used on 4 days, then on 3", [*USE, *views(*["/app"] * 3, after=14 * DAY, every=DAY)], 17 * DAY, set()),
    ("used on 3 days, then on none", [*USE[:3]], 17 * DAY, set()),
    ("help three times, there 28 days ago", [*views("/app"), *HELP], 28 * DAY, {Sign.RISING_HELP}),
    ("there 27 days ago", [*views("/app"), *HELP], 27 * DAY, set()),
    (
        "bought 28 days ago",
        [Step(buys="team"), *HELP],
        28 * DAY,
        {Sign.RISING_HELP, Sign.GROWING_PURCHASES},
    ),
    ("help twice", [*views("/app"), *HELP[1:]], 28 * DAY, set()),
    ("as much help before", [*views(*["/help/a", "/help/b"] * 5, every=3 * DAY)], 28 * DAY, set()),
    (
        "a question reopened",
        [Step(after=n * HOUR, meets=InteractionKind(k), ref="q") for n, k in ((1, "inquiry"), (2, "reopened"))],
        DAY,
        set(),
    ),
]


@pytest.mark.parametrize(("history", "after", "expected"), [pytest.param(*row[1:], id=row[0]) for row in HOLDS])
def test_which_signs_hold(history, after, expected):
    """At the edges of their windows; the default fiscal year ends far away, in March."""
    found = signs(*history, after=after)

    assert expected == found - {Sign.FISCAL_YEAR_END}


def test_what_was_undone_later_had_been_growth():
    history = [Step(buys="team"), Step(after=DAY, buys="team", kind=PurchaseKind.REFUNDED)]
    events = steps(history)
    state = played([replace(event, order_id="o-1") for event in events])[0]
    found = [Sign.GROWING_PURCHASES in Signs(state, TUNING, DAYS).at(NOON + at) for at in (HOUR, DAY)]
    assert [True, False] == found
