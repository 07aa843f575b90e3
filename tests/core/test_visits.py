"""A view of a page that does not matter asks only what it can end; that must come to the same as asking everything."""

from decimal import Decimal
from functools import cache

import orjson
import pytest
from msgspec.structs import replace

from stream_app.codec import decode_value
from stream_app.core.alerts import ResolvedReason
from stream_app.core.course import course
from stream_app.core.events import DAY, PageView, Purchase
from stream_app.core.pipeline import Verdict, process
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL
from stream_app.core.site import saw
from stream_app.core.timeline import States, Timeline
from stream_app.core.tuning import Feed, Tuning
from stream_app.testing.simulator import simulate

NOON = 1_775_444_400_000_000
NOW_MS = 1_800_000_000_000
BY_VISITS = {"churn.silent", "churn.low-stickiness", "churn.no-habit"}


def rule_set(ended_by_visits):
    """Return the full rules, of which visits are asked of these."""
    rules = tuple(replace(rule, ended_by_visits=rule.id in ended_by_visits) for rule in FULL)
    return RuleSet(name=RuleSetName.FULL, rules=rules, tuning=Tuning(feeds=frozenset(Feed)))


@cache
def events():
    """Two months of a few customers, in order."""
    sent = (one for one in simulate(customers=30, days=60) if one.customer_id)
    return sorted(
        (decode_value(one.topic, orjson.dumps(one.value), NOW_MS) for one in sent), key=lambda e: e.occurred_at
    )


def said(rules):
    """Return every alert, and every end of one."""
    customers, found = States(), []
    timeline = Timeline(customers, rules)
    for event in events():
        while timeline.reach(event.occurred_at) and (outcome := timeline.judge_next()) is not None:
            found += [*outcome.alerts, *outcome.resolutions]
        before = customers.state_of(event.customer_id)
        outcome = process(event, before, rules)
        found += [*outcome.alerts, *outcome.resolutions]
        if outcome.verdict is Verdict.USED:
            customers.keep(event.customer_id, outcome.state)
            timeline.happened(event, before, outcome.state)
    return [replace(one, rule_set="") if hasattr(one, "rule_set") else one for one in found]


def test_what_visits_can_end_is_what_the_rules_say():
    assert BY_VISITS == {rule.id for rule in FULL if rule.ended_by_visits}


def test_asking_everything_at_each_visit_changes_nothing():
    """The alerts of these months end as they would if every rule were asked about each view."""
    assert said(rule_set({rule.id for rule in FULL})) == said(rule_set(BY_VISITS))


@pytest.mark.parametrize("days", [50, 57])
def test_who_comes_back_after_a_silence_is_back_at_once(days):
    """Whatever page it is, and however long ago it was said."""
    bought = Purchase(event_id="o-1", customer_id="c", occurred_at=NOON, amount=Decimal(1), currency="JPY")
    view = PageView(event_id="v-1", customer_id="c", occurred_at=NOON + days * DAY, url="https://www.example.com/about")
    outcomes = course([bought, view], rule_set(BY_VISITS), view.occurred_at)
    ends = [(one.reason, one.occurred_at) for outcome in outcomes for one in outcome.resolutions]
    assert [(ResolvedReason.RETURNED, view.occurred_at)] == [one for one in ends if one[0] is ResolvedReason.RETURNED]


@pytest.mark.parametrize("minutes", [(), (5,), (5, 0), (5, 70), (70, 5, 80)])
def test_the_record_of_a_site_is_the_same_as_if_each_view_were_put_there(minutes):
    """A view that only moves the end of an hour waits until somebody asks."""
    rules, first = rule_set(BY_VISITS), next(event for event in events() if hasattr(event, "url"))
    timeline, customers = Timeline(States(), rules), States()
    expected = timeline.site
    for number, minute in enumerate((0, *minutes)):
        event = replace(first, event_id=f"e-{number}", occurred_at=first.occurred_at + minute * 60_000_000)
        before = customers.state_of(event.customer_id)
        after = process(event, before, rules).state
        customers.keep(event.customer_id, after)
        timeline.happened(event, before, after)
        first_of_day = after.active is not before.active
        expected = saw(expected, event.occurred_at, new=int(first_of_day), rules=rules)
    assert expected == timeline.site
