"""Customers who stay away, on the calendar that they keep."""

from datetime import datetime
from decimal import Decimal
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import ResolvedReason, Severity, Standing, SuppressedReason
from stream_app.core.calendar import Hours
from stream_app.core.contact import ContactHours
from stream_app.core.course import course
from stream_app.core.days import Days
from stream_app.core.events import DAY, EPOCH, HOUR, CustomerProfile, Due, PageView, Profile, Purchase, Stage, Tier
from stream_app.core.pipeline import process
from stream_app.core.policy import Policy
from stream_app.core.rule import Match
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL, silent
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.core.tuning import Feed, Tuning, Waits

TOKYO = ZoneInfo("Asia/Tokyo")
CLOSED = ContactHours(closures=("08-13/08-16", "12-29/01-03"))


def rules(customers=CLOSED, feeds=(Feed.PAGE_VIEWS,), **waits):
    return RuleSet(
        name=RuleSetName.FULL,
        rules=tuple(rule for rule in FULL if rule.id == "churn.silent"),
        days=Days(Hours(), customers),
        tuning=Tuning(feeds=frozenset(feeds), waits=Waits(**waits)),
    )


RULES = rules()


def at(text, zone=TOKYO):
    return (datetime.fromisoformat(text).replace(tzinfo=zone) - EPOCH) // EPOCH.resolution


def view(when):
    return PageView(event_id=f"v-{when}", customer_id="c-1", occurred_at=when, url="https://www.example.com/news")


def profile(when, **fields):
    return CustomerProfile(
        customer_id="c-1", occurred_at=when, profile=Profile(occurred_at=when, **{"stage": Stage.ACTIVE, **fields})
    )


def weekdays(first, last, zone=TOKYO):
    """Views at noon of each business day of the customers' calendar from the first to the last day."""
    days = range(at(first) + 12 * HOUR, at(last) + DAY, DAY)
    calendar = RULES.days.of(zone.key)
    return [view(when) for when in days if calendar.is_open(when)]


def said(events, until, rules=RULES, kind="alerts"):
    return [each for outcome in course(events, rules, until) for each in getattr(outcome, kind)]


def days_of(alerts):
    """Return the day that was over when each was found."""
    return [datetime.fromtimestamp((alert.occurred_at - 1) // 10**6, TOKYO).date().isoformat() for alert in alerts]


AWAY = [  # last day, zone, day of the alert
    ("an ordinary week", "2026-06-01", "Asia/Tokyo", "2026-06-09"),
    ("Golden Week", "2026-04-28", "Asia/Tokyo", "2026-05-12"),
    ("Golden Week, elsewhere", "2026-04-28", "America/New_York", "2026-05-06"),
    ("お盆", "2026-08-07", "Asia/Tokyo", "2026-08-20"),
    ("年末年始", "2026-12-25", "Asia/Tokyo", "2027-01-08"),
    ("in a zone that nobody knows", "2026-04-28", "Mars/Olympus", "2026-05-12"),
]


@pytest.mark.parametrize(("last", "zone", "expected"), [row[1:] for row in AWAY], ids=[row[0] for row in AWAY])
def test_six_business_days_of_their_own_are_too_long_for_those_who_come_daily(last, zone, expected):
    known = profile(at("2026-01-05"), timezone=zone)
    history = [known, *weekdays("2026-03-02" if last < "2026-08" else "2026-07-01", last)]

    assert [expected] == days_of(said(history, at(last) + 30 * DAY))


BACK = [  # from which day to which nobody comes
    ("2026-04-28", "2026-05-07"),
    ("2026-08-07", "2026-08-17"),
    ("2026-12-25", "2027-01-04"),
    ("2026-04-27", "2026-05-11"),  # the days between taken off as well
]


@pytest.mark.parametrize(("last", "first"), BACK)
def test_holidays_raise_nothing(last, first):
    """By calendar days all of them would be called silent."""
    start = "2026-10-01" if last > "2026-12" else "2026-03-02" if last < "2026-08" else "2026-06-01"
    history = [profile(at("2026-01-05")), *weekdays(start, last), *weekdays(first, first)]

    assert [] == said(history, at(first) + 13 * HOUR)
    assert len(said(history, at(first) + 13 * HOUR, rules(calendar_days=True))) == 1


WHO = [
    ("an active customer", [profile(at("2026-05-01"))], 1),
    ("in onboarding", [profile(at("2026-05-01"), stage=Stage.ONBOARDING)], 1),
    ("of whom nothing is known", [], 0),
    ("of no stage", [profile(at("2026-05-01"), stage=None)], 0),
    (
        "who bought",
        [Purchase(event_id="p", customer_id="c-1", occurred_at=at("2026-05-01"), amount=Decimal(1), currency="JPY")],
        1,
    ),
]


@pytest.mark.parametrize(("before", "expected"), [row[1:] for row in WHO], ids=[row[0] for row in WHO])
def test_only_customers_are_missed(before, expected):
    assert expected == len(said([*before, *weekdays("2026-05-11", "2026-06-12")], at("2026-08-31")))


def test_it_is_said_once_however_long_it_lasts():
    history = [profile(at("2026-03-02")), *weekdays("2026-03-02", "2026-04-10")]

    assert len(said(history, at("2027-06-01"))) == 1
    assert [] == said(history, at("2027-06-01"), kind="suppressed")


def test_it_sleeps_without_a_feed_that_tells_of_activity():
    history = [profile(at("2026-03-02")), *weekdays("2026-03-02", "2026-04-10")]
    found = {feed: len(said(history, at("2026-06-01"), rules(feeds=(feed,)))) for feed in Feed}

    assert {feed: int(feed in (Feed.PAGE_VIEWS, Feed.PURCHASES)) for feed in Feed} == found


def test_who_returns_may_be_silent_again():
    """Also when the alert had expired by then, so that nothing was waited for any more."""
    history = [profile(at("2026-03-02")), *weekdays("2026-03-02", "2026-04-10"), *weekdays("2026-06-01", "2026-06-05")]

    assert ["2026-04-20", "2026-06-15"] == days_of(said(history, at("2026-07-01")))
    assert [ResolvedReason.EXPIRED] * 2 == [one.reason for one in said(history, at("2026-07-01"), kind="resolutions")]


def test_a_return_within_two_weeks_ends_the_alert_and_a_profile_does_not():
    history = [
        profile(at("2026-03-02")),
        *weekdays("2026-03-02", "2026-04-10"),
        profile(at("2026-04-22"), tier=Tier.TECH),
        view(at("2026-04-23T09:00")),
    ]
    alerts, over = said(history, at("2026-04-24")), said(history, at("2026-04-24"), kind="resolutions")

    expected = [(alerts[0].alert_id, ResolvedReason.RETURNED, f"v-{at('2026-04-23T09:00')}")]
    assert expected == [(one.alert_id, one.reason, one.event_id) for one in over]


def test_the_worth_of_a_customer_makes_it_urgent(monkeypatch):
    history = [profile(at("2026-03-02")), *weekdays("2026-03-02", "2026-04-10")]
    found = {}
    for value in ("", "999999", "1000000"):
        monkeypatch.setattr(
            silent, "standing_of", lambda *_, value=value: Standing(lifetime_value=value, currency="JPY")
        )
        found[value] = said(history, at("2026-06-01"))[0].severity

    assert {"": Severity.MEDIUM, "999999": Severity.MEDIUM, "1000000": Severity.HIGH} == found


def test_the_order_of_arrival_does_not_count():
    """The last events, all of one hour, in any order."""
    before = [profile(at("2026-03-02")), *weekdays("2026-03-02", "2026-04-09")]
    last = [view(at(f"2026-04-10T23:{minute}")) for minute in (15, 30, 45)] + [view(at("2026-04-11T00:10"))]
    found = {
        (alert.alert_id, alert.occurred_at)
        for order in permutations(last)
        for alert in said([*before, *order], at("2026-06-01"))
    }
    assert len(found) == 1


class TestOutage:
    """The last day was Friday, 10 April; the sixth business day after it ends on Monday, 20 April."""

    HISTORY = (profile(at("2026-03-02")), *weekdays("2026-03-02", "2026-04-10"))
    OVER = at("2026-04-21")

    def asked(self, spans):
        """Ask whenever the state wants it; `spans` says what is known to be lost at a time."""
        state, told = UNKNOWN_CUSTOMER, []
        for event in self.HISTORY:
            state = process(event, state, RULES).state
        while state.due < at("2026-06-01"):
            due = Due(customer_id="c-1", occurred_at=state.due, lost=spans(state.due))
            outcome = process(due, state, RULES)
            assert outcome.state.due > due.occurred_at
            state = outcome.state
            told += [(due.occurred_at, "alert") for _ in outcome.alerts]
            told += [(due.occurred_at, held.reason) for held in outcome.suppressed]
        return told

    def test_while_nothing_is_recorded_nobody_is_silent(self):
        """Asked again each day, and in the end those days do not count."""
        lost, end = at("2026-04-20T10:00"), at("2026-04-22T15:00")
        told = self.asked(lambda now: () if now < lost else ((lost, end if now > end else 2**62),))

        held = [(at(f"2026-04-{day}"), SuppressedReason.TRACKING_OUTAGE) for day in (21, 22, 23)]
        assert [*held, (at("2026-04-24"), "alert")] == told

    def test_it_is_asked_again_each_day_however_long_it_lasted_before(self):
        lost, end = at("2026-04-16T10:00"), at("2026-04-22T15:00")
        told = self.asked(lambda now: () if now < lost else ((lost, end if now > end else 2**62),))

        held = [(at(f"2026-04-{day}"), SuppressedReason.TRACKING_OUTAGE) for day in (21, 22, 23)]
        assert [*held, (at("2026-04-28"), "alert")] == told

    @pytest.mark.parametrize("rule_id", ["churn.silent", "churn.low-stickiness", "churn.no-habit"])
    def test_nobody_is_absent_while_nothing_is_recorded(self, rule_id):
        rule = replace(silent.silence, id=rule_id, check=lambda asked: Match(reason="absent", anchor=("e", asked.at)))
        state = replace(process(self.HISTORY[0], UNKNOWN_CUSTOMER, RULES).state, due=self.OVER)
        due = Due(customer_id="c-1", occurred_at=state.due, lost=((state.due - HOUR, state.due),))
        outcome = process(due, state, RuleSet(name=RuleSetName.FULL, rules=(rule,), tuning=RULES.tuning))

        assert [SuppressedReason.TRACKING_OUTAGE] == [held.reason for held in outcome.suppressed]
        assert 0 < outcome.state.due - state.due <= DAY

    def test_history_is_not_made_up_for_later(self):
        """Who was silent before anybody wanted to hear is not called silent at some later moment of asking."""
        state = UNKNOWN_CUSTOMER
        past = RuleSet(
            name=RuleSetName.FULL, rules=RULES.rules, tuning=RULES.tuning, policy=Policy(alerts_from=at("2026-05-01"))
        )
        for outcome in course(self.HISTORY, past, at("2026-05-02")):
            state = outcome.state
        later = replace(state, due=at("2026-05-10"))

        assert () == process(Due(customer_id="c-1", occurred_at=later.due), later, past).alerts

    def test_days_lost_before_do_not_count(self):
        lost = ((at("2026-04-14T17:00"), at("2026-04-15T09:00")),)
        expected = [(self.OVER, SuppressedReason.TRACKING_OUTAGE), (at("2026-04-23"), "alert")]
        assert expected == self.asked(lambda now: lost)

    def test_days_lost_while_they_came_change_nothing(self):
        lost = ((at("2026-04-07"), at("2026-04-09")),)
        assert [(self.OVER, "alert")] == self.asked(lambda now: lost)

    def test_a_span_that_ends_at_the_boundary_was_still_open(self):
        lost = ((at("2026-04-18"), self.OVER),)
        assert (self.OVER, SuppressedReason.TRACKING_OUTAGE) == self.asked(lambda now: lost)[0]

    def test_what_was_promised_is_kept_whatever_comes_between(self):
        """A profile that comes while the alert waits makes nobody forget to ask again."""
        state = UNKNOWN_CUSTOMER
        for event in self.HISTORY:
            state = process(event, state, RULES).state
        lost = ((at("2026-04-14T17:00"), at("2026-04-15T09:00")),)
        while state.due <= self.OVER:
            state = process(Due(customer_id="c-1", occurred_at=state.due, lost=lost), state, RULES).state
        promised = state.due
        state = process(profile(self.OVER + HOUR), state, RULES).state

        assert at("2026-04-23") == promised == state.due

    @pytest.mark.parametrize("after", range(0, 60, 3))
    def test_the_rule_asks_for_a_later_time_or_none(self, after):
        state = UNKNOWN_CUSTOMER
        for event in self.HISTORY:
            state = process(event, state, RULES).state
        moment = at("2026-04-01") + after * DAY
        due = silent.silence.due(state, moment, RULES.tuning, RULES.days)

        assert due is None or due > moment
        assert (due is None) == (moment >= self.OVER)


def test_an_unknown_tier_is_waited_for_as_a_low_one():
    found = {
        tier: days_of(said([profile(at("2026-05-01"), tier=tier), view(at("2026-06-01T12:00"))], at("2026-12-01")))
        for tier in (None, Tier.HIGH, Tier.LOW, Tier.TECH)
    }
    assert found[None] == found[Tier.LOW] == ["2026-07-14"]
    assert (found[Tier.HIGH], found[Tier.TECH]) == (["2026-06-22"], ["2026-08-31"])
