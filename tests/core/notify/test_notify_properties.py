"""What holds of every history, whatever fails and however often the machines are stopped."""

from collections import Counter
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.alerts import PublishedAlert, Resolution, Severity
from stream_app.core.calendar import Hours
from stream_app.core.events import moment_of
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.message import Stage
from stream_app.core.notify.parcels import Kind, Sent
from stream_app.core.routes import DEFAULT_ROUTES, Matcher, Route, Routes, Sink
from tests.core.notify.histories import WORLD, calendars, until
from tests.core.notify.machines import fates, rules_of, said, told
from tests.core.notify.naive_cases import World
from tests.core.notify.random_histories import random_histories
from tests.core.notify.restarts import RestartedCases, RestartedDesk, unreliable

MANY = World(
    routes=Routes(
        ordered=(
            Route(name="crm", match=Matcher(intent=("churn",)), sink=Sink.SALESFORCE, queue="cs", goes_on=True),
            Route(name="night", match=Matcher(severity=("high",)), channel="#night", passes=("high",), goes_on=True),
            Route(name="hook", sink=Sink.WEBHOOK, goes_on=True),
            *DEFAULT_ROUTES.ordered,
        ),
        fallback=DEFAULT_ROUTES.fallback,
    ),
    calendars=calendars(cs_2=Hours(timezone="America/New_York", country="US")),
    budget=2,
)
WORLDS = st.sampled_from([WORLD, MANY])
LOUD = [kind for kind in Kind if kind not in (Kind.UPDATE, Kind.ERASE)]
ANSWERS = ("sent",) * 6 + ("failed", "unsure", "nowhere")


def never():
    return False


class Played:
    """A history played with machines that die, and sinks that fail, as a seed says."""

    def __init__(self, history, world, seed, *, answers=ANSWERS, dying=0.1):
        random = Random(seed)
        self.world, self.rules, self.desks = world, rules_of(world), {}
        sink, self.tries = unreliable(lambda: random.choice(answers))
        dies = (lambda: random.random() < dying) if dying else never

        def desk(target, rules):
            self.desks[target] = RestartedDesk(target, rules, dies)
            return self.desks[target]

        self.done = told(
            history,
            world,
            until(history),
            cases=lambda rules: RestartedCases(rules, dies),
            desk=desk,
            sinks=sink,
        )

    def pending(self):
        """Return how many alerts wait for a fate at their desk."""
        messages = [one for desk in self.desks.values() for one in desk.desk.messages()]
        return sum(len(one.unsaid) for one in messages if not one.escalated_from and one.stage is not Stage.DONE)


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_every_alert_has_one_fate_on_a_route_or_waits(history, world, seed):
    played = Played(history, world, seed, answers=(*ANSWERS, "refused"))
    orders = Cases(played.rules)
    expected = Counter()
    for at, one in history:
        if isinstance(one, Resolution):
            orders.resolved(one, at)
        if isinstance(one, PublishedAlert):
            outcome = orders.alert(one, at)
            expected.update(
                (one.alert_id, order.routing.target) for _, order in outcome.orders if hasattr(order, "alert")
            )
            expected.update((each.alert_id, each.target) for each in outcome.deliveries)
    ended = Counter((one.alert_id, one.target) for one in played.done.deliveries)

    assert Counter() == ended - expected
    assert expected.total() == ended.total() + played.pending()


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_nobody_is_notified_outside_their_hours_unless_the_route_says_so(history, world, seed):
    played = Played(history, world, seed)

    assert [] == [
        (at, parcel.kind)
        for at, parcel, _ in played.tries
        if parcel.kind in LOUD
        and not played.rules.hours_of(parcel.messages[0].routing).is_open(at)
        and not {alert.severity for alert in parcel.messages[0].alerts} & {*parcel.messages[0].routing.passes}
    ]


@given(random_histories(most=25), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_nobody_is_pushed_more_medium_accounts_a_day_than_their_budget(history, world, seed):
    played = Played(history, world, seed)
    pushed = {}
    for at, parcel in played.done.parcels:
        for message in parcel.messages if parcel.kind in (Kind.ALERT, Kind.BUNDLE) else ():
            if message.routing.target.sink is Sink.SLACK and message.lead.severity is Severity.MEDIUM:
                key = (parcel.target, message.routing.person, local_day(played, message, at))
                pushed.setdefault(key, set()).add(message.account)

    assert {} == {key: accounts for key, accounts in pushed.items() if len(accounts) > world.budget}


@given(random_histories(most=25), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_there_is_one_digest_a_target_and_business_day_at_most(history, world, seed):
    played = Played(history, world, seed)
    digests = Counter(
        (parcel.target, local_day(played, parcel.messages[0], at))
        for at, parcel in played.done.parcels
        if parcel.kind is Kind.DIGEST
    )

    assert {} == {key: count for key, count in digests.items() if count > 1}


def local_day(played, message, at):
    zone = played.rules.hours_of(message.routing).hours.timezone
    return moment_of(at).astimezone(ZoneInfo(zone)).date()


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_every_parcel_has_an_id_of_its_own(history, world, seed):
    played = Played(history, world, seed, dying=0)
    ids = Counter((parcel.target, parcel.id) for _, parcel in played.done.parcels)

    assert {} == {one: count for one, count in ids.items() if count > 1}


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_a_parcel_that_may_have_arrived_is_marked_when_it_is_tried_again(history, world, seed):
    played = Played(history, world, seed)
    unsure, unmarked = set(), []
    for at, parcel, outcome in played.tries:
        key = parcel.target, parcel.id
        if key in unsure and not parcel.repeat:
            unmarked.append((at, parcel.id))
        if isinstance(outcome, Sent) or outcome.unsure:
            unsure.add(key)

    assert [] == unmarked


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_a_restart_changes_nothing_but_the_mark(history, world, seed):
    steady = told(history, world, until(history))
    died = Played(history, world, seed, answers=("sent",), dying=0.3).done

    assert said(steady) == said(died)
    assert fates(steady) == fates(died)
