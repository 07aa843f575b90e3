"""`stream-app routes test`: who would be told, where, when and why, for people and for programs."""

import json
import os
import subprocess
import sys
from datetime import datetime

import orjson
import pytest

from stream_app.cli import main
from stream_app.core.alerts import OUTAGE, Intent
from stream_app.core.rules import RULES
from tests.codec.test_codec_alerts import DOCUMENT

SETTINGS = """
[people."a@example.co.jp"]
slack = "U0A"
away = ["2026-06-12/2026-06-15"]
deputy = "b@example.co.jp"

[people."b@example.co.jp"]
slack = "U0B"
hours = { timezone = "Europe/Berlin", country = "DE", opens = "08:00" }

[[routes]]
name = "解約"
intent = ["churn"]
sink = "salesforce"
queue = "解約対応"
pass_outside_hours = ["high"]
continue = true

[[routes]]
name = "owner"
severity = ["high"]
user = "owner"

[[routes]]
name = "mention"
intent = ["upgrade"]
channel = "#cs"
mention_owner = true

[[routes]]
name = "digest"
language = ["ja"]
channel = "#cs"
digest = true

[fallback]
channel = "#rest"
"""
FRIDAY_EVENING = "2026-06-12T18:30+09:00"
LEAVING = ["--intent", "churn", "--tier", "high", "--owner", "a@example.co.jp"]


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    (tmp_path / "stream-app.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def document(capsys, *arguments):
    assert main(["routes", "test", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_people_are_told_in_words(capsys):
    assert main(["routes", "test", *LEAVING, "--at", FRIDAY_EVENING]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "churn high (risk), churn.cancellation-page, tier high, owner a@example.co.jp, language not known, "
        "Fri 2026-06-12 18:30 JST",
        "  解約 → salesforce queue 解約対応, Fri 2026-06-12 18:30 JST",
        "    because the route takes it",
        "  owner → slack user U0B, that is b@example.co.jp, Fri 2026-06-12 11:30 CEST",
        "    because the route takes it; the owner is away; the deputy stands in (away: a@example.co.jp)",
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_can_be_asked_about_whatever_the_set(capsys, rule):
    (alert,) = document(capsys, "--rule", rule.id)["alerts"]

    assert (rule.id, rule.intent, rule.severity, rule.polarity) == (
        alert["rule"],
        alert["intent"],
        alert["severity"],
        alert["polarity"],
    )


@pytest.mark.parametrize("intent", sorted({Intent.OPS, *(rule.intent for rule in RULES)}))
def test_every_intent_can_be_asked_about(capsys, intent):
    """Also that of the site, which no rule has."""
    (alert,) = document(capsys, "--intent", intent)["alerts"]

    assert (intent, intent) == (alert["intent"], alert["rule"].partition(".")[0])


def test_the_site_has_a_name_like_a_rule_s(capsys):
    (alert,) = document(capsys, "--rule", OUTAGE, "--severity", "low")["alerts"]

    assert ("ops", "low", "risk") == (alert["intent"], alert["severity"], alert["polarity"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            [*LEAVING, "--at", FRIDAY_EVENING],
            [
                ("解約", "解約対応", None, "2026-06-12T18:30:00+09:00", ["matched"]),
                ("owner", "U0B", "b@example.co.jp", "2026-06-12T11:30:00+02:00", ["matched", "owner_away", "deputy"]),
            ],
        ),
        (
            ["--intent", "churn", "--owner", "A@example.co.jp", "--at", "2026-06-16T20:00+09:00"],
            [
                ("解約", "解約対応", None, "2026-06-16T20:00:00+09:00", ["matched"]),
                ("owner", "U0A", "a@example.co.jp", "2026-06-17T09:30:00+09:00", ["matched"]),
            ],
        ),
        (  # a channel has the team's hours, whoever is mentioned in it
            ["--intent", "upgrade", "--severity", "low", "--owner", "b@example.co.jp", "--at", FRIDAY_EVENING],
            [("mention", "#cs", "b@example.co.jp", "2026-06-15T09:30:00+09:00", ["matched"])],
        ),
        (
            # who will be away when it is told is not told, though another route tells it at once
            [*LEAVING, "--at", "2026-06-11T18:30+09:00"],
            [
                ("解約", "解約対応", None, "2026-06-11T18:30:00+09:00", ["matched"]),
                ("owner", "U0B", "b@example.co.jp", "2026-06-11T11:30:00+02:00", ["matched", "owner_away", "deputy"]),
            ],
        ),
        (
            ["--intent", "churn", "--severity", "low", "--at", "2026-06-11T10:00+09:00"],
            [("解約", "解約対応", None, None, ["matched"])],  # a low alert makes no task
        ),
        (  # and waits for the digest
            ["--rule", "budget.pricing-review", "--severity", "low", "--at", "2026-06-11T10:00+09:00"],
            [("fallback", "#rest", None, "2026-06-12T09:30:00+09:00", ["fallback"])],
        ),
        (
            ["--rule", "budget.pricing-review", "--language", "ja-JP", "--at", "2026-06-12T10:00+09:00"],
            [("digest", "#cs", None, "2026-06-15T09:30:00+09:00", ["matched"])],
        ),
        (
            ["--rule", "budget.pricing-review", "--at", "2026-12-31T10:00+09:00"],
            [("fallback", "#rest", None, "2026-12-31T10:00:00+09:00", ["fallback"])],
        ),
        (
            ["--intent", "budget", "--severity", "high", "--at", "2026-06-13T10:00+09:00"],
            [("owner", "#rest", None, "2026-06-15T09:30:00+09:00", ["matched", "no_owner", "fallback"])],
        ),
        (
            ["--intent", "budget", "--severity", "high", "--owner", "c@example.com", "--at", "2026-06-12T10:00+09:00"],
            [("owner", "c@example.com", "c@example.com", "2026-06-15T09:30:00+09:00", ["matched", "unknown_owner"])],
        ),
    ],
)
def test_programs_get_who_where_when_and_why(capsys, arguments, expected):
    (alert,) = document(capsys, *arguments)["alerts"]

    assert expected == [(one["route"], one["address"], one["person"], one["when"], one["why"]) for one in alert["told"]]


def test_one_alert_in_full(capsys):
    assert {
        "alerts": [
            {
                "alert_id": None,
                "customer_id": None,
                "intent": "budget",
                "severity": "medium",
                "polarity": "open",
                "rule": "budget.review",
                "tier": "tech",
                "owner": "",
                "language": "ja",
                "digest": True,
                "second": False,
                "at": "2026-06-12T10:00:00+09:00",
                "told": [
                    {
                        "route": "digest",
                        "sink": "slack",
                        "kind": "channel",
                        "address": "#cs",
                        "person": None,
                        "mentions": [],
                        "absent": [],
                        "digest": True,
                        "when": "2026-06-15T09:30:00+09:00",
                        "why": ["matched"],
                    }
                ],
            }
        ],
        "unreadable": 0,
    } == document(capsys, "--intent", "budget", "--tier", "tech", "--language", "ja", "--at", "2026-06-12T10:00+09:00")


class TestFile:
    def test_alerts_are_sent_when_they_happened_or_when_said(self, tmp_path, capsys):
        (tmp_path / "alerts.jsonl").write_bytes(orjson.dumps(DOCUMENT) + b"\n\n")
        whens = [
            [one["when"] for one in document(capsys, "--alerts", "alerts.jsonl", *at)["alerts"][0]["told"]]
            for at in ([], ["--at", FRIDAY_EVENING])
        ]

        assert [
            ["2026-06-10T21:00:00.000001+09:00", "2026-06-11T09:30:00+09:00"],
            ["2026-06-12T18:30:00+09:00", "2026-06-15T09:30:00+09:00"],
        ] == whens

    def test_lines_that_are_no_alert_are_named_and_the_others_answered(self, tmp_path, capsys):
        (tmp_path / "alerts.jsonl").write_bytes(b"{\n" + orjson.dumps(DOCUMENT) + b"\n{}\n")
        code = main(["routes", "test", "--alerts", "alerts.jsonl"])
        out, err = capsys.readouterr()

        assert (1, 1) == (code, out.count("c-1: churn high"))
        assert [
            "stream-app routes: line 1: not_json: Input data was truncated",
            "stream-app routes: line 3: invalid: Object missing required field `alert_id`",
        ] == err.splitlines()

    def test_that_is_not_there_ends_with_1(self, capsys):
        assert main(["routes", "test", "--alerts", "nowhere.jsonl"]) == 1
        assert "nowhere.jsonl" in capsys.readouterr().err

    def test_hostile_text_does_not_reach_the_terminal(self, tmp_path, capsys):
        hostile = DOCUMENT | {"customer_id": "c\u202e\u2066-1", "rule_id": "churn.\u200b"}
        (tmp_path / "alerts.jsonl").write_bytes(orjson.dumps(hostile))

        assert main(["routes", "test", "--alerts", "alerts.jsonl"]) == 0
        assert capsys.readouterr().out.startswith("c-1: churn high (risk), churn., tier high")


def piped(value, command):
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(["sh", "-c", command], input=value, env=environ, capture_output=True, timeout=60, check=False)


def test_standard_input_is_read():
    done = piped(orjson.dumps(DOCUMENT), f"{sys.executable} -m stream_app.cli routes test --alerts - --json")

    assert (0, b"") == (done.returncode, done.stderr)
    assert [DOCUMENT["alert_id"]] == [one["alert_id"] for one in json.loads(done.stdout)["alerts"]]


def test_a_reader_that_went_away_is_no_traceback():
    lines = (orjson.dumps(DOCUMENT) + b"\n") * 3000
    done = piped(lines, f"{sys.executable} -m stream_app.cli routes test --alerts - | head -1")

    assert (0, b"") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name an alert: --alerts FILE, or --intent or --rule"),
        (["--tier", "high"], "name an alert"),
        (["--rule", "churn.x"], "no rule is called 'churn.x'"),
        (["--intent", "leaving"], "'leaving' is not one of"),
        (["--intent", "churn", "--at", "yesterday"], "must be a time with offset"),
        (["--intent", "churn", "--at", "2026-06-12T18:30"], "must be a time with offset"),
        (["--alerts", "x", "--owner", "a@example.com"], "--alerts brings its own"),
    ],
)
def test_wrong_usage_ends_with_2(capsys, arguments, said):
    code = main(["routes", "test", *arguments])
    out, err = capsys.readouterr()

    assert (2, "") == (code, out)
    assert said in " ".join(err.split())


def test_without_a_time_it_is_now(capsys):
    (alert,) = document(capsys, "--intent", "churn")["alerts"]

    assert datetime.fromisoformat(alert["at"]).utcoffset().total_seconds() == 9 * 3600


def test_check_names_deputies_who_stand_in_for_each_other(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("STREAM_APP_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    circle = SETTINGS.replace('slack = "U0B"', 'deputy = "a@example.co.jp"')
    (tmp_path / "stream-app.toml").write_text(circle, encoding="utf-8")

    main(["check"])
    assert (
        "note  people: a@example.co.jp → b@example.co.jp → a@example.co.jp: away together, "
        "their alerts go to the fallback"
    ) in capsys.readouterr().out.splitlines()
