"""Who presses, replies or contacts the customer is not reminded; whom it comes too early is, once, and is counted."""

import json
import time

import orjson
import pytest
from aiohttp import ClientSession
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from stream_app.core.events import moment_of
from stream_app.core.language import Language
from stream_app.core.notify.orders import VERDICTS, Action
from stream_app.feedback.reading import of_topic
from stream_app.progress import silently
from stream_app.render.catalogue import catalogue
from stream_app.topics import InputTopic, NotifyTopic
from tests.acceptance_notify.notify_play import Play, alert_of, name_of
from tests.acceptance_notify.outages import EDIT, POST
from tests.notify.stage import until
from tests.sinks.slack_said import event, interaction
from tests.sinks.slack_server import SlackServer

pytestmark = pytest.mark.kafka

PRESSED, SNOOZED, REPLIED, CONTACTED, EARLY = range(5)
RULE = "churn.cancellation-page"
TANTOU = "見本 担当"
SETTINGS = f"""
[people."cs-1@example.com"]
name = "{TANTOU}"
slack = "U0TANTOU"
[[routes]]
name = "team"
sink = "slack"
channel = "#cs"
[fallback]
sink = "slack"
channel = "#cs"
[notify.response]
high = "2m"
"""
WORDS = catalogue(Language.JA)
REMINDED = WORDS.thread.waiting.rpartition("}")[2]


async def test_only_of_what_nobody_dealt_with_somebody_is_reminded(ground):
    async with (
        SlackServer() as slack,
        Play(
            ground,
            SETTINGS,
            STREAM_APP_SLACK__TOKEN="xoxb-1",
            STREAM_APP_SLACK__APP_TOKEN="xapp-1",
            STREAM_APP_SLACK__API_URL=slack.api_url,
        ) as play,
    ):
        await until(lambda: slack.connections == len(play.workers))
        for number in range(EARLY):
            await play.tell(alert_of(number, f"a-{number}"))
        await until(lambda: all(root(slack, number) for number in range(EARLY)))
        await acted(play, slack)
        last = replace(alert_of(EARLY, f"a-{EARLY}"), rule_id=RULE)  # all others would be reminded before
        await play.tell(last)
        await until(lambda: root(slack, EARLY))
        await slack.say("interactive", choice(slack, EARLY, "too_early"), "e-4")
        await until(lambda: of_thread(slack, EARLY, REMINDED), 120)

        assert [[], [], [], []] == [of_thread(slack, number, REMINDED) for number in range(EARLY)]
        assert 1 == len(of_thread(slack, EARLY, REMINDED))
        assert [1.0] * len(play.workers) == [await too_early(worker) for worker in play.workers]
        assert [(Action.TOO_EARLY, (f"{EARLY:032x}",), RULE)] == await verdicts(play)
        assert [0, 0] == await play.stop()


async def too_early(worker):
    """Return what a worker's metrics say of the rule, whichever partitions it has."""
    (served,) = [line["address"] for line in worker.log() if line["event"] == "metrics and probes are served"]
    async with ClientSession() as session, session.get(f"{served}/metrics") as answer:
        page = text_string_to_metric_families(await answer.text())
    labels = {"rule": RULE, "word": "too_early"}
    (value,) = [each.value for family in page for each in family.samples if each.labels == labels]
    return value


async def verdicts(play):
    """Return what the report reads of the verdicts."""
    said = [each async for each in of_topic(play.settings, silently)]
    return [(each.action, each.alert_ids, each.rule_id) for each in said if each.action in VERDICTS]


async def acted(play, slack):
    """Do something with all messages, each in another way, and see that it is shown where there is room."""
    await slack.say("interactive", press(slack, PRESSED, "acknowledge"), "e-1")
    await slack.say("interactive", press(slack, SNOOZED, "snooze"), "e-2")
    call = root(slack, REPLIED)
    await slack.say("events_api", event(channel=call[0], thread_ts=call[1]), "e-3")
    await contacted(play, CONTACTED)
    await slack.wait_for(lambda: {"e-1", "e-2", "e-3"} <= set(slack.acknowledged))
    await until(lambda: WORDS.note.owned.rpartition("}")[2] in edits(slack, PRESSED))
    assert TANTOU in edits(slack, PRESSED)
    await until(lambda: WORDS.note.snoozed.rpartition("}")[2] in edits(slack, SNOOZED))
    await until(lambda: WORDS.note.contacted.rpartition("}")[2] in edits(slack, CONTACTED))
    said = [(each["case_id"], each["action"], each["by"]) for each in await play.read(NotifyTopic.FEEDBACK)]
    expected = [(PRESSED, "acknowledge"), (SNOOZED, "snooze")]
    assert sorted((f"{number:032x}", action, TANTOU) for number, action in expected) == sorted(said)


def press(slack, number, button):
    """Return the press of a button as it stands on the message."""
    channel, ts, fields = root(slack, number)
    elements = [each for block in fields["blocks"] if block["type"] == "actions" for each in block["elements"]]
    (found,) = [each for each in elements if each["action_id"].endswith(f"_{button}")]
    return interaction({"action_id": found["action_id"], "value": found["value"]}, channel=channel, ts=ts)


def choice(slack, number, action):
    """Return the choice of a verdict in the menu of the message."""
    channel, ts, fields = root(slack, number)
    (row,) = [block for block in fields["blocks"] if block["type"] == "actions"]
    (menu,) = [each for each in row["elements"] if each["type"] == "static_select"]
    (option,) = [each for each in menu["options"] if each["value"] == action]
    said = {"type": "static_select", "action_id": menu["action_id"], "block_id": row["block_id"]}
    return interaction(said | {"selected_option": option}, channel=channel, ts=ts)


async def contacted(play, number):
    """Write down that the customer was contacted just now."""
    occurred_at = moment_of(time.time_ns() // 1000).isoformat()
    customer = play.sent[number].customer_id
    value = {"event_id": f"i-{number}", "customer_id": customer, "occurred_at": occurred_at, "kind": "contacted"}
    async with AIOKafkaProducer(**play.settings.client_options()) as producer:
        topic = play.settings.topic(InputTopic.INTERACTIONS)
        await producer.send_and_wait(topic, orjson.dumps(value), key=customer.encode())


def root(slack, number):
    """Return channel, ts and fields of the message of an alert, None as long as there is none."""
    found = [(*place, fields) for place, fields in slack.messages.items() if name_of(number) in text(fields)]
    return next((each for each in found if "thread_ts" not in each[2]), None)


def of_thread(slack, number, words):
    """Return the replies under the message of an alert that say this."""
    found = root(slack, number)
    replies = [call.fields for call in slack.calls(POST) if found and call.fields.get("thread_ts") == found[1]]
    return [fields for fields in replies if words in text(fields)]


def edits(slack, number):
    """Return all that the message of an alert was made to say later."""
    found = root(slack, number)
    return "".join(text(call.fields) for call in slack.calls(EDIT) if call.fields["ts"] == found[1])


def text(fields):
    """Return all that a message says."""
    return json.dumps(fields["blocks"], ensure_ascii=False)
