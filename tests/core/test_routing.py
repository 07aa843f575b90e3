"""Who is told, in tables: routes, alerts, and the targets that are expected."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Polarity, Severity, Snapshot
from stream_app.core.events import DAY, HOUR, Tier
from stream_app.core.people import DaysAway, Person, StandIn, deputy_cycles, stand_in
from stream_app.core.routes import DEFAULT_ROUTES, AlertFacts, Matcher, Route, Routes, Sink, facts_of
from stream_app.core.routing import AddressKind, Target, Why, route, told_at
from tests.core.alerts import PUBLISHED

A, B, C = "a@example.co.jp", "b@example.co.jp", "c@example.co.jp"
NOON = int(datetime(2026, 6, 10, 3, tzinfo=UTC).timestamp()) * 1_000_000  # in Tokyo
TEN_JUNE = DaysAway(first=date(2026, 6, 10), last=date(2026, 6, 10))


def alert(**fields):
    """What routes look at: a high-touch customer of A about to leave, with some of it changed."""
    leaving = {
        "intent": Intent.CHURN,
        "severity": Severity.HIGH,
        "polarity": Polarity.RISK,
        "rule": "churn.cancellation-page",
        "tier": Tier.HIGH,
        "owner": A,
        "language": "ja",
    }
    return AlertFacts(**leaving | fields)


def table(*ordered, fallback="#rest"):
    return Routes(ordered=ordered, fallback=Route(name="fallback", channel=fallback))


def to(channel, goes_on=False, **lists):
    """A route named as its channel."""
    return Route(name=channel, channel=channel, goes_on=goes_on, match=Matcher(**lists))


def people(**by_name):
    """The people by the first letter of their address, each away on the day of NOON or not."""
    persons = {f"{name}@example.co.jp": fields for name, fields in by_name.items()}
    return {email: Person(email=email, **fields) for email, fields in persons.items()}


def told(facts, routes, everybody=None, at=NOON):
    """Who is told: each as the kind of address, the address, and the reasons in words."""
    return [
        (one.target.kind.value, one.target.address, " ".join(one.why))
        for one in route(facts, routes, everybody or {}, at)
    ]


def receivers(facts, *ordered):
    return [address for _, address, _ in told(facts, table(*ordered))]


RECEIVERS = [
    # routes, alert, expected receivers
    ([], {}, ["#rest"]),
    ([to("#all")], {}, ["#all"]),
    ([to("#1", intent=(Intent.CHURN,)), to("#2")], {}, ["#1"]),
    ([to("#2"), to("#1", intent=(Intent.CHURN,))], {}, ["#2"]),
    ([to("#1", intent=(Intent.BUDGET,)), to("#2")], {}, ["#2"]),
    ([to("#1", intent=(Intent.BUDGET,))], {}, ["#rest"]),
    ([to("#1", goes_on=True), to("#2"), to("#3")], {}, ["#1", "#2"]),
    ([to("#1", goes_on=True), to("#2", goes_on=True), to("#3")], {}, ["#1", "#2", "#3"]),
    ([to("#1", goes_on=True)], {}, ["#1"]),
    ([to("#1", goes_on=True), to("#2", tier=(Tier.TECH,)), to("#3")], {}, ["#1", "#3"]),
    ([to("#1", goes_on=True, tier=(Tier.TECH,)), to("#2", tier=(Tier.LOW,))], {}, ["#rest"]),
    ([to("#1", goes_on=True), to("#1"), to("#2")], {}, ["#1"]),
    ([to("#1", severity=(Severity.LOW, Severity.HIGH))], {}, ["#1"]),
    ([to("#1", severity=(Severity.LOW, Severity.MEDIUM))], {}, ["#rest"]),
    ([to("#1", polarity=(Polarity.RISK,))], {}, ["#1"]),
    ([to("#1", polarity=(Polarity.CHANCE, Polarity.OPEN))], {}, ["#rest"]),
    ([to("#1", intent=(Intent.CHURN,), severity=(Severity.LOW,))], {}, ["#rest"]),
    ([to("#1", tier=(Tier.LOW,))], {"tier": None}, ["#1"]),
    ([to("#1", tier=(Tier.HIGH, Tier.TECH))], {"tier": None}, ["#rest"]),
    ([to("#1", owner=("*@example.co.jp",))], {}, ["#1"]),
    ([to("#1", owner=("?@EXAMPLE.co.jp",))], {"owner": "A@example.CO.jp"}, ["#1"]),
    ([to("#1", owner=("[bc]@*", "b*"))], {}, ["#rest"]),
    ([to("#1", owner=("example",))], {}, ["#rest"]),
    ([to("#1", owner=("",))], {"owner": ""}, ["#1"]),
    ([to("#1", owner=("",))], {}, ["#rest"]),
    ([to("#1", rule=("churn.*",))], {}, ["#1"]),
    ([to("#1", rule=("churn",))], {}, ["#rest"]),
    ([to("#1", rule=("budget.*", "*.cancellation-page"))], {}, ["#1"]),
    ([to("#1", rule=("解約.*",))], {"rule": "解約.画面"}, ["#1"]),
    ([to("#1", rule=("解約.?",))], {"rule": "解約.画面"}, ["#rest"]),
    ([to("#解約", owner=("*@例え.example",))], {"owner": "a@例え.example"}, ["#解約"]),
    ([to("#1", language=("ja",))], {}, ["#1"]),
    ([to("#1", language=("en",))], {"language": "en-GB"}, ["#1"]),
    ([to("#1", language=("EN-gb",))], {"language": "en-GB"}, ["#1"]),
    ([to("#1", language=("en-GB",))], {"language": "en"}, ["#rest"]),
    ([to("#1", language=("e",))], {"language": "en"}, ["#rest"]),
    ([to("#1", language=("ja",))], {"language": ""}, ["#rest"]),
    ([to("#1", language=("",))], {"language": ""}, ["#1"]),
    ([to("#1", language=("",))], {}, ["#rest"]),
]


@pytest.mark.parametrize(("routes", "facts", "expected"), RECEIVERS)
def test_receivers(routes, facts, expected):
    assert expected == receivers(alert(**facts), *routes)


AWAY = {"away": (TEN_JUNE,)}
DEFAULTS = [
    # alert, people, expected kind of address, address, and why
    ({}, {}, ("user", A, "matched unknown_owner")),
    ({}, {"a": {}}, ("user", A, "matched")),
    ({}, {"a": {"slack": "U1", "crm": "005"}}, ("user", "U1", "matched")),
    ({"owner": "A@Example.co.jp"}, {"a": {"slack": "U1"}}, ("user", "U1", "matched")),
    ({"owner": ""}, {"a": {}}, ("channel", "#customer-success", "matched no_owner fallback")),
    ({}, {"a": AWAY | {"deputy": B}, "b": {"slack": "U2"}}, ("user", "U2", "matched owner_away deputy")),
    ({}, {"a": AWAY | {"deputy": B}, "b": AWAY | {"deputy": C}, "c": {}}, ("user", C, "matched owner_away deputy")),
    ({}, {"a": AWAY}, ("channel", "#customer-success", "matched owner_away no_deputy fallback")),
    (
        {},
        {"a": AWAY | {"deputy": B}, "b": AWAY | {"deputy": A}},
        ("channel", "#customer-success", "matched owner_away deputy_cycle fallback"),
    ),
    ({"tier": Tier.LOW}, {"a": {}}, ("channel", "#customer-success", "matched")),
    ({"tier": None}, {"a": {}}, ("channel", "#customer-success", "matched unknown_tier")),
    (
        {"tier": None, "owner": ""},
        {"a": {}},
        ("channel", "#customer-success", "matched unknown_tier no_owner fallback"),
    ),
    ({"tier": Tier.TECH}, {"a": {}}, ("channel", "#customer-success", "matched")),
    ({"tier": Tier.TECH, "owner": ""}, {}, ("channel", "#customer-success", "matched")),
]


@pytest.mark.parametrize(("facts", "everybody", "expected"), DEFAULTS)
def test_without_any_setting(facts, everybody, expected):
    assert [expected] == told(alert(**facts), DEFAULT_ROUTES, people(**everybody))


class TestManner:
    @pytest.mark.parametrize(
        ("tier", "expected"),
        [
            (Tier.HIGH, ("high-touch", A, (), False)),
            (Tier.LOW, ("low-touch", A, ("U1",), False)),
            (Tier.TECH, ("tech-touch", "", (), True)),
        ],
    )
    def test_high_touch_is_direct_low_touch_mentions_tech_touch_is_a_digest(self, tier, expected):
        (one,) = route(alert(tier=tier), DEFAULT_ROUTES, people(a={"slack": "U1"}), NOON)

        assert expected == (one.route, one.person, one.mentions, one.digest)

    def test_in_the_channel_the_deputy_is_mentioned_in_the_owner_s_place(self):
        everybody = people(a=AWAY | {"deputy": B}, b={"slack": "U2"})
        (one,) = route(alert(tier=Tier.LOW), DEFAULT_ROUTES, everybody, NOON)

        assert (B, ("U2",), (A,)) == (one.person, one.mentions, one.absent)

    def test_the_fallback_keeps_the_route_s_name_and_manner(self):
        careful = Route(name="careful", user="owner", digest=True, passes=(Severity.HIGH,))
        (one,) = route(alert(owner=""), table(careful), {}, NOON)

        assert ("careful", "#rest", True, (Severity.HIGH,)) == (one.route, one.target.address, one.digest, one.passes)

    def test_a_cycle_is_named(self):
        everybody = people(a=AWAY | {"deputy": B}, b=AWAY | {"deputy": C}, c=AWAY | {"deputy": B})
        (one,) = route(alert(), table(Route(name="1", user="owner")), everybody, NOON)

        assert ((A, B, C, B), "") == (one.absent, one.person)

    @pytest.mark.parametrize(
        ("sink", "expected"),
        [(Sink.SLACK, "U1"), (Sink.SALESFORCE, "005"), (Sink.HUBSPOT, "005"), (Sink.CONSOLE, A), (Sink.FILE, A)],
    )
    def test_a_person_has_the_name_that_the_sink_knows(self, sink, expected):
        (one,) = route(
            alert(), table(Route(name="1", sink=sink, user="owner")), people(a={"slack": "U1", "crm": "005"}), NOON
        )

        assert Target(sink=sink, kind=AddressKind.USER, address=expected) == one.target

    @pytest.mark.parametrize(
        ("sink", "place", "expected"),
        [
            (Sink.SALESFORCE, {"queue": "解約対応"}, (AddressKind.QUEUE, "解約対応")),
            (Sink.WEBHOOK, {}, (AddressKind.ITSELF, "")),
            (Sink.CONSOLE, {}, (AddressKind.ITSELF, "")),
            (Sink.FILE, {"channel": "x"}, (AddressKind.CHANNEL, "x")),
        ],
    )
    def test_other_places(self, sink, place, expected):
        (one,) = route(alert(owner=""), table(Route(name="1", sink=sink, **place)), {}, NOON)

        assert (sink, *expected) == (one.target.sink, one.target.kind, one.target.address)

    def test_slack_and_crm_are_told_by_two_routes(self):
        both = table(
            Route(name="crm", sink=Sink.SALESFORCE, user="owner", goes_on=True), Route(name="slack", user="owner")
        )

        assert [("user", "005", "matched"), ("user", "U1", "matched")] == told(
            alert(), both, people(a={"slack": "U1", "crm": "005"})
        )

    def test_of_two_routes_to_one_target_the_first_decides_the_manner(self):
        both = table(to("#1", goes_on=True), Route(name="2", channel="#1", digest=True))
        (one,) = route(alert(), both, {}, NOON)

        assert ("#1", False) == (one.route, one.digest)

    def test_two_routes_that_end_at_the_fallback_are_one_message(self):
        both = table(Route(name="1", user="owner", goes_on=True), Route(name="2", sink=Sink.HUBSPOT, user="owner"))

        assert [("channel", "#rest", "matched no_owner fallback")] == told(alert(owner=""), both)


class TestNamedUser:
    NAMED = table(Route(name="1", user=B))

    @pytest.mark.parametrize(
        ("everybody", "expected"),
        [
            ({"b": {}}, ("user", B, "matched")),
            ({}, ("user", B, "matched")),
            ({"b": AWAY | {"deputy": C}, "c": {}}, ("user", C, "matched user_away deputy")),
            ({"b": AWAY}, ("channel", "#rest", "matched user_away no_deputy fallback")),
        ],
    )
    def test_is_told_whoever_owns_the_customer(self, everybody, expected):
        assert [expected] == told(alert(owner=""), self.NAMED, people(**everybody))

    @pytest.mark.parametrize(
        ("everybody", "expected"),
        [
            ({"b": {}}, ("user", B, "fallback")),
            ({"b": AWAY | {"deputy": C}, "c": {}}, ("user", C, "fallback user_away deputy")),
            ({"b": AWAY}, ("user", B, "fallback user_away no_deputy")),
            ({"b": AWAY | {"deputy": A}, "a": AWAY | {"deputy": B}}, ("user", B, "fallback user_away deputy_cycle")),
        ],
    )
    def test_as_the_fallback_hears_even_when_away_and_without_deputy(self, everybody, expected):
        last = Routes(ordered=(), fallback=Route(name="fallback", user=B))

        assert [expected] == told(alert(), last, people(**everybody))


class TestAway:
    MIDNIGHT = NOON - 12 * HOUR  # in Tokyo

    @pytest.mark.parametrize(
        ("at", "expected"),
        [(MIDNIGHT - 1, False), (MIDNIGHT, True), (MIDNIGHT + 3 * DAY - 1, True), (MIDNIGHT + 3 * DAY, False)],
    )
    def test_from_the_first_midnight_to_the_last(self, at, expected):
        away = (DaysAway(first=date(2026, 6, 10), last=date(2026, 6, 12)),)

        assert expected == Person(email=A, away=away).is_away(at)

    def test_days_are_those_of_the_person_s_place(self):
        in_tokyo, in_hawaii = (
            Person(email=A, away=(TEN_JUNE,), timezone=zone) for zone in ("Asia/Tokyo", "Pacific/Honolulu")
        )

        assert (True, False) == (in_tokyo.is_away(NOON), in_hawaii.is_away(NOON))

    def test_who_is_not_known_is_there(self):
        assert StandIn(email=C) == stand_in(C, {}, NOON)

    def test_a_deputy_who_is_not_known_is_there(self):
        assert StandIn(email=C, absent=(A,)) == stand_in(A, people(a=AWAY | {"deputy": C}), NOON)


@pytest.mark.parametrize(
    ("everybody", "expected"),
    [
        ({"a": {"deputy": B}, "b": {}}, ()),
        ({"a": {"deputy": B}, "b": {"deputy": A}}, ((A, B),)),
        ({"a": {"deputy": C}, "b": {"deputy": C}, "c": {"deputy": B}}, ((B, C),)),
        ({"a": {"deputy": B}, "b": {"deputy": C}, "c": {"deputy": A}}, ((A, B, C),)),
        ({"a": {"deputy": A}}, ((A,),)),
        ({"a": {"deputy": B}}, ()),
    ],
)
def test_circles_of_deputies(everybody, expected):
    assert expected == deputy_cycles(people(**everybody))


class NineToFive:
    """Open from 9 to 17 o'clock UTC, every day."""

    def is_open(self, at):
        return 9 * HOUR <= at % DAY < 17 * HOUR

    def next_open(self, at):
        return at if self.is_open(at) else (at - 9 * HOUR) // DAY * DAY + DAY + 9 * HOUR

    def business_days_after(self, at, days):
        return at // DAY * DAY + days * DAY + 17 * HOUR


@pytest.mark.parametrize(
    ("manner", "at", "expected"),
    [
        ({}, 9 * HOUR, 9 * HOUR),
        ({}, 8 * HOUR, 9 * HOUR),
        ({}, 17 * HOUR, DAY + 9 * HOUR),
        ({"passes": (Severity.HIGH,)}, 17 * HOUR, 17 * HOUR),
        ({"passes": (Severity.MEDIUM, Severity.LOW)}, 17 * HOUR, DAY + 9 * HOUR),
        ({"digest": True}, 8 * HOUR, 9 * HOUR),
        ({"digest": True}, 9 * HOUR, DAY + 9 * HOUR),
        ({"digest": True}, 17 * HOUR, DAY + 9 * HOUR),
        ({"digest": True, "passes": (Severity.HIGH,)}, 12 * HOUR, DAY + 9 * HOUR),
    ],
)
def test_when_a_high_alert_is_heard_of(manner, at, expected):
    (one,) = route(alert(), table(Route(name="1", channel="#1", **manner)), {}, at)

    assert expected == told_at(one, Severity.HIGH, at, NineToFive())


class TestFacts:
    def test_are_those_of_the_alert_and_its_customer(self):
        assert alert(owner="cs-1@example.co.jp", language="en-GB") == facts_of(PUBLISHED)

    @pytest.mark.parametrize("customer", [None, Snapshot()])
    def test_of_a_customer_not_known_are_empty(self, customer):
        nobody = replace(PUBLISHED, customer=customer)

        assert alert(tier=None, owner="", language="") == facts_of(nobody)


ADDRESSES = st.sampled_from([A, B, C])
FACTS = st.builds(
    AlertFacts,
    intent=st.sampled_from(Intent),
    severity=st.sampled_from(Severity),
    polarity=st.sampled_from(Polarity),
    rule=st.sampled_from(["churn.x", "解約.画面"]),
    tier=st.none() | st.sampled_from(Tier),
    owner=ADDRESSES | st.sampled_from(["", "unknown@example.com"]),
    language=st.sampled_from(["", "ja", "en-GB"]),
)


def some(values):
    return st.lists(st.sampled_from(values), max_size=2).map(tuple)


MATCHERS = st.builds(
    Matcher,
    intent=some(list(Intent)),
    severity=some(list(Severity)),
    tier=some(list(Tier)),
    owner=some(["*", "a@*", ""]),
    rule=some(["churn.*", "解約.*", "*"]),
    language=some(["ja", "en", ""]),
)
PLACES = st.fixed_dictionaries({"user": ADDRESSES | st.just("owner")}) | st.fixed_dictionaries(
    {"channel": st.sampled_from(["#1", "#2", "#3"]), "mentions_owner": st.booleans()}
)
ROUTE_LISTS = st.lists(
    st.builds(
        lambda match, place, goes_on: Route(name="", match=match, goes_on=goes_on, **place),
        MATCHERS,
        PLACES,
        st.booleans(),
    ),
    max_size=6,
).map(lambda routes: [replace(one, name=str(i)) for i, one in enumerate(routes)])
PEOPLE = st.dictionaries(ADDRESSES, st.tuples(st.booleans(), ADDRESSES | st.just("")), max_size=3).map(
    lambda found: {
        email: Person(email=email, away=(TEN_JUNE,) if away else (), deputy=deputy)
        for email, (away, deputy) in found.items()
    }
)


@given(facts=FACTS, routes=ROUTE_LISTS, everybody=PEOPLE, last=st.none() | ADDRESSES)
def test_every_alert_ends_somewhere_and_nowhere_twice(facts, routes, everybody, last):
    fallback = Route(name="fallback", user=last) if last else Route(name="fallback", channel="#rest")
    found = route(facts, Routes(ordered=tuple(routes), fallback=fallback), everybody, NOON)

    assert len(found) >= 1
    assert len(found) == len({one.target for one in found})
    assert [] == [one for one in found if not one.target.address or not one.why]


@given(facts=FACTS, routes=ROUTE_LISTS, everybody=PEOPLE)
def test_the_order_of_routes_decides(facts, routes, everybody):
    """Those that take the alert, up to the first that does not go on; each target by the first that leads to it."""
    taking = [one for one in routes if one.takes(facts)]
    last = next((i for i, one in enumerate(taking) if not one.goes_on), len(taking))
    alone = [route(facts, table(one), everybody, NOON)[0] for one in taking[: last + 1]]
    expected = {one.target: one for one in reversed(alone)}

    found = route(facts, table(*routes), everybody, NOON)

    assert sorted(map(repr, expected.values())) == sorted(repr(one) for one in found if one.why[0] is Why.MATCHED)
    assert [one.route for one in found if one.why[0] is Why.MATCHED] == sorted(one.route for one in expected.values())


@given(facts=FACTS, routes=ROUTE_LISTS, everybody=PEOPLE)
def test_nobody_who_is_away_is_told_but_by_a_fallback(facts, routes, everybody):
    found = route(facts, table(*routes), everybody, NOON)

    assert [] == [one for one in found if one.person in everybody and everybody[one.person].is_away(NOON)]


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ({}, "#rest"),
        ({"severity": (Severity.HIGH,)}, "#rest"),
        ({"intent": (Intent.OPS,)}, "#cs"),
        ({"rule": ("ops.*",)}, "#cs"),
        ({"intent": (Intent.CHURN,)}, "#rest"),
    ],
)
def test_what_is_of_the_site_goes_only_where_it_is_named(lists, expected):
    """A route for all customers is not meant."""
    outage = alert(intent=Intent.OPS, rule="ops.tracking-outage", tier=None, owner="")

    assert [expected] == receivers(outage, to("#cs", **lists))
