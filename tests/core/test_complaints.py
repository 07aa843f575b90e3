"""Complaints: heard at once, answered in time, solved, and not back again."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.calendar import Hours
from stream_app.core.days import Days
from stream_app.core.events import DAY, HOUR, MINUTE, InteractionKind
from stream_app.core.example import NOON, Step
from stream_app.core.relation import Complaint
from stream_app.core.rule_set import RuleSet
from stream_app.core.tuning import Feed, Loyalty
from tests.core.courses import EVERYTHING, alerts, ends, full, left_open, outcomes, told

COMPLAINT, REOPENED, UNANSWERED = (
    "support.complaint",
    "support.complaint-reopened",
    "support.complaint-unanswered",
)
RECOVERED = "loyalty.recovered"
KINDS = {
    "C": InteractionKind.COMPLAINT,
    "A": InteractionKind.ANSWERED,
    "S": InteractionKind.SOLVED,
    "R": InteractionKind.REOPENED,
    "Q": InteractionKind.INQUIRY,
}


def story(*happened):
    """Return steps of (letter and perhaps the complaint's number, hours after the first)."""
    return [Step(after=round(hours * HOUR), meets=KINDS[what[0]], ref=what[1:]) for what, hours in happened]


HISTORIES = {
    "a complaint": ([("C", 0)], 29, [COMPLAINT]),
    "nobody answers by the close of Tuesday": ([("C", 0)], 30, [COMPLAINT, UNANSWERED]),
    "answered on Tuesday": ([("C", 0), ("A", 29)], 99, [COMPLAINT]),
    "solved without an answer": ([("C", 0), ("S", 29)], 99, [COMPLAINT]),
    "answered on Wednesday": ([("C", 0), ("A", 50)], 99, [COMPLAINT, UNANSWERED]),
    "on Friday night: answered on Monday": ([("C", 107), ("A", 170)], 240, [COMPLAINT]),
    "on Friday night: not answered on Monday": ([("C", 107), ("A", 175)], 240, [COMPLAINT, UNANSWERED]),
    "another was answered": ([("C1", 0), ("A2", 1)], 30, [COMPLAINT, UNANSWERED]),
    "one of two was answered": ([("C1", 0), ("C2", 1), ("A2", 2)], 30, [COMPLAINT, COMPLAINT, UNANSWERED]),
    "complained again, still not answered": ([("C", 0), ("C", 20)], 30, [COMPLAINT, COMPLAINT, UNANSWERED]),
    "reopened": ([("C", 0), ("S", 1), ("R", 40)], 99, [COMPLAINT, REOPENED]),
    "brought up again before an answer": ([("C", 0), ("R", 3)], 99, [COMPLAINT, REOPENED]),
    "reopened, of a complaint before our time": ([("R", 0)], 99, [REOPENED]),
    "a question reopened is no complaint": ([("Q1", 0), ("S1", 1), ("R1", 2)], 99, []),
    "nor does it count with one": (
        [("C2", 0), ("S2", 1), ("Q1", 2), ("R1", 3), ("S1", 4)],
        400,
        [COMPLAINT, RECOVERED],
    ),
    "nor reopen one without a name": ([("C", 0), ("Q1", 1), ("R1", 2)], 30, [COMPLAINT, UNANSWERED]),
    "a question that became a complaint": ([("Q1", 0), ("C1", 1), ("S1", 2), ("R1", 3)], 9, [COMPLAINT, REOPENED]),
    "of another name than the question": ([("Q1", 0), ("R2", 2)], 99, [REOPENED]),
    "a question without a name": ([("Q", 0), ("R", 2)], 99, [REOPENED]),
    "a question asked afterwards": ([("R1", 0), ("Q1", 2)], 99, [REOPENED]),
    "solved for two weeks": ([("C", 0), ("S", 1)], 14 * 24 + 1, [COMPLAINT, RECOVERED]),
    "not yet two weeks": ([("C", 0), ("S", 1)], 14 * 24, [COMPLAINT]),
    "reopened, then solved": ([("C", 0), ("S", 1), ("R", 2), ("S", 50)], 400, [COMPLAINT, REOPENED, RECOVERED]),
    "another complaint within two weeks": ([("C", 0), ("S", 1), ("C", 300), ("A", 301)], 400, [COMPLAINT, COMPLAINT]),
    "a question solved is no complaint": ([("Q", 0), ("S", 1)], 400, []),
    "nor is it one beside a complaint": ([("C1", 0), ("A1", 1), ("S2", 2)], 400, [COMPLAINT]),
}


@pytest.mark.parametrize(("happened", "hours", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_tells_what_becomes_of_a_complaint(happened, hours, expected):
    """The first hour is noon of a Monday; the office closes at 18:00."""
    assert expected == told(story(*happened), until=hours * HOUR)


def test_a_complaint_is_heard_at_once_and_one_left_alone_by_somebody_else_too():
    first, second = alerts(story(("C", 0)), until=2 * DAY)

    assert [(Severity.HIGH, False, False), (Severity.HIGH, False, True)] == [
        (one.severity, one.digest, one.second) for one in (first, second)
    ]
    assert (first.alert_id, NOON + 30 * HOUR) == (second.supersedes, second.occurred_at)
    assert ["e-0"] == [one.event_id for one in second.evidence]


@pytest.mark.parametrize(("hours", "expected"), [(20, [COMPLAINT]), (25, [])])
def test_a_complaint_may_reach_us_up_to_a_day_late(hours, expected):
    steps = story(("C", 0), ("Q", hours))

    assert expected == [one.rule_id for one in alerts(steps, full(COMPLAINT), order=(1, 0))]


def test_a_reopened_one_goes_to_the_second_target():
    _, again = alerts(story(("C", 0), ("S", 1), ("R", 2)))

    assert (Severity.HIGH, False, True, "") == (again.severity, again.digest, again.second, again.supersedes)
    assert ["complaint", "solved", "reopened"] == [one.category for one in again.evidence]


def test_a_recovered_customer_is_a_chance_for_the_digest():
    *_, recovered = alerts(story(("C", 0), ("S", 1)), until=15 * DAY)

    assert (Intent.LOYALTY, Severity.LOW, Polarity.CHANCE, True) == (
        recovered.intent,
        recovered.severity,
        recovered.polarity,
        recovered.digest,
    )


def test_how_long_a_solution_must_hold_is_a_setting():
    rules = full(loyalty=Loyalty(recovered=3 * DAY))

    assert [COMPLAINT, RECOVERED] == told(story(("C", 0), ("S", 1)), rules, until=4 * DAY)


def test_it_is_a_day_of_the_companys_calendar_that_is_waited_for():
    """Tuesday is a closure: the next business day is Wednesday."""
    days = Days(Hours(closures=("2026-06-02",)))
    rules = RuleSet(name=EVERYTHING.name, rules=EVERYTHING.rules, tuning=EVERYTHING.tuning, days=days)

    *_, unanswered = alerts(story(("C", 0)), rules, until=5 * DAY)
    assert (UNANSWERED, NOON + 54 * HOUR) == (unanswered.rule_id, unanswered.occurred_at)


@pytest.mark.parametrize("rule_id", [UNANSWERED, RECOVERED])
def test_without_the_feed_of_answers_nobody_waits_for_them(rule_id):
    rules = full(feeds=set(Feed) - {Feed.ANSWERS})

    assert rule_id not in told(story(("C", 0), ("S", 90)), rules, until=40 * DAY)


SOLVED, EXPIRED = ResolvedReason.SOLVED, ResolvedReason.EXPIRED
ENDS = {
    "solved": ([("C", 0), ("S", 5)], [(COMPLAINT, 5, SOLVED)]),
    "an answer is no solution": ([("C", 0), ("A", 5)], [(COMPLAINT, 336, EXPIRED)]),
    "solved late": ([("C", 0), ("S", 50)], [(UNANSWERED, 50, SOLVED)]),
    "solved twice": ([("C", 0), ("S", 5), ("R", 9), ("S", 20)], [(COMPLAINT, 5, SOLVED), (REOPENED, 20, SOLVED)]),
    "another was solved": ([("C1", 0), ("A1", 1), ("S2", 5)], [(COMPLAINT, 336, EXPIRED)]),
    "a question of the same name, asked afterwards": ([("R1", 0), ("Q1", 2)], [(REOPENED, 336, EXPIRED)]),
    "both were solved": ([("C1", 0), ("C2", 1), ("S2", 2), ("S1", 3)], [(COMPLAINT, 3, SOLVED)]),
}


@pytest.mark.parametrize(("happened", "expected"), ENDS.values(), ids=ENDS)
def test_the_alert_is_over_when_all_is_solved(happened, expected):
    found = ends(story(*happened), until=20 * DAY)

    assert expected == [(rule_id, after // HOUR, reason) for rule_id, after, reason in found]


LATE = {
    "the question, nothing else": ([("Q1", 0), ("R1", 0.5)], (1, 0), []),
    "the complaint after the question": ([("Q1", 0), ("C1", 0.2), ("R1", 0.5)], (0, 2, 1), [REOPENED]),
    "the question, and a complaint stands again": ([("C2", -9), ("Q1", 0), ("R1", 0.5)], (0, 2, 1), [COMPLAINT]),
    "and a reopened one": ([("R2", -9), ("Q1", 0), ("R1", 0.5)], (0, 2, 1), [REOPENED]),
    "and one that was over long ago": ([("C2", -500), ("Q1", 0), ("R1", 0.5)], (0, 2, 1), []),
}


@pytest.mark.parametrize(("happened", "order", "expected"), LATE.values(), ids=LATE)
def test_what_comes_late_tells_what_was_reopened(happened, order, expected):
    steps = story(*happened)
    in_order, late = (outcomes(steps, order=each)[-1].state for each in (None, order))

    assert in_order.relation.complaint == late.relation.complaint
    assert [expected] * 2 == [[matter.rule_id for matter in each.matters.values()] for each in (in_order, late)]


@pytest.mark.parametrize("first", ["C2", "R2"])
def test_what_a_question_had_replaced_is_said_again_in_its_place(first):
    steps = story((first, -9), ("Q1", 0), ("R1", 0.5))

    stood, replaced, again = alerts(steps, order=(0, 2, 1))
    assert (replaced.alert_id, stood.rule_id, "e-1") == (again.supersedes, again.rule_id, again.event_id)
    assert ["e-0"] == [one.event_id for one in again.evidence]


@pytest.mark.parametrize("happened", tuple(permutations(["C1", "R1", "Q1", "C2"])), ids=" ".join)
def test_in_whatever_order_names_become_known(happened):
    """What stands again has an id of its own."""
    steps = story(*((what, n / 8) for n, what in enumerate(happened)))
    arrivals = permutations(range(len(steps)))

    ends_in = {
        tuple(one.rule_id for one in outcomes(steps, order=each)[-1].state.matters.values()) for each in arrivals
    }
    assert {tuple(one.rule_id for one in outcomes(steps)[-1].state.matters.values())} == ends_in


def complaint_after(letters, order):
    steps = [Step(after=n * 5 * MINUTE, meets=KINDS[letter]) for n, letter in enumerate(letters)]
    return outcomes(steps, order=order)[-1].state.relation.complaint


happenings = st.text("CASRQ", min_size=2, max_size=7).flatmap(
    lambda letters: st.tuples(st.just(letters), st.permutations(range(len(letters))))
)


@given(happenings)
def test_any_order_tells_the_same_complaint(drawn):
    letters, order = drawn

    assert complaint_after(letters, None) == complaint_after(letters, order)


def test_an_answer_may_come_before_what_it_answers():
    at = [NOON + n * 5 * MINUTE for n in range(4)]

    expected = Complaint("e-0", "", at[0], answered_at=at[1], solved_at=at[2], reopened_at=at[3])
    assert expected == complaint_after("CASR", (3, 2, 1, 0))
    assert expected.is_open
    assert not replace(expected, solved_at=at[3]).is_open


def test_a_complaint_is_known_when_its_event_is_not_kept_any_more():
    questions = [("Q", 1 + n) for n in range(20)]

    state = outcomes(story(("C7", 0), *questions, ("A7", 30), ("S8", 31)))[-1].state
    expected = Complaint("e-0", "7", NOON, answered_at=NOON + 30 * HOUR)
    assert expected == state.relation.complaint
    assert InteractionKind.COMPLAINT not in {met.kind for met in state.interactions}

    state = outcomes(story(("C7", 0), *questions, ("A7", 30), ("R7", 31)))[-1].state
    assert replace(expected, reopened_at=NOON + 31 * HOUR) == state.relation.complaint

    happened = story(("C7", 0), *questions, ("S7", 31))
    assert [(COMPLAINT, 31 * HOUR, SOLVED)] == ends(happened, full(COMPLAINT))


@pytest.mark.parametrize(("start", "until"), [(0, None), (0, 20 * DAY), (28, 40 * HOUR), (30.1, None)])
@settings(max_examples=60)
@given(happenings)
def test_any_order_of_an_hour_ends_in_the_same_open_alert(start, until, drawn):
    """Also just after the close at which one of the day before must have been answered, which time passes then."""
    letters, order = drawn
    burst = [(letter, start + n / 8) for n, letter in enumerate(letters)]
    steps = story(*([("C", -1)] if start else []), *burst, ("Q", start + 0.95))

    first = [0] if start else []
    arrival = [*first, *(n + len(first) for n in order)]
    for place in {len(first), len(steps) - 1}:
        arriving = [*arrival[:place], len(steps) - 1, *arrival[place:]]
        assert left_open(steps, until=until) == left_open(steps, until=until, order=arriving)


def test_a_solution_that_held_has_held_whatever_comes_after():
    """Reopened ten minutes after the two weeks: nobody knows yet when it is judged, or everybody does."""
    due = 1 + 14 * 24
    steps = story(("C", 0), ("S", 1), ("R", due + 0.2), ("Q", due + 1.1))

    for order in ((0, 1, 2, 3), (0, 1, 3, 2)):
        assert {COMPLAINT, RECOVERED, REOPENED} == {one.rule_id for one in alerts(steps, order=order)}
