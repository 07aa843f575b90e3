"""Which looks are said of an account: those of its known customers at three kinds of pages, one an hour."""

import pytest

from stream_app.core.account_views import account_view
from stream_app.core.alerts import AccountView
from stream_app.core.events import HOUR, MINUTE, Stage
from stream_app.core.example import CUSTOMER, NOON
from stream_app.core.pages import PageCategory
from stream_app.core.policy import Policy
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.state import UNKNOWN_CUSTOMER, viewed
from tests.core.customers import buys, outcomes, profile, views

COMPANY = {"account_id": "a-1", "account_name": "株式会社見本", "name": "見本 太郎"}
KNOWN = profile(-HOUR, **COMPANY)
RULES = RuleSet(name=RuleSetName.FULL)


def said(*events, rules=RULES):
    """Return the looks that are said, as (minutes since noon, category)."""
    found = (one.account_view for one in outcomes(events, rules=rules))
    return [((one.occurred_at - NOON) // MINUTE, str(one.category)) for one in found if one is not None]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/account/cancel", "cancellation"),
        ("/pricing", "pricing"),
        ("/export", "export"),
        ("/compare-plans", None),
        ("/help/setup", None),
        ("/about", None),
    ],
)
def test_three_kinds_of_pages_count(path, expected):
    assert [(0, expected)] * (expected is not None) == said(KNOWN, views(0, path))


def test_the_simple_rules_see_no_export_page():
    simple = RuleSet(name=RuleSetName.SIMPLE)

    assert [(0, "pricing")] == said(KNOWN, views(0, "/pricing"), views(MINUTE, "/export"), rules=simple)


@pytest.mark.parametrize(
    "events",
    [
        [views(0, "/pricing")],
        [profile(-HOUR), views(0, "/pricing")],
        [profile(-HOUR, **COMPANY, stage=Stage.LEAD), views(0, "/pricing")],
        [profile(-HOUR, **COMPANY, stage=Stage.CHURNED), views(0, "/pricing")],
        [KNOWN, buys()],
    ],
    ids=["nobody known", "no account", "no customer yet", "no customer any more", "no look"],
)
def test_nothing_is_said_of(events):
    assert [] == said(*events)


def test_one_a_category_and_hour_whatever_the_page():
    """By the clock's hours, so that somebody who looks all day is said each hour; late ones have an hour too."""
    looks = [views(at * MINUTE, path) for at, path in ((1, "/pricing"), (30, "/pricing/team"), (31, "/account/cancel"))]
    later = [views(at * MINUTE, "/pricing") for at in (59, 60, 119, -1, -2)]

    assert [(1, "pricing"), (31, "cancellation"), (60, "pricing"), (-1, "pricing")] == said(KNOWN, *looks, *later)


def test_the_same_event_again_is_said_once():
    look = views(0, "/pricing")

    assert [(0, "pricing")] == said(KNOWN, look, look)


def test_what_is_said_of_it():
    """The account is that of the event, else that of the profile: as an alert has it."""
    look = views(0, "/pricing")
    seen = viewed(look, RULES.pages.page(look.url))
    (state,) = (one.state for one in outcomes([KNOWN]))
    expected = AccountView(
        **COMPANY,
        customer_id=CUSTOMER,
        category=PageCategory.PRICING,
        occurred_at=NOON,
        event_id=look.event_id,
    )

    assert expected == account_view(look, seen, state, Policy())
    assert account_view(look, seen, UNKNOWN_CUSTOMER, Policy()) is None
