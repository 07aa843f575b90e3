"""A partition's time: what comes due, in which order, and before which event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.course import course
from stream_app.core.events import DAY, HOUR, MINUTE, NEVER, PageView
from stream_app.core.example import NOON
from stream_app.core.pipeline import process
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.core.timeline import Agenda, States, Timeline
from tests.core.timed import QUIET, quiet, timed_rules

RULES = timed_rules()
LATE = RULES.policy.lateness


class Watched(States):
    """Customers who note in which order they came due, and which hour of the site had been judged by then."""

    def __init__(self):
        super().__init__()
        self.timeline = None
        self.seen = []

    def keep(self, customer_id, state):
        self.seen.append((customer_id, state.asked_to, self.timeline.site.asked_to))
        super().keep(customer_id, state)


def view(customer_id, at, number=0):
    return PageView(
        event_id=f"{customer_id}-{number}", customer_id=customer_id, occurred_at=at, url="https://www.example.com/"
    )


def judge(timeline, customers, event, rules=RULES):
    """Judge what is due before an event, then the event; return what was said, and of whom it was due."""
    said = []
    if timeline.reach(event.occurred_at):
        said = list(iter(timeline.judge_next, None))
    before = customers.state_of(event.customer_id)
    outcome = process(event, before, rules)
    States.keep(customers, event.customer_id, outcome.state)
    timeline.happened(event, before, outcome.state)
    return [alert.customer_id for one in [*said, outcome] for alert in one.alerts]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9) | st.just(NEVER)), max_size=300))
def test_an_agenda_tells_who_is_due_first(puts):
    """Whatever was put before: the last word on each counts."""
    agenda, known = Agenda(), {}
    for key, due in puts:
        agenda.put(f"c{key}", due)
        known[f"c{key}"] = due
    expected = sorted((due, key) for key, due in known.items() if due != NEVER)
    assert (expected, expected[:1]) == (sorted({*agenda.in_order()}), [agenda.first()] if expected else [])
    assert list(agenda.in_order()) == sorted(agenda.in_order())
    assert len(agenda._heap) <= 2 * len(expected) + 65


def test_what_is_due_comes_by_time_then_by_name_and_the_site_first():
    """At an hour that ends, the site is judged before the customers of that moment."""
    full = NOON // HOUR * HOUR
    customers = Watched()
    customers.timeline = timeline = Timeline(customers, RULES)
    for customer_id in ("b", "a"):
        judge(timeline, customers, view(customer_id, full + HOUR - QUIET % HOUR))
    judge(timeline, customers, view("c", full + HOUR - QUIET % HOUR - MINUTE))
    at = full + HOUR + QUIET // HOUR * HOUR
    judge(timeline, customers, view("d", at - MINUTE))  # so that there is an hour to judge
    customers.seen.clear()
    before = timeline.site.asked_to
    timeline.pass_to(at)
    assert 3 == sum(len(outcome.alerts) for outcome in iter(timeline.judge_next, None))
    assert [("c", at - MINUTE, before), ("a", at, at), ("b", at, at)] == customers.seen


@pytest.mark.parametrize(("after", "said"), [(QUIET + LATE - 1, []), (QUIET + LATE, ["a"])])
def test_time_lags_behind_the_newest_event_by_the_lateness(after, said):
    customers = States()
    timeline = Timeline(customers, RULES)
    judge(timeline, customers, view("a", NOON))
    assert said == judge(timeline, customers, view("b", NOON + after))


def test_time_does_not_go_back():
    """An old event after a young one: what had come due stays so, and nothing comes due twice."""
    customers = States()
    timeline = Timeline(customers, RULES)
    judge(timeline, customers, view("a", NOON))
    assert ["a"] == judge(timeline, customers, view("b", NOON + QUIET + LATE))
    assert [] == judge(timeline, customers, view("c", NOON))
    assert NOON + QUIET + LATE == timeline.newest


def test_somebody_who_comes_late_is_due_before_the_next_event():
    """The customer's own moment has passed when the event arrives that asks for it."""
    customers = States()
    timeline = Timeline(customers, RULES)
    judge(timeline, customers, view("b", NOON + 2 * DAY))
    judge(timeline, customers, view("a", NOON))
    assert ["a"] == judge(timeline, customers, view("b", NOON + 2 * DAY, 1))


@pytest.mark.parametrize("name", RuleSetName)
def test_who_was_not_seen_for_long_is_forgotten(name):
    rules, customers = timed_rules(name, forget=5 * DAY), States()
    timeline = Timeline(customers, rules)
    judge(timeline, customers, view("a", NOON), rules)
    timeline.pass_to(NOON + 5 * DAY - MINUTE)
    list(iter(timeline.judge_next, None))
    assert {"a"} == set(customers.states)
    timeline.pass_to(NOON + 5 * DAY)
    list(iter(timeline.judge_next, None))
    assert (UNKNOWN_CUSTOMER, None) == (customers.state_of("a"), customers.first_due())


def test_a_rule_that_raises_when_it_is_asked_for_its_time_harms_no_other():
    """Nobody would get past that customer otherwise."""

    def broken(state, after, tuning, days):
        raise ValueError("broken")

    rules, customers = (
        RuleSet(name=RuleSetName.FULL, rules=(replace(quiet, id="churn.broken", due=broken), quiet)),
        States(),
    )
    timeline = Timeline(customers, rules)
    judge(timeline, customers, view("a", NOON), rules)
    timeline.pass_to(NOON + QUIET)
    (outcome,) = (one for one in iter(timeline.judge_next, None) if one.alerts)
    assert (["churn.broken"], ["broken"]) == ([a.rule_id for a in outcome.alerts][:1], [str(e) for e in outcome.errors])


@given(st.lists(st.integers(0, 6 * 24), max_size=8))
def test_one_customer_alone_has_the_same_course(hours):
    """Each is a course of its own: what others do moves time, and nothing else."""
    events = [view("a", NOON + hour * HOUR, number) for number, hour in enumerate(hours)]
    rules, customers = timed_rules(RuleSetName.SIMPLE), States()
    timeline = Timeline(customers, rules)
    said = [each for event in events for each in judge(timeline, customers, event, rules)]
    timeline.pass_to(NOON + 9 * DAY)
    said += [alert.customer_id for one in iter(timeline.judge_next, None) for alert in one.alerts]
    alone = [alert.customer_id for one in course(events, rules, NOON + 9 * DAY) for alert in one.alerts]
    assert alone == said
