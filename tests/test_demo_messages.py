"""What people see of messages in a demonstration: in their hours, once a morning, in time, and for real."""

import asyncio
import json
import re
from collections import Counter
from datetime import datetime, time

import pytest

from tests.demo_process import finish
from tests.sinks.slack_server import WEBHOOK, SlackServer

HEAD = re.compile(r"── \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d) JST  slack (\S+)  ([a-z ]+)")
OPENS, CLOSES = time(9, 30), time(18)
SATURDAY = 5
TEAM = "#customer-success"

pytestmark = pytest.mark.kafka


def heads(said):
    """Return when, where and how each message was told."""
    found = (HEAD.match(line) for line in said.splitlines())
    return [(datetime.fromisoformat(one[1]), one[2], one[3].strip()) for one in found if one]


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    """Return the report of nearly three weeks that end on a Friday, what was shown on the way, and the alerts."""
    folder = tmp_path_factory.mktemp("weeks")
    report, said = finish(folder, "demo", "--days", "19", "--json", "--alerts", "alerts.jsonl")
    alerts = [json.loads(line) for line in (folder / "alerts.jsonl").read_text().splitlines()]
    return json.loads(report), said, alerts


def test_nobody_is_notified_outside_their_hours(weeks):
    loud = [(at, where, act) for at, where, act in heads(weeks[1]) if act != "edited"]
    inside = [one for one in loud if one[0].weekday() < SATURDAY and OPENS <= one[0].time() < CLOSES]
    assert inside == loud != []


def test_there_is_one_digest_a_morning_and_place_at_the_opening(weeks):
    digests = [(at, where) for at, where, act in heads(weeks[1]) if act == "digest"]
    assert {OPENS} == {at.time() for at, _ in digests}
    assert {1} == set(Counter(digests).values())


def test_everything_that_notify_does_is_seen_and_the_first_of_each_sort_whole(weeks):
    acts = {act for _, _, act in heads(weeks[1])}
    assert {"new", "in the thread", "edited", "digest", "reminder", "escalation"} <= acts
    drafts = weeks[1].count("■ お客様への文面の下書き") + weeks[1].count("■ Draft to the customer")
    assert 1 <= drafts <= 4, "one message of each intent at most is shown whole"


def test_each_alert_has_one_fate_a_place_though_a_weekend_follows(weeks):
    """By the routes that hold without any setting: of high-touch customers their owner hears, of others the team."""
    report, _, alerts = weeks
    places = {(alert["alert_id"], place) for alert in alerts for place in places_of(alert)}
    assert len(places) == sum(report["fates"].values()) > 0


def test_no_alert_is_said_twice(weeks):
    report, _, alerts = weeks
    assert sum(report["alerts"].values()) == len(alerts) == len({alert["alert_id"] for alert in alerts})


def places_of(alert):
    """Return who is told: the team besides, which is the second target too, of what says so."""
    customer = alert["customer"]
    return {customer["owner"] if customer["tier"] == "high" else TEAM, *([TEAM] if alert.get("second") else [])}


VIEW = {
    "event_id": "v-1",
    "customer_id": "c-1",
    "occurred_at": "2026-06-03T10:00:00+09:00",  # a Wednesday
    "url": "https://www.example.com/account/cancel",
}


async def test_with_a_webhook_everything_that_is_shown_is_posted_too(tmp_path):
    """One alert that nobody acts on: told at once, a reminder at half of four hours, and an escalation."""
    (tmp_path / "views.jsonl").write_text(json.dumps(VIEW))
    async with SlackServer() as slack:
        arguments = ("demo", "--page-views", "views.jsonl", "--json", "--slack-webhook", slack.webhook_url)
        report, said = await asyncio.to_thread(finish, tmp_path, *arguments)
        posted = [call.fields["text"] for call in slack.calls(WEBHOOK)]
    assert [("10:00", "new"), ("12:00", "reminder"), ("14:00", "escalation")] == [
        (f"{at:%H:%M}", act) for at, _, act in heads(said)
    ]
    assert ([True] * 3, 1) == (["c-1" in text for text in posted], json.loads(report)["fates"]["delivered"])
    assert "for real to: slack" in said
    assert "SECRET" not in said
