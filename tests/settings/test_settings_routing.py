"""Routes, people and hours: what may be said, what is refused, and what the core is given."""

from datetime import date

import pytest

from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.calendar import Hours
from stream_app.core.events import Tier
from stream_app.core.people import DaysAway, Person
from stream_app.core.routes import DEFAULT_ROUTES, Matcher, Route, Routes, Sink
from stream_app.settings import Settings

TWO = '[people."a@example.co.jp"]\ndeputy = "b@example.co.jp"\n[people."b@example.co.jp"]\n'
TO_CSM = '[[routes]]\nname = "1"\nchannel = "#1"\n'

REFUSED = [
    ("[[routes]]\nname = '1'\nchanel = '#1'", "file: routes.0.chanel: no such setting; did you mean routes.0.channel?"),
    (TO_CSM + "goes_on = true", "file: routes.0.goes_on: no such setting"),
    (TO_CSM + "continue = 'x'", "file: routes.0.continue: Input should be a valid boolean"),
    ("[[routes]]\nchannel = '#1'", "file: routes.0.name: Field required"),
    ("[[routes]]\nname = ''\nchannel = '#1'", "file: routes.0.name: String should have at least 1 character"),
    ("[[routes]]\nname = 'fallback'\nchannel = '#1'", "file: routes.0: name 'fallback' is that of the [fallback]"),
    (TO_CSM + TO_CSM, "file: routes: two routes are called '1'"),
    (TO_CSM + "sink = 'teams'", "file: routes.0.sink: Input should be 'slack', 'salesforce', 'hubspot', 'webhook'"),
    ("[[routes]]\nname = '1'", "file: routes.0: sink 'slack' needs channel or user"),
    ("[[routes]]\nname = '1'\nqueue = 'x'", "file: routes.0: sink 'slack' needs channel or user"),
    (TO_CSM + "sink = 'hubspot'", "file: routes.0: sink 'hubspot' needs user or queue"),
    (TO_CSM + "user = 'owner'", "file: routes.0: channel and user: only one of them can be the target"),
    (TO_CSM + "channel = '#2'", "file: is not a TOML file"),
    (
        "[[routes]]\nname = '1'\nuser = 'owner'\nmention_owner = true",
        "file: routes.0: mention_owner is for channels: a user or a queue is told alone",
    ),
    (TO_CSM + "tier = ['gold']", "file: routes.0.tier.0: Input should be 'high', 'low' or 'tech' (given: 'gold')"),
    (TO_CSM + "owner = ['tantou']", "file: routes.0.owner: must be e-mail addresses, with * and ? if need be"),
    (
        TO_CSM + "rule = ['churn.cancelation-page']",
        "file: routes.0: no rule is called 'churn.cancelation-page'; did you mean 'churn.cancellation-page'?",
    ),
    (
        TO_CSM + "rule = ['leave.*']",
        "file: routes.0: no rule is called 'leave.*'; there are: churn.cancellation-page, ",
    ),
    ("[[routes]]\nname = '1'\nuser = 'tantou'", "file: routes.0.user: must be an e-mail address (given: 'tantou')"),
    (
        TWO + "[[routes]]\nname = '1'\nuser = 'b@example.com'",
        "file: routes: the user of route '1' is not in [people]: 'b@example.com'; did you mean 'b@example.co.jp'?",
    ),
    (
        "[[routes]]\nname = '1'\nuser = 'b@example.com'",
        "file: routes: the user of route '1' is not in [people]: 'b@example.com'; there are: none",
    ),
    (TWO + "[fallback]\nuser = 'c@example.com'", "file: fallback: the user is not in [people]: 'c@example.com'; "),
    ("[fallback]\nuser = 'owner'", "file: fallback.user: must be an e-mail address (given: 'owner')"),
    ("[fallback]\nsink = 'salesforce'", "file: fallback: sink 'salesforce' needs user or queue"),
    ("[fallback]\nchannle = '#1'", "file: fallback.channle: no such setting; did you mean fallback.channel?"),
    (
        TWO.replace("b@example.co.jp", "b@exmaple.co.jp", 1),
        "file: people: the deputy of 'a@example.co.jp' is not in [people]: 'b@exmaple.co.jp'; did you mean",
    ),
    (
        "[people.'a@example.co.jp']\ndeputy = 'A@example.co.jp'",
        "file: people: 'a@example.co.jp' cannot stand in for themselves",
    ),
    ("[people.tantou]", "file: people.tantou: must be an e-mail address (given: 'tantou')"),
    ("[people.'a@example.com']\n[people.'A@example.com']", "file: people: 'a@example.com' stands there twice"),
    ("[people.'a@example.com']\nslak = 'U1'", "file: people.a@example.com.slak: no such setting; did you mean people."),
    (
        "[people.'a@example.com']\naway = ['8/13']",
        "file: people.a@example.com.away.0: must be a day or its range, such as '2026-08-13'",
    ),
    (
        "[people.'a@example.com']\naway = ['2026-08-15/2026-08-13']",
        "file: people.a@example.com.away.0: ends before it begins",
    ),
    (
        "[people.'a@example.com'.hours]\nopens = '19:00'",
        "file: people: the hours of 'a@example.com': closes: '18:00' is not later than opens, '19:00'",
    ),
    ("[people.'a@example.com'.hours]\ndays = ['mo']", "file: people.a@example.com.hours.days.0: Input should be 'mon'"),
    ("[hours]\ntimezone = 'Tokyo'", "file: hours: timezone: 'Tokyo' is not in the IANA database"),
    ("[hours]\ncountry = 'JA'", "file: hours: country: the holidays of 'JA' are not known"),
    ("[hours]\nclosures = ['12/29-1/3']", "file: hours: closures: '12/29-1/3' must be a day or first/last"),
    ("[hours]\ndays = []", "file: hours: days: [] must name at least one"),
    ("[hours]\nopen = '09:00'", "file: hours.open: no such setting; did you mean hours.opens?"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_refused_with_where_and_what_is_allowed(refusal, text, expected):
    assert expected == refusal(text)[: len(expected)]


def test_hours_that_are_refused_are_the_only_problem(refusal):
    assert refusal(TWO + "[hours]\nopens = '25:00'").count("\n") == 0


def test_without_any_setting_it_is_the_core_s_table():
    assert DEFAULT_ROUTES == Settings().route_table()


def test_routes_are_given_to_the_core_as_said(written):
    text = """
[[routes]]
name = "解約"
intent = ["churn"]
severity = ["high", "medium"]
polarity = ["risk"]
tier = ["tech"]
owner = ["*@example.co.jp", ""]
language = ["ja"]
rule = ["churn.*"]
sink = "hubspot"
queue = "解約対応"
pass_outside_hours = ["high"]
continue = true
[[routes]]
name = "2"
channel = "#2"
mention_owner = true
digest = true
[fallback]
sink = "console"
pass_outside_hours = ["low"]
"""
    matcher = Matcher(
        intent=(Intent.CHURN,),
        severity=(Severity.HIGH, Severity.MEDIUM),
        polarity=(Polarity.RISK,),
        tier=(Tier.TECH,),
        owner=("*@example.co.jp", ""),
        language=("ja",),
        rule=("churn.*",),
    )
    first = Route(
        name="解約", match=matcher, sink=Sink.HUBSPOT, queue="解約対応", passes=(Severity.HIGH,), goes_on=True
    )
    second = Route(name="2", channel="#2", mentions_owner=True, digest=True)
    fallback = Route(name="fallback", sink=Sink.CONSOLE, passes=(Severity.LOW,))

    assert Routes(ordered=(first, second), fallback=fallback) == written(text).route_table()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[fallback]\npass_outside_hours = ['high']", ("#customer-success", "")),
        ("[fallback]\nsink = 'webhook'", ("", "")),
        (TWO + "[fallback]\nuser = 'A@example.co.jp'", ("", "a@example.co.jp")),
    ],
)
def test_a_fallback_without_a_place_is_the_team_channel(written, text, expected):
    fallback = written(text).route_table().fallback

    assert expected == (fallback.channel, fallback.user)


def test_no_routes_at_all_leaves_the_fallback(written):
    assert Routes(ordered=(), fallback=DEFAULT_ROUTES.fallback) == written("routes = []").route_table()


class TestPeople:
    TEXT = """
[people."A@Example.co.jp"]
slack = "U1"
crm = "005"
language = "ja"
away = [2026-08-12, "2026-08-13", "2026-08-17/2026-08-21"]
deputy = "B@example.co.jp"
hours = { timezone = "Europe/Berlin", country = "DE" }
[people."b@example.co.jp"]
[hours]
closes = "17:30"
"""

    def test_are_given_to_the_core_by_address_in_lower_case(self, written):
        days = (("2026-08-12",) * 2, ("2026-08-13",) * 2, ("2026-08-17", "2026-08-21"))
        away = tuple(DaysAway(first=date.fromisoformat(first), last=date.fromisoformat(last)) for first, last in days)
        first = Person(
            email="a@example.co.jp",
            slack="U1",
            crm="005",
            language="ja",
            timezone="Europe/Berlin",
            away=away,
            deputy="b@example.co.jp",
        )

        assert {
            "a@example.co.jp": first,
            "b@example.co.jp": Person(email="b@example.co.jp"),
        } == written(self.TEXT).team()

    def test_have_the_team_s_hours_where_nothing_else_is_said(self, written):
        team = Hours(closes="17:30")
        calendars = written(self.TEXT).calendars()

        assert {
            "": team,
            "a@example.co.jp": Hours(closes="17:30", timezone="Europe/Berlin", country="DE"),
            "b@example.co.jp": team,
        } == {email: calendar.hours for email, calendar in calendars.items()}
        assert calendars[""] is calendars["b@example.co.jp"]

    def test_may_stand_in_for_each_other(self, written):
        both = '[people."a@example.co.jp"]\ndeputy = "b@example.co.jp"\n'
        text = both + '[people."b@example.co.jp"]\ndeputy = "a@example.co.jp"\n'

        assert {"a@example.co.jp": "b@example.co.jp", "b@example.co.jp": "a@example.co.jp"} == {
            email: person.deputy for email, person in written(text).team().items()
        }

    def test_may_be_said_in_a_variable(self, written):
        said = '{"a@example.co.jp": {"slack": "U1"}}'

        assert written(STREAM_APP_PEOPLE=said).team()["a@example.co.jp"].slack == "U1"
