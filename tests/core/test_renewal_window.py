"""Renewal dates that come near."""

from datetime import datetime
from decimal import Decimal
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from stream_app.core.alerts import ResolvedReason
from stream_app.core.course import course
from stream_app.core.events import DAY, EPOCH, HOUR, MINUTE, CustomerProfile, Profile, Purchase, PurchaseKind, Stage
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL
from stream_app.core.tuning import Feed, Tuning, Waits


def rules(feeds=(Feed.CUSTOMERS,), **waits):
    own = tuple(rule for rule in FULL if rule.id == "budget.renewal-window")
    return RuleSet(name=RuleSetName.FULL, rules=own, tuning=Tuning(feeds=frozenset(feeds), waits=Waits(**waits)))


RULES = rules()


def at(text):
    return (datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Tokyo")) - EPOCH) // EPOCH.resolution


def profile(when, renewal_date, stage=Stage.ACTIVE):
    known = Profile(occurred_at=at(when), renewal_date=renewal_date, stage=stage)
    return CustomerProfile(customer_id="c-1", occurred_at=at(when), profile=known)


def purchase(when, kind=PurchaseKind.RENEWED, **fields):
    made = {"event_id": f"p-{when}", "amount": Decimal(9), "currency": "JPY", "plan": "team", "order_id": when}
    return Purchase(customer_id="c-1", occurred_at=at(when), kind=kind, **{**made, **fields})


def said(events, until, rules=RULES, kind="alerts"):
    return [each for outcome in course(events, rules, at(until)) for each in getattr(outcome, kind)]


WHEN = [  # profiles, when alerts are found
    ("sixty days before", [profile("2026-01-10", "2026-08-31")], ["2026-07-02"]),
    ("known later, with the next day", [profile("2026-08-01T12:00", "2026-08-31")], ["2026-08-02"]),
    ("known on the day before", [profile("2026-08-30T12:00", "2026-08-31")], ["2026-08-31"]),
    ("known on the day itself, too late", [profile("2026-08-31T12:00", "2026-08-31")], []),
    ("long past", [profile("2026-08-01", "2025-08-31")], []),
    ("no date", [profile("2026-01-10", "")], []),
    ("no day that there is", [profile("2026-01-10", "2026-02-30")], []),
    ("moved before it was near", [profile("2026-01-10", "2026-08-31"), profile("2026-05-01", "2027-08-31")], []),
    (
        "told once, however often the profile comes",
        [profile(f"2026-07-{day:02}T03:00", "2026-08-31") for day in range(1, 29)],
        ["2026-07-02"],
    ),
    (
        "each year",
        [profile("2026-01-10", "2026-08-31"), profile("2026-08-20", "2027-08-31")],
        ["2026-07-02", "2027-07-02"],
    ),
    ("no customer yet", [profile("2026-01-10", "2026-08-31", Stage.LEAD)], []),
]


@pytest.mark.parametrize(("profiles", "expected"), [row[1:] for row in WHEN], ids=[row[0] for row in WHEN])
def test_when(profiles, expected):
    until = "2027-12-31" if expected[1:] else "2026-12-31"
    assert [at(day) for day in expected] == [alert.occurred_at for alert in said(profiles, until)]


def test_the_span_is_a_setting():
    found = said([profile("2026-01-10", "2026-08-31")], "2026-12-31", rules(renewal=30 * DAY))
    assert [at("2026-08-01")] == [alert.occurred_at for alert in found]


def test_it_sleeps_without_profiles():
    assert [] == said([profile("2026-01-10", "2026-08-31")], "2026-12-31", rules(tuple(set(Feed) - {Feed.CUSTOMERS})))


RENEWED = [  # what happens on 10 July, whether it resolves
    ("a renewal", [purchase("2026-07-10")], True),
    ("the same plan bought again", [purchase("2026-07-10", PurchaseKind.COMPLETED)], True),
    ("something else", [purchase("2026-07-10", PurchaseKind.COMPLETED, plan="seminar")], False),
    ("a date beyond", [profile("2026-07-10", "2027-08-31")], True),
    ("the same date", [profile("2026-07-10", "2026-08-31")], False),
]


@pytest.mark.parametrize(("events", "resolves"), [row[1:] for row in RENEWED], ids=[row[0] for row in RENEWED])
def test_what_resolves(events, resolves):
    before = [purchase("2025-08-31", PurchaseKind.COMPLETED), profile("2026-01-10", "2026-08-31")]
    (alert,) = said([*before, *events], "2026-07-20")
    over = said([*before, *events], "2026-07-20", kind="resolutions")

    expected = [(alert.alert_id, ResolvedReason.RENEWAL, at("2026-07-10"))] if resolves else []
    assert expected == [(one.alert_id, one.reason, one.occurred_at) for one in over]


STALE = [  # what the profile names after the renewal of 10 July, when alerts are found
    ("still the old date, each night", [f"2026-07-{day}" for day in range(10, 31)], "2026-08-31", ["2026-07-02"]),
    ("the next of a contract by the month", ["2026-07-11"], "2026-09-30", ["2026-07-02", "2026-08-01"]),
]


@pytest.mark.parametrize(("nights", "date", "expected"), [row[1:] for row in STALE], ids=[row[0] for row in STALE])
@pytest.mark.parametrize("void", [False, True])
def test_a_renewed_date_is_not_said_again_though_the_renewal_is_undone(nights, date, expected, void):
    before = [profile("2026-01-10", "2026-08-31"), purchase("2026-07-10")]
    undone = [purchase("2026-07-20", PurchaseKind.CANCELLED, event_id="x", order_id="2026-07-10")] if void else []
    events = sorted([*before, *undone, *(profile(night, date) for night in nights)], key=lambda one: one.occurred_at)
    assert [at(day) for day in expected] == [alert.occurred_at for alert in said(events, "2026-12-31")]


def test_a_date_that_was_moved_by_mistake_is_not_said_again():
    dates = [("2026-01-10", "2026-08-31"), ("2026-07-10", "2027-08-31"), ("2026-07-12", "2026-08-31")]
    found = said([profile(*each) for each in dates], "2026-12-31")
    assert [at("2026-07-02")] == [alert.occurred_at for alert in found]


def test_a_date_put_off_a_little_takes_the_place_of_the_first():
    first, second = said([profile("2026-01-10", "2026-08-31"), profile("2026-07-10", "2026-09-05")], "2026-08-20")
    assert (at("2026-07-11"), first.alert_id) == (second.occurred_at, second.supersedes)


def test_unresolved_it_stays_open_until_the_day():
    (over,) = said([profile("2026-01-10", "2026-08-31")], "2026-12-31", kind="resolutions")
    assert (ResolvedReason.EXPIRED, at("2026-08-31")) == (over.reason, over.occurred_at)


def test_the_order_of_arrival_does_not_count():
    events = [profile("2026-08-01T23:30", "2026-08-30"), profile("2026-08-01T23:50", "2026-08-31")]
    events.append(purchase("2026-08-02T00:10", PurchaseKind.COMPLETED))
    found = {
        tuple((alert.alert_id, alert.occurred_at) for alert in said(order, "2026-09-30"))
        for order in permutations(events)
    }
    assert [1] == [len(alerts) for alerts in found]


@pytest.mark.parametrize("after", range(0, 120, 10))
def test_it_asks_for_a_later_time_or_none(after):
    (rule,) = RULES.rules
    *_, last = course([profile("2026-06-01", "2026-08-31")], RULES)
    moment = at("2026-06-01") + after * DAY + HOUR + MINUTE
    due = rule.due(last.state, moment, RULES.tuning, RULES.days)

    assert (at("2026-07-02") if moment < at("2026-07-02") else None) == due
