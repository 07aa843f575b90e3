"""Who is hardly there any more, and who has not found a habit yet."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import ResolvedReason, Severity
from stream_app.core.events import DAY, HOUR, Due, PurchaseKind
from stream_app.core.example import CUSTOMER, NOON
from stream_app.core.pipeline import process
from stream_app.core.state import Matter
from tests.core.customers import RULES, buys, by_time, ends, profile, reviews, state_after, there, views

BOUND = [profile(name="c", renewal_date="2027-06-01")]
MONTHLY = [buys(day * DAY, 100) for day in range(0, 200, 30)]


@pytest.mark.parametrize(
    ("events", "expected"),
    {
        "half as often as before": ([*MONTHLY, *there((1, 120, 3), (120, 200, 7))], [147]),
        "as often as ever": ([*MONTHLY, *there((1, 200, 3))], []),
        "in one week of four": ([*BOUND, buys(0), *there((1, 90, 8))], [112]),
        "nobody was there before": ([*BOUND], []),
        "after onboarding": ([*BOUND, buys(0), *there((1, 9, 7))], [63]),
        "who does not buy any more is another question": ([buys(0), *there((1, 90, 3))], []),
    }.values(),
)
def test_low_stickiness(events, expected):
    assert expected == reviews("churn.low-stickiness", by_time(*events), 200)


def test_who_is_silent_is_not_said_to_be_hardly_there():
    """Silence says it more strongly."""
    state = state_after(*by_time(*BOUND, buys(0), *there((1, 90, 8))), until=111 * DAY)
    silence = Matter("a", "churn.silent", Severity.MEDIUM, NOON, NOON + 400 * DAY)
    due = Due(customer_id=CUSTOMER, occurred_at=NOON + 112 * DAY)

    spoke = [process(due, replace(state, matters=open_), RULES).alerts for open_ in ({}, {"silence": silence})]
    assert [1, 0] == [len(alerts) for alerts in spoke]


def test_nobody_is_hardly_there_any_more_who_just_came():
    """Four weeks must lie before those that are looked at."""
    (day,) = reviews("churn.low-stickiness", [*BOUND, views(DAY)], 60)

    assert 29 < day < 37


@pytest.mark.parametrize(("step", "expected"), [(7, []), (2, [ResolvedReason.RETURNED])])
def test_who_is_there_again_is_at_risk_no_more(step, expected):
    """Every week is not enough for somebody who used to come every third day."""
    events = by_time(*MONTHLY, *there((1, 120, 3), (120, 150, 7), (150, 166, step)))

    assert expected == [reason for *_, reason in ends(events) if reason is ResolvedReason.RETURNED]


@pytest.mark.parametrize(
    ("events", "expected"),
    {
        "in two weeks of four": ([buys(0), *there((3, 16, 7))], [30]),
        "in three": ([buys(0), *there((3, 23, 7))], []),
        "the second order is no beginning": ([buys(0), *there((3, 29, 3)), buys(29 * DAY)], []),
        "refunded": ([buys(0, order_id="a"), buys(1, kind=PurchaseKind.REFUNDED, order_id="a")], []),
    }.values(),
)
def test_no_habit(events, expected):
    assert expected == reviews("churn.no-habit", by_time(*events), 80)


def test_what_was_not_recorded_is_no_missing_habit():
    """The weeks that an outage touched count as if the customer had been there."""
    state = state_after(buys(0), views(3 * DAY), views(10 * DAY))
    at = NOON + 30 * DAY
    lost = ((at - 9 * DAY, at - 9 * DAY + HOUR),)

    spoke = [
        [alert.rule_id for alert in process(Due(customer_id=CUSTOMER, occurred_at=at, lost=spans), state, RULES).alerts]
        for spans in ((), lost)
    ]
    assert [["churn.no-habit"], []] == spoke
