"""Notify, mutes and sinks: what may be said, what is refused without showing secrets, and what the core is given."""

import json
from base64 import b64encode
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.language import Language
from stream_app.core.links import LinkTemplates
from stream_app.core.notify.mutes import Mute
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import Matcher, Route, Sink
from stream_app.settings import Settings
from stream_app.settings.notify import MaxAge, NotifySettings, Response
from stream_app.topics import Worker

MUTE = "[[mute]]\nwhy = 'w'\n"
KEYS = [f"whsec_{b64encode(bytes([number]) * 24).decode()}" for number in range(2)]
SECRET = "xoxb-hunter2"

REFUSED = [
    (
        "[notify]\ngroup = 'stream-app-detect'",
        "file: notify: group 'stream-app-detect' and detect's, 'stream-app-detect'",
    ),
    ("group = 'a'\n[notify]\ngroup = 'a-customer'", "file: notify: group 'a-customer' and detect's, 'a', would share"),
    ("[notify]\ngroup = 'ä'", "file: notify.group: String should match pattern"),
    ("[notify]\nlanguage = 'fr'", "file: notify.language: Input should be 'ja' or 'en' (given: 'fr')"),
    ("[notify]\nquiet = '31m'", "file: notify: quiet_at_most must not be shorter than quiet"),
    ("[notify]\nquite = '1m'", "file: notify.quite: no such setting; did you mean notify.quiet?"),
    ("[notify]\nopen_for = '0'", "file: notify.open_for: Input should be greater than 0"),
    (
        "[notify]\ndaily_budget = -1",
        "file: notify.daily_budget: Input should be greater than or equal to 0 (given: -1)",
    ),
    ("[notify]\nbundle_from = 1", "file: notify.bundle_from: Input should be greater than or equal to 2 (given: 1)"),
    ("[notify.max_age]\nhigh = -1", "file: notify.max_age.high: Input should be greater than or equal to 0"),
    ("[notify.max_age]\nhigh = '3d'", "file: notify.max_age.high: Input should be a valid integer"),
    ("[notify.response]\nhigh = 4", "file: notify.response.high: must be a number with its unit"),
    ("[notify.response]\nhigh = '90s'", "file: notify.response.high: must be whole minutes, such as '90m' or '4h'"),
    ("[notify.escalation]\nsink = 'slack'", "file: notify.escalation: sink 'slack' needs channel or user"),
    (
        "[notify.escalation]\nchannel = '#a'\nqueue = 'b'",
        "file: notify.escalation: channel and queue: only one of them",
    ),
    ("[notify.escalation]\nuser = 'owner'", "file: notify.escalation.user: must be an e-mail address (given: 'owner')"),
    (
        "[notify.escalation]\nuser = 'a@example.com'",
        "file: notify: the user is not in [people]: 'a@example.com'; there are: none",
    ),
    ("[notify.links]\ncrm = 'www.example.com'", "file: notify.links: 'www.example.com' must begin with https:// or"),
    ("[notify.links]\ncrm = 'https://{account_id}/'", "file: notify.links: 'https://{account_id}/' must begin with"),
    (
        "[notify.links]\nhistory = 'https:///x'",
        "file: notify.links: 'https:///x' must begin with https:// or http:// and",
    ),
    (
        "[notify.links]\nhistory = 'https://www.example.com/{name}'",
        "file: notify.links: 'https://www.example.com/{name}' may hold {customer_id} and {account_id} and no other",
    ),
    (MUTE, "file: mute.0.until: Field required"),
    ("[[mute]]\nuntil = 2026-12-31", "file: mute.0.why: Field required"),
    ("[[mute]]\nuntil = 2026-12-31\nwhy = ''", "file: mute.0.why: String should have at least 1 character"),
    (
        MUTE + "until = 'tomorrow'",
        "file: mute.0.until: must be a day such as '2026-12-31' or a time with offset, such as '2026-04-01T00:00:00",
    ),
    (MUTE + "until = 2026-12-31T12:00:00", "file: mute.0.until: must be a day such as '2026-12-31' or a time with"),
    (MUTE + "until = 12:00:00", "file: mute.0.until: must be a day such as '2026-12-31' or a time with offset"),
    (MUTE + "until = 9999-12-31", "file: mute.0.until: must be before the year 9999"),
    (
        MUTE + "until = 2026-12-31\nintents = ['churn']",
        "file: mute.0.intents: no such setting; did you mean mute.0.intent?",
    ),
    (MUTE + "until = 2026-12-31\nrule = ['leave.*']", "file: mute.0: no rule is called 'leave.*'; there are: "),
    (MUTE + "until = 2026-12-31\nowner = ['tantou']", "file: mute.0.owner: must be e-mail addresses, with * and ?"),
    ("[slack]\ntokn = 'x'", "file: slack.tokn: no such setting; did you mean slack.token?"),
    (
        "[slack]\napi_url = 'http://example.com'",
        "file: slack.api_url: must begin with https:// (given: 'http://example",
    ),
    (
        "[salesforce]\nclient_id = 'x'",
        "file: salesforce: needs one of private_key_file (with username) and client_secret",
    ),
    ("[salesforce]\nclient_id = 'x'\nprivate_key_file = 'k'", "file: salesforce: private_key_file needs username"),
    ("[hubspot]\nexternal_id = 'A'", "file: hubspot.external_id: String should match pattern"),
    ("[webhook]\ntimeout = 31", "file: webhook.timeout: Input should be less than or equal to 30 (given: 31)"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_refused_with_where_and_what_is_allowed(refusal, text, expected):
    assert expected == refusal(text)[: len(expected)]


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (f"slack = '{SECRET}'", {}),
        (f"[slack]\nwebhook_url = 'http://example.com/{SECRET}'", {}),
        (f"[slack]\ntoken = ['{SECRET}']", {}),
        (f"[webhook]\nsecrets = '{SECRET}'", {}),
        (f"[webhook]\nsecrets = [['{SECRET}']]", {}),
        (f"[kafka.sasl_password]\nx = '{SECRET}'", {}),
        ("", {"STREAM_APP_SLACK": f'"{SECRET}"'}),
        ("", {"STREAM_APP_SLACK__WEBHOOK_URL": f"http://example.com/{SECRET}"}),
        ("", {"STREAM_APP_WEBHOOK__SECRETS": SECRET}),
    ],
)
def test_what_is_refused_shows_no_secret(refusal, text, environ):
    assert SECRET not in refusal(text, **environ)


def test_nothing_said_is_what_the_contract_says():
    expected = {
        "group": "stream-app-notify",
        "port": 6067,
        "language": Language.JA,
        "quiet": 10 * MINUTE,
        "quiet_at_most": 30 * MINUTE,
        "open_for": 7 * DAY,
        "daily_budget": 5,
        "bundle_from": 6,
        "max_age": {"high": 3, "medium": 2, "low": 1},
        "response": {"high": 4 * HOUR, "medium": 0, "low": 0},
        "escalation": None,
        "links": {"crm": "", "history": ""},
    }

    assert expected == Settings().notify.model_dump()


EVERYTHING = """
[notify]
group = "n"
language = "en"
quiet = "0"
quiet_at_most = "0"
open_for = "1d"
daily_budget = 0
bundle_from = 2
max_age = { high = 0, low = 9 }
response = { high = "90m", medium = "2d" }
links = { crm = "https://crm.example.com/{account_id}/{customer_id}", history = "http://www.example.com" }
"""


def test_everything_of_notify_can_be_said(written):
    settings = written(EVERYTHING)

    assert (
        NotifySettings(
            group="n",
            language=Language.EN,
            quiet="0",
            quiet_at_most="0",
            open_for="1d",
            daily_budget=0,
            bundle_from=2,
            max_age=MaxAge(high=0, low=9),
            response=Response(high="90m", medium="2d"),
            links=settings.notify.links,
        )
        == settings.notify
    )
    assert (
        LinkTemplates(crm="https://crm.example.com/{account_id}/{customer_id}", history="http://www.example.com")
        == settings.notify.links.templates()
    )


def test_nothing_said_is_the_core_as_it_is():
    rules, settings = Settings().notify_rules(), Settings()
    bare = NotifyRules(
        routes=settings.route_table(), second=settings.escalation_route(), people={}, calendars=rules.calendars
    )

    assert bare == rules


def test_the_core_is_given_what_is_said(written):
    rules = written(
        EVERYTHING + "[people.'a@example.com']\nslack = 'U1'\n" + MUTE + "until = 2026-12-31"
    ).notify_rules()

    assert (
        (0, 0, DAY, 0, 2),
        {Severity.HIGH: 0, Severity.MEDIUM: 2, Severity.LOW: 9},
        {Severity.HIGH: 90, Severity.MEDIUM: 48 * 60},
        (["a@example.com"], ["", "a@example.com"], ["w"]),
    ) == (
        (rules.quiet, rules.quiet_at_most, rules.open_for, rules.daily_budget, rules.bundle_from),
        rules.max_age,
        rules.response,
        ([*rules.people], [*rules.calendars], [mute.why for mute in rules.mutes]),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Route(name="escalation", channel="#customer-success")),
        (
            "[fallback]\nsink = 'console'\npass_outside_hours = ['low']",
            Route(name="escalation", sink=Sink.CONSOLE, passes=(Severity.LOW,)),
        ),
        ("[notify.escalation]\nchannel = '#leads'", Route(name="escalation", channel="#leads")),
        (
            "[people.'b@example.com']\n[notify.escalation]\nuser = 'B@example.com'",
            Route(name="escalation", user="b@example.com"),
        ),
        (
            "[notify.escalation]\nsink = 'salesforce'\nqueue = 'q'",
            Route(name="escalation", sink=Sink.SALESFORCE, queue="q"),
        ),
    ],
)
def test_who_is_told_when_nobody_acted(written, text, expected):
    assert expected == written(text).escalation_route()


def micros(*moment, zone="Asia/Tokyo"):
    return round(datetime(*moment, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("until", "zone", "expected"),
    [
        ("2026-12-31", "Asia/Tokyo", micros(2027, 1, 1)),
        ("'2026-12-31'", "Asia/Tokyo", micros(2027, 1, 1)),
        ("2026-12-31", "Europe/Berlin", micros(2027, 1, 1, zone="Europe/Berlin")),
        ("2026-03-28", "Europe/Berlin", micros(2026, 3, 29, zone="Europe/Berlin")),
        ("2026-03-29", "Europe/Berlin", micros(2026, 3, 30, zone="Europe/Berlin")),
        ("2018-11-03", "America/Sao_Paulo", micros(2018, 11, 4, 1, zone="America/Sao_Paulo")),  # it has no midnight
        ("2026-12-31T12:00:00+09:00", "Europe/Berlin", micros(2026, 12, 31, 12)),
        ("'2026-12-31T12:00:00Z'", "Asia/Tokyo", micros(2026, 12, 31, 21)),
    ],
)
def test_a_day_ends_where_the_team_is(written, until, zone, expected):
    (mute,) = written(f"{MUTE}until = {until}\n[hours]\ntimezone = '{zone}'").mutes()

    assert expected == mute.until


def test_mutes_are_given_to_the_core_as_said(written):
    text = """
[[mute]]
intent = ["budget", "upgrade"]
severity = ["low"]
owner = ["*@example.co.jp"]
rule = ["budget.*"]
customer = ["c-1", "c-2"]
account = ["a-1"]
until = 2026-06-30T00:00:00+09:00
why = "年度末の棚卸し"
[[mute]]
until = 2026-06-30T00:00:00+09:00
why = "移行中"
"""
    matcher = Matcher(
        intent=(Intent.BUDGET, Intent.UPGRADE),
        severity=(Severity.LOW,),
        owner=("*@example.co.jp",),
        rule=("budget.*",),
    )
    until = micros(2026, 6, 30)

    assert (
        Mute(match=matcher, customers=("c-1", "c-2"), accounts=("a-1",), until=until, why="年度末の棚卸し"),
        Mute(until=until, why="移行中"),
    ) == written(text).mutes()


def test_sinks_are_reached_as_said(written):
    text = "[slack]\napi_url = 'http://127.0.0.1:8080/api'\n[salesforce]\nlogin_url = 'https://login.example.com/'"
    settings = written(text, STREAM_APP_SLACK__TOKEN=SECRET, STREAM_APP_WEBHOOK__SECRETS=json.dumps(KEYS))

    assert ("http://127.0.0.1:8080/api/", "https://login.example.com", SECRET, KEYS) == (
        settings.slack.api_url,
        settings.salesforce.login_url,
        settings.slack.token.get_secret_value(),
        [one.get_secret_value() for one in settings.webhook.secrets],
    )


def test_each_worker_has_a_group_and_a_changelog_of_its_own(written):
    settings = written("group = 'd'\n[notify]\ngroup = 'n'")

    assert ({Worker.DETECT: "d", Worker.NOTIFY: "n"}, ["d-customer-state-changelog", "n-state-changelog"]) == (
        settings.groups(),
        [settings.changelog(worker) for worker in Worker],
    )
