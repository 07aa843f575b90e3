"""Detractors, loyal customers, habits and referrals: when each is said, and how it ends."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Cell, ResolvedReason, Severity
from stream_app.core.events import DAY, HOUR, MINUTE, InteractionKind, PurchaseKind, Tier
from stream_app.core.example import NOON
from stream_app.core.tuning import Feed
from tests.core.customers import (
    RULES,
    TUNING,
    answers,
    buys,
    by_time,
    ends,
    full,
    meets,
    outcomes,
    profile,
    reviews,
    said,
    state_after,
    there,
    views,
)

DETRACTOR = "churn.detractor"
HIGH, LOW = 100_000, 10_000
CLOSE = 30 * HOUR  # Tuesday, 18:00 in Tokyo, of an answer on Monday at noon


def severities(events, until=None, rules=RULES):
    return [(alert.severity, alert.second) for alert in said(events, until, rules, DETRACTOR)]


ANSWERS = {
    "a detractor": ([answers(0, 6)], 0, [(Severity.MEDIUM, False)]),
    "a passive": ([answers(0, 7)], CLOSE, []),
    "of high value": ([buys(-1, HIGH), answers(0, 0)], 0, [(Severity.HIGH, False)]),
    "nobody spoke to them": ([answers(0, 6)], CLOSE, [(Severity.MEDIUM, False), (Severity.HIGH, False)]),
    "of high value, and nobody spoke to them": (
        [buys(-1, HIGH), answers(0, 6)],
        CLOSE,
        [(Severity.HIGH, False), (Severity.HIGH, True)],
    ),
    "there was still time": ([answers(0, 6)], CLOSE - MINUTE, [(Severity.MEDIUM, False)]),
    "it rises once": ([buys(-1, LOW), answers(0, 6)], 10 * DAY, [(Severity.MEDIUM, False), (Severity.HIGH, False)]),
    "somebody spoke to them before": (
        [meets(-1, InteractionKind.CONTACTED), answers(0, 6)],
        CLOSE,
        [(Severity.MEDIUM, False), (Severity.HIGH, False)],
    ),
    "they answered again": ([answers(0, 6), answers(HOUR, 5)], 0, [(Severity.MEDIUM, False)] * 2),
}


@pytest.mark.parametrize(("events", "until", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_a_detractor(events, until, expected):
    assert expected == severities(events, until)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (meets(HOUR, InteractionKind.CONTACTED), ResolvedReason.ANSWERED),
        (meets(HOUR, InteractionKind.ANSWERED), ResolvedReason.ANSWERED),
        (meets(HOUR, InteractionKind.FOLLOW_UP), ResolvedReason.ANSWERED),
        (answers(HOUR, 9), ResolvedReason.SOLVED),
    ],
)
def test_who_was_heard_is_no_longer_waited_for(event, reason):
    assert [(HOUR, DETRACTOR, reason)] == ends([answers(0, 3), event], CLOSE)
    assert [(Severity.MEDIUM, False)] == severities([answers(0, 3), event], CLOSE)


def test_without_the_feed_nobody_knows_whether_they_were_contacted():
    rules = full(replace(TUNING, feeds=frozenset(Feed) - {Feed.CONTACTS}))

    assert [(Severity.MEDIUM, False)] == severities([answers(0, 3)], CLOSE, rules)


def test_the_risen_alert_replaces_the_first():
    """It has an id of its own, rests on the answer and names what displeased them, the worst first."""
    first, risen = said([answers(0, 3, price=2, delivery=-1, support=-3)], CLOSE, rule_id=DETRACTOR)

    assert (first.alert_id, NOON + CLOSE, first.evidence, first.event_id) == (
        risen.supersedes,
        risen.occurred_at,
        risen.evidence,
        risen.event_id,
    )
    assert first.alert_id != risen.alert_id
    assert all("support, delivery" in alert.reason and "price" not in alert.reason for alert in (first, risen))


def open_matters(events, until=None):
    return {
        thread: (matter.alert_id, matter.severity, matter.occurred_at)
        for thread, matter in state_after(*events, until=until).matters.items()
    }


ONE_HOUR = {
    "two answers": [answers(0, 3), answers(HOUR, 2)],
    "a better one": [answers(0, 3), answers(HOUR, 9)],
    "an order that makes the value high": [buys(0, HIGH), answers(MINUTE, 3), views(HOUR)],
    "a refund that makes it low": [
        buys(0, HIGH, order_id="a"),
        buys(MINUTE, kind=PurchaseKind.REFUNDED, order_id="a"),
        buys(2 * MINUTE, LOW),
        answers(HOUR, 3),
    ],
    "somebody spoke to them": [answers(0, 3), meets(MINUTE, InteractionKind.CONTACTED), views(HOUR)],
    "somebody spoke to them in between": [answers(0, 3), meets(MINUTE, InteractionKind.CONTACTED), answers(HOUR, 4)],
    "they became loyal": [buys(0, HIGH), answers(MINUTE, 9), buys(HOUR, LOW)],
}


@pytest.mark.parametrize("events", ONE_HOUR.values(), ids=ONE_HOUR)
@pytest.mark.parametrize("until", [None, 3 * DAY])
def test_any_order_within_an_hour_ends_in_the_same_open_alerts(events, until):
    expected = open_matters(events, until)

    assert [expected] * 2 == [open_matters(events[::-1], until), open_matters(events, until)]
    for others in permutations(events):
        assert expected == open_matters(others, until)


def test_loyal_after_the_dwell_rests_on_what_made_it_so():
    """The move comes when the dwell is over; the alert's id is that of the answer."""
    events = [buys(0, HIGH), answers(0, 8), answers(DAY, 9)]
    (alert,) = said(events, 8 * DAY, rule_id="loyalty.became-loyal")

    assert (events[2].event_id, NOON + 7 * DAY) == (alert.event_id, alert.occurred_at)
    assert (Cell.LOYAL, Cell.ALMOST_LOYAL) == (alert.standing.cell, alert.standing.moved_from)


SMALL = [buys(0, 100), profile(name="c", tier=Tier.LOW)]
TALKS = [meets(day * DAY, InteractionKind.INQUIRY) for day in (3, 4)]
LATER = [meets(day * DAY, InteractionKind.INQUIRY) for day in (60, 70)]
PROMOTES, DISLIKES = answers(5 * DAY, 9), answers(5 * DAY, 2)


@pytest.mark.parametrize(
    ("events", "expected"),
    {
        "once in 90 days": ([*SMALL, *TALKS, *there((1, 60, 1))], [14]),
        "a detractor": ([*SMALL, *TALKS, DISLIKES, *there((1, 30, 1))], []),
        "not there": ([*SMALL, *TALKS, *there((1, 60, 3))], []),
        "only in campaigns": (
            [buys(0, 9, campaign="x"), buys(1, 9, campaign="x"), SMALL[1], *TALKS, *there((1, 30, 1))],
            [],
        ),
    }.values(),
)
def test_a_hidden_loyal_customer(events, expected):
    assert expected == reviews("loyalty.hidden-loyal", by_time(*events), 60)


def test_who_is_raised_is_no_longer_hidden():
    events = by_time(*SMALL, *TALKS, *there((1, 20, 1)), profile(15 * DAY, name="c", tier=Tier.HIGH))

    assert [(15 * DAY, "loyalty.hidden-loyal", ResolvedReason.ANSWERED)] == ends(events)


def test_who_is_raised_and_lowered_is_found_again_after_ninety_days():
    tiers = [profile(day * DAY, name="c", tier=tier) for day, tier in ((15, Tier.HIGH), (20, Tier.LOW))]
    events = by_time(*SMALL, *TALKS, *there((1, 130, 1)), *tiers, *LATER)

    assert [14, 105] == reviews("loyalty.hidden-loyal", events, 130)


ASKED = meets(30 * DAY, InteractionKind.REFERRAL_ASKED)
COMPLAINS = meets(6 * DAY, InteractionKind.COMPLAINT, ref="t")
SOLVED = meets(30 * DAY, InteractionKind.SOLVED, ref="t")


@pytest.mark.parametrize(
    ("events", "expected"),
    {
        "said once": ([PROMOTES], [21]),
        "again 90 days after they were asked": ([PROMOTES, ASKED], [21, 126]),
        "not while a complaint is open": ([PROMOTES, COMPLAINS], []),
        "when it is solved": ([PROMOTES, COMPLAINS, SOLVED], [35]),
        "no promoter": ([answers(5 * DAY, 8)], []),
    }.values(),
)
def test_a_referral_candidate(events, expected):
    """Active every week for half a year."""
    events = by_time(buys(0, 100), *events, *there((1, 180, 5)))

    assert expected == reviews("loyalty.referral-candidate", events, 180)


def test_who_was_asked_is_no_longer_to_be_asked():
    events = by_time(
        buys(0, 100), PROMOTES, *there((1, 30, 5)), meets(22 * DAY, InteractionKind.REFERRAL_ASKED), views(23 * DAY)
    )

    assert [(22 * DAY, "loyalty.referral-candidate", ResolvedReason.ANSWERED)] == ends(events)


BOUND = [profile(name="c", renewal_date="2027-06-01")]
MONTHLY = [buys(day * DAY, 100) for day in range(0, 200, 30)]


OTHER_MOMENTS = {
    "churn.low-stickiness": ([*MONTHLY, answers(140 * DAY + 12 * HOUR, 9), *there((1, 120, 3), (120, 200, 10))], [140]),
    "churn.no-habit": ([buys(0), answers(25 * DAY, 9)], [30]),
    "loyalty.hidden-loyal": ([*SMALL, *TALKS, answers(6 * DAY + 12 * HOUR, 9), *there((1, 60, 1))], [14]),
}


@pytest.mark.parametrize(("rule_id", "events", "days"), [(name, *case) for name, case in OTHER_MOMENTS.items()])
def test_what_others_wait_for_changes_nothing(rule_id, events, days):
    """Seven days after the answer time asks because of the cell; who has spoken has nothing to add."""
    found = outcomes(by_time(*events), 200 * DAY)

    assert days == reviews(rule_id, by_time(*events), 200)
    assert [] == [held for one in found for held in one.suppressed if held.rule_id == rule_id]


def test_every_due_is_later_than_what_it_was_asked_after():
    """Else time would stand still; all rules, at each state of a history that has everything in it."""
    events = by_time(
        *BOUND, *MONTHLY, *TALKS, *there((1, 60, 2)), PROMOTES, COMPLAINS, SOLVED, ASKED, answers(40 * DAY, 2)
    )
    for outcome in outcomes(events, 190 * DAY):
        state = outcome.state
        for after in (state.asked_to, state.newest, state.newest + DAY):
            found = [rule.due(state, after, RULES.tuning, RULES.days) for rule in RULES.timed]
            assert all(at is None or at > after for at in found)


def test_time_asks_a_customer_about_once_a_week():
    """However many rules wait: two hundred days of a customer who is there every other day."""
    events = by_time(*BOUND, *MONTHLY, *TALKS, PROMOTES, *there((1, 200, 2)))
    asked = [one for one in outcomes(events, 200 * DAY) if one.state.asked_to >= NOON]

    assert len({one.state.asked_to for one in asked}) <= 200 / 7 + 8
