"""How often a customer is there, and whether they still buy."""

import pytest

from stream_app.core.activity import NEVER_ACTIVE, was_there
from stream_app.core.events import DAY, HOUR, InteractionKind, PurchaseKind, Tier
from stream_app.core.example import NOON
from stream_app.core.habit import (
    campaign_only,
    days_active,
    next_review,
    proposed_tier,
    recorded,
    retained,
    weeks_active,
)
from tests.core.customers import RULES, TUNING, answers, buys, meets, profile, refunds, state_after, views

DAYS = RULES.days
TODAY = DAYS.number(NOON)


def active(*ago):
    """The days so many before today."""
    found = NEVER_ACTIVE
    for day in ago:
        found = was_there(found, TODAY - day)
    return found


@pytest.mark.parametrize(
    ("ago", "weeks", "days"),
    [
        ((), 0, 0),
        ((0,), 0, 0),  # today is not over
        ((1, 7), 1, 2),
        ((7, 8), 2, 2),
        ((1, 8, 15, 22), 4, 4),
        ((28,), 1, 1),
        ((29,), 0, 0),
    ],
)
def test_weeks_and_days_are_those_before_today(ago, weeks, days):
    assert (weeks, days) == (weeks_active(active(*ago), TODAY), days_active(active(*ago), TODAY))


def test_days_on_which_nothing_was_recorded_count_as_active():
    """As far as they are over; whole days, also those that were lost in part."""
    lost = ((NOON - 9 * DAY, NOON - 8 * DAY), (NOON - DAY, NOON + DAY))

    assert [TODAY - 1, TODAY - 8, TODAY - 9, TODAY - 20] == list(recorded(active(20), lost, TODAY, DAYS).days())


ORDERS = [buys(day * DAY) for day in (0, 10, 30)]
RETAINED = {
    "one and a half times the usual gap": (ORDERS, 45, True),
    "longer than that": (ORDERS, 46, False),
    "two orders tell no gap": (ORDERS[:2], 11, False),
    "orders of one day are one": ([buys(0), buys(1), buys(2)], 1, False),
    "what was refunded was not bought": ([*ORDERS, buys(44 * DAY, order_id="a"), refunds(45 * DAY, "a")], 46, False),
    "a later order does not count yet": ([*ORDERS, buys(60 * DAY)], 50, False),
    "renews today": ([profile(renewal_date="2026-06-11")], 10, True),
    "renewed yesterday": ([profile(renewal_date="2026-06-10")], 10, False),
}


@pytest.mark.parametrize(("events", "day", "expected"), RETAINED.values(), ids=RETAINED)
def test_retention(events, day, expected):
    assert expected is retained(state_after(*events), NOON + day * DAY, DAYS)


IN_SPRING = [buys(0, campaign="spring"), buys(DAY, campaign="spring")]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (IN_SPRING, True),
        (IN_SPRING[:1], False),
        ([*IN_SPRING, buys(2 * DAY)], False),
        ([*IN_SPRING, buys(2 * DAY, order_id="a"), refunds(3 * DAY, "a")], True),
        ([*IN_SPRING[:1], buys(2, campaign="x", order_id="a"), refunds(DAY, "a")], False),
    ],
)
def test_only_in_campaigns(events, expected):
    assert expected is campaign_only(state_after(*events))


TALKS = [meets(day * DAY, InteractionKind.INQUIRY) for day in (1, 2)]
THERE = [views(day * DAY) for day in range(1, 13)]
TIERS = {
    "high by value": ([buys(0, 100_000)], Tier.HIGH),
    "high by what they do": ([buys(0, 100), *THERE, *TALKS], Tier.HIGH),
    "we talked, they did not": (
        [buys(0, 100), *THERE, TALKS[0], meets(3 * DAY, InteractionKind.CONTACTED)],
        Tier.LOW,
    ),
    "complaints and a low score are no talks": (
        [
            *(buys(0, 100), *THERE, TALKS[0], meets(2 * DAY, InteractionKind.COMPLAINT)),
            *(meets(3 * DAY, InteractionKind.REOPENED), answers(4 * DAY, 6)),
        ],
        Tier.LOW,
    ),
    "a good score is one": ([buys(0, 100), *THERE, TALKS[0], answers(4 * DAY, 7)], Tier.HIGH),
    "a referral is one": ([buys(0, 100), *THERE, TALKS[0], meets(3 * DAY, InteractionKind.REFERRAL_MADE)], Tier.HIGH),
    "not often enough": ([buys(0, 100), *THERE[2:10], *TALKS], Tier.LOW),
    "there twice": ([*THERE[:2]], Tier.LOW),
    "there once": ([*THERE[:1]], Tier.TECH),
    "never there": ([profile(name="c")], Tier.TECH),
}


@pytest.mark.parametrize(("events", "tier"), TIERS.values(), ids=TIERS)
def test_the_tier_that_is_proposed(events, tier):
    assert tier is proposed_tier(state_after(*events), NOON + 14 * DAY, TUNING, DAYS)


def test_talks_count_for_90_days():
    state = state_after(buys(0, 100), *THERE, *TALKS, *(views(day * DAY) for day in range(70, 92)))

    assert Tier.HIGH is proposed_tier(state, NOON + 91 * DAY - 1, TUNING, DAYS)
    assert Tier.LOW is proposed_tier(state, NOON + 91 * DAY, TUNING, DAYS)


@pytest.mark.parametrize("ago", [0, 1, HOUR, 6 * DAY, 7 * DAY])
def test_a_review_is_the_end_of_a_week_and_later(ago):
    """Counted from the first purchase; what is long past is not looked at again."""
    state = state_after(buys(0), views(20 * DAY))
    at = next_review(state, NOON + 21 * DAY - ago)

    assert NOON + (28 if ago == 0 else 21) * DAY == at


def test_weeks_of_who_bought_nothing_are_everybodys():
    state = state_after(profile(name="c"))

    assert 0 == next_review(state, state.newest) % (7 * DAY)
    assert DAY >= state.newest - NOON


def test_a_renewal_keeps():
    orders = [buys(day * DAY, kind=PurchaseKind.RENEWED) for day in (0, 30, 60)]

    assert retained(state_after(*orders), NOON + 100 * DAY, DAYS)
