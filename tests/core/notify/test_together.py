"""Two people of one account on the same errand: whom it concerns, in whatever order it is heard of."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.alerts import AccountView, Severity
from stream_app.core.events import DAY
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.message import RANK
from stream_app.core.notify.together import MAX_LOOKS, Look, company, look_of, merged
from stream_app.core.routes import Sink
from tests.core.notify.account_play import (
    TEN,
    expected_people,
    expected_severity,
    in_any_order,
    in_time,
    look,
    records,
    shown,
)
from tests.core.notify.histories import WORLD
from tests.core.notify.machines import rules_of, told
from tests.core.notify.restarts import LossyCases, RestartedCases, RestartedDesk


class Heard:
    """A history read by machines that may die between any two steps."""

    def __init__(self, history, seed, cases=RestartedCases):
        random, self.desks = Random(seed), []

        def dies():
            return random.random() < 0.2

        def desk(target, rules):
            self.desks.append(RestartedDesk(target, rules, dies))
            return self.desks[-1]

        end = look("nobody", "2026-06-11 16:00", account="z")
        told([*history, *[end] * 20], WORLD, TEN + 4 * DAY, cases=lambda rules: cases(rules, dies), desk=desk)

    @property
    def messages(self):
        return [one for desk in self.desks for one in desk.messages() if one.routing.target.sink is Sink.SLACK]


@given(records())
def test_people_are_together_who_lie_with_the_alert_in_one_span_of_two_days(found):
    """As the sentence says it, for every pair and every alert."""
    alerts, views = found
    looks = merged((), map(look_of, (one for one in views if one.account_id == "a-1")))
    own = [one for one in alerts if one.account_id == "a-1" and one.intent in ("churn", "budget", "upgrade")]

    assert [expected_people(alert, views) for alert in own] == [
        {each.customer_id for each in company(looks, alert.occurred_at)} for alert in own
    ]


@given(in_any_order(), st.integers(), st.sampled_from([RestartedCases, LossyCases]))
@settings(max_examples=100, deadline=None)
def test_severity_and_names_are_the_same_in_every_order(found, seed, cases):
    """With duplicates and crashes, also before what was said is kept; people of different accounts never mix."""
    alerts, views, read = found
    messages = Heard(in_time(read), seed, cases).messages
    severities, names = shown(messages)
    here = [alert for alert in alerts if alert.alert_id in severities]

    assert {alert.alert_id: expected_severity(alert, views) for alert in here} == severities
    by_id = {alert.alert_id: alert for alert in here}
    expected = {
        one.case_id: {who for each in one.live for who in expected_people(by_id[each.alert_id], views)}
        for one in messages
        if one.case_id in names
    }
    assert expected == names


@given(in_any_order(), st.integers())
@settings(max_examples=60, deadline=None)
def test_somebody_is_notified_of_the_severity_that_it_comes_to(found, seed):
    """Whether it was told before or not; the digest tells what is low."""
    _, _, read = found
    messages = [one for one in Heard(in_time(read), seed).messages if one.live and not one.over]

    assert [min((alert.severity for alert in one.live), key=RANK.get) for one in messages] == [
        one.told or Severity.LOW for one in messages
    ]


@given(st.permutations(range(MAX_LOOKS + 3)))
@settings(max_examples=10, deadline=None)
def test_the_newest_looks_are_kept_in_whatever_order_they_come(order):
    looks = ()
    for number in order:
        looks = merged(looks, [Look(occurred_at=number, customer_id="c", event_id=str(number), category="pricing")])

    assert [*range(3, MAX_LOOKS + 3)] == [one.occurred_at for one in looks]


def test_two_days_are_the_whole_span():
    """To the microsecond, the alert between, before or after."""
    _, first = look("p-1", "2026-06-09 10:00")
    _, last = look("p-2", "2026-06-11 10:00")
    looks = merged((), map(look_of, (first, last)))
    later = merged((), (look_of(first), Look(**{**_fields(look_of(last)), "occurred_at": last.occurred_at + 1})))

    assert [2, 2, 0, 0] == [
        len(company(looks, at))
        for at in (first.occurred_at, last.occurred_at, first.occurred_at - 1, last.occurred_at + 1)
    ]
    assert () == company(later, last.occurred_at)


def _fields(one):
    return {name: getattr(one, name) for name in one.__struct_fields__}


def test_a_view_says_no_more_than_is_kept():
    """Company and account stand in the alert."""
    _, view = look("p-1", "2026-06-09 10:00", name="見本")

    assert isinstance(view, AccountView)
    assert ("p-1", "見本", "pricing") == (look_of(view).customer_id, look_of(view).name, look_of(view).category)


def test_a_look_is_kept_as_long_as_it_may_matter():
    """Through restarts; nine days, by the moment of the look."""
    rules, (read, view) = rules_of(WORLD), look("p-1", "2026-06-10 10:00")
    first, again, late = Cases(rules), Cases(rules), Cases(rules)
    first.viewed(view, read)
    first.forget(read + 9 * DAY - 1)
    ((key, value),) = first.changes()
    again.load("a-1", value)
    again.forget(read + 9 * DAY)
    late.viewed(view, read + 9 * DAY)

    assert (b"a|a-1", [(b"a|a-1", None)], []) == (key, again.changes(), late.changes())


OLD_CASE = b"""{"cases": {"budget": {"id": "a", "intent": "budget", "last_at": 1781053200000000, "live": ["a"],
"routings": [{"route": "all",
"target": {"sink": "file", "kind": "itself", "address": ""}, "why": ["matched"], "person": "",
"mentions": [], "absent": [], "digest": false, "passes": []}]}}, "known": {"a": 1781053200000000}}"""


def test_an_account_kept_by_an_older_version_is_read_and_its_alerts_stay_as_they_are():
    """Their moments were not kept."""
    cases = Cases(rules_of(WORLD))
    cases.load("a-1", OLD_CASE)
    (read, first), (_, second) = look("p-1", "2026-06-10 10:00"), look("p-2", "2026-06-10 10:00")

    assert [(), ()] == [cases.viewed(view, read).orders for view in (first, second)]
    assert [b"a|a-1"] == [key for key, _ in cases.changes()]
