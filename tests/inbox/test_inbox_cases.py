"""The cases as the topics tell of them: every order of arrival, repeats, erasures, and how a case stands."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent, ResolvedReason, SuppressedReason
from stream_app.core.erasure import Erasure, Erasures, hash_of
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.orders import (
    Action,
    Again,
    Contacted,
    Escalated,
    Overtaken,
    Raised,
    Replaced,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.notify.together import Look, Together
from stream_app.core.pages import PageCategory
from stream_app.inbox.cases import MAX_CASES, Cases
from stream_app.inbox.state import Over, State, standing
from tests.inbox.inbox_cases import AT, RULES, TEAM, acted, alert, fate, told

NOW = AT + HOUR
SALT = "ab" * 16


def folded(*records, erased=()):
    """Return the cases after these records."""
    cases = Cases()
    if erased:
        cases.erase(Erasures(erased))
    for each in records:
        take(cases, each)
    return cases


def take(cases, record):
    match record:
        case Told() | Escalated() | Raised() | Replaced() | Resolved() | Again() | Overtaken() | Contacted() | Solved():
            cases.order(record)
        case _ if hasattr(record, "fate"):
            cases.delivery(record)
        case _:
            cases.feedback(record)


def erasure(customer_id, at):
    return Erasure(hash=hash_of(customer_id, SALT), salt=SALT, erased_at=at, upto={})


STORY = (
    told(1),
    told(2, occurred_at=AT + MINUTE),
    fate(1, Fate.DELIVERED, FateReason.SENT, AT + 2),
    acted(Action.ACKNOWLEDGE, AT + 3),
    Raised(case_id=alert(1).alert_id, together=Together(alert_ids=(alert(2).alert_id,))),
)


@pytest.mark.parametrize("order", list(permutations(range(len(STORY)))))
def test_whatever_comes_first_or_twice_the_case_is_the_same(order):
    """Topics and partitions are read in any order, and said again after a crash."""
    expected = folded(*STORY).get(alert(1).alert_id)

    found = folded(*(STORY[i] for i in order), *(STORY[i] for i in order)).get(alert(1).alert_id)

    assert expected.known == tuple(sorted(found.known))
    assert expected == replace(found, known=expected.known, asked={k: found.asked[k] for k in expected.asked})


STANDINGS = [
    ([told(1)], State.WAITING, None),
    ([told(1), fate(1, Fate.DELIVERED, FateReason.SENT)], State.TOLD, None),
    ([told(1), fate(1, Fate.DIGESTED, FateReason.LOW)], State.TOLD, None),
    ([told(1), fate(1, Fate.SILENCED, FateReason.MUTE)], State.OVER, Over.UNSAID),
    ([told(1), told(1, routing=TEAM), fate(1, Fate.SILENCED, FateReason.MUTE)], State.WAITING, None),
    ([told(1), acted(Action.ACKNOWLEDGE)], State.ACKNOWLEDGED, None),
    ([told(1), acted(Action.TOO_EARLY), acted(Action.USEFUL)], State.WAITING, None),
    ([told(1), acted(Action.SNOOZE)], State.SNOOZED, None),
    ([told(1), acted(Action.SNOOZE, AT), acted(Action.ACKNOWLEDGE, AT + 1)], State.ACKNOWLEDGED, None),
    ([told(1), acted(Action.ACKNOWLEDGE, AT), acted(Action.SNOOZE, AT + 1)], State.SNOOZED, None),
    ([told(1), Overtaken(case_id=alert(1).alert_id, by="x")], State.OVER, Over.OVERTAKEN),
    (
        [told(1), Replaced(case_id=alert(1).alert_id, alert_id=alert(1).alert_id, by="x", at=AT)],
        State.OVER,
        Over.REPLACED,
    ),
    (
        [
            told(1),
            Resolved(case_id=alert(1).alert_id, alert_id=alert(1).alert_id, reason=ResolvedReason.RENEWAL, at=AT),
        ],
        State.OVER,
        Over.RESOLVED,
    ),
    (
        [
            told(1),
            told(2),
            Resolved(case_id=alert(1).alert_id, alert_id=alert(1).alert_id, reason=ResolvedReason.RENEWAL, at=AT),
        ],
        State.WAITING,
        None,
    ),
    ([told(1, intent=Intent.SUPPORT), Solved(customer_id="c-1", at=AT)], State.OVER, Over.SOLVED),
    ([told(1, intent=Intent.SUPPORT), Solved(customer_id="c-1", at=AT - 1)], State.WAITING, None),
    ([told(1), Solved(customer_id="c-1", at=AT)], State.WAITING, None),
]


@pytest.mark.parametrize(("records", "state", "over"), STANDINGS)
def test_how_a_case_stands(records, state, over):
    """What was done and said decides, and the state is that which Slack's message shows too."""
    case = folded(*records).get(alert(1).alert_id)

    found = standing(case, RULES, NOW)

    assert (state, over) == (found.state, found.over)


def test_who_was_erased_is_in_no_case_and_does_not_come_back():
    """Not with what was read, not with what is read again, and not as somebody whom others looked with."""
    look = Look(occurred_at=AT, customer_id="c-1", event_id="e", category=PageCategory.PRICING, name="x")
    other = Raised(case_id=alert(3).alert_id, together=Together(alert_ids=(alert(3).alert_id,), looks=(look,)))
    records = (
        told(1, case=1),
        told(2, case=1, customer_id="c-2"),
        fate(1, Fate.DELIVERED, FateReason.SENT),
        told(3, case=3, customer_id="c-3"),
        other,
        told(4, case=4, customer_id="c-1", account_id=""),
        replace(acted(Action.ACKNOWLEDGE, case=4), account="c-1"),
    )
    gone = [erasure("c-1", AT + DAY)]
    later, before = folded(*records), folded(erased=gone)
    later.changed()

    later.erase(Erasures(gone))
    for each in records:
        take(before, each)
        take(later, each)

    for cases in (later, before):
        assert {"c-2", "c-3"} == {one.customer_id for case in cases.all() for one in case.alerts}
        assert () == cases.get(alert(3).alert_id).together.looks
        assert "c-1" not in repr(cases.all())
    assert {alert(1).alert_id, alert(3).alert_id, alert(4).alert_id} == set(later.changed())


def test_who_came_back_after_an_erasure_is_seen_again():
    """What happened after it is of a new customer, whose id is the same."""
    cases = folded(told(1, occurred_at=AT + DAY), erased=[erasure("c-1", AT)])

    assert [alert(1).alert_id] == [case.id for case in cases.all()]


def test_a_contact_counts_once_somebody_was_told():
    """Before that it is chance."""
    before = folded(told(1), Contacted(customer_id="c-1", at=AT + 5))
    after = folded(told(1), fate(1, Fate.DELIVERED, FateReason.SENT, AT + 2), Contacted(customer_id="c-1", at=AT + 5))

    assert None is before.get(alert(1).alert_id).contacted_at
    assert AT + 5 == after.get(alert(1).alert_id).contacted_at


def test_what_is_kept_of_a_case_is_bounded():
    """The newest twelve alerts with fifteen pages each, and so many cases; the rest is counted."""
    many = [told(number, case=1, occurred_at=AT + number) for number in range(1, 31)]
    cases = folded(*many)
    case = cases.get(alert(1).alert_id)

    assert (12, 18, 30) == (len(case.alerts), case.left_out, max(one.occurred_at - AT for one in case.alerts))
    assert {one.alert_id for one in case.alerts} == set(case.asked)

    full = folded(*(told(number, case=number, occurred_at=AT + number) for number in range(MAX_CASES + 2)))
    full.tidy(NOW)

    assert MAX_CASES == len(full)
    assert full.get(alert(0).alert_id) is full.get(alert(1).alert_id) is None


def test_what_is_held_back_is_counted_once():
    """Detect says it again after a crash."""
    again = Again(
        case_id=alert(1).alert_id, match_id="m", customer_id="c-1", occurred_at=AT, reason=SuppressedReason.COOLDOWN
    )

    assert ("m",) == folded(told(1), again, again).get(alert(1).alert_id).again
