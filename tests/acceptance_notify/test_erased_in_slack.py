"""Somebody is erased while a message shows them, another waits and workers are killed: nothing of them is left."""

import json
import signal
import time

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from msgspec.structs import replace

from stream_app import deliveries
from stream_app.codec.erasures import encode_erasure, erasure_key
from stream_app.core.alerts import Intent, Severity
from stream_app.core.erasure import Erasure, hash_of
from stream_app.core.notify.message import Stage
from stream_app.notify.changelog import read_back, reader
from stream_app.topics import OutputTopic, Worker
from tests.acceptance_notify.notify_play import Play, alert_of, name_of
from tests.notify.stage import until
from tests.sinks.slack_server import SlackServer

pytestmark = pytest.mark.kafka

SETTINGS = """
[[routes]]
name = "team"
sink = "slack"
channel = "#cs"
[fallback]
sink = "slack"
channel = "#cs"
"""
GONE, COLLEAGUE, HELD, LATE, OTHER = range(1, 6)
PERSON, SALT = "c-erased-person", "5a" * 16


async def test_nothing_is_left_of_who_was_erased(ground):
    async with (
        SlackServer() as slack,
        Play(ground, SETTINGS, STREAM_APP_SLACK__TOKEN="xoxb-1", STREAM_APP_SLACK__API_URL=slack.api_url) as play,
    ):
        await play.tell(of_person(GONE, "a-1"), alert_of(COLLEAGUE, "a-1"))
        await play.tell(of_person(HELD, "", intent=Intent.BUDGET, severity=Severity.MEDIUM))
        await until(lambda: {GONE, COLLEAGUE} <= shown(slack))
        await until(lambda: is_held(play))

        late = of_person(LATE, "")
        partition, offset = await erase(play)
        await play.end(play.workers[0], signal.SIGKILL)
        await until(lambda: is_taken(play, partition, offset))
        await play.tell(late)
        await until(lambda: has_fate(play, LATE))

        assert {COLLEAGUE} == shown(slack)
        assert [] == await left_of_them(play)
        for worker in play.workers:
            await play.end(worker, signal.SIGKILL)
        await play.tell(alert_of(OTHER, "a-2"))
        await until(lambda: OTHER in shown(slack))

        assert {COLLEAGUE, OTHER} == shown(slack)
        assert [] == await left_of_them(play)
        fates = await play.fates()
        assert [{("erased", "erased")}] * 2 == [fates[f"{number:032x}", "team"] for number in (HELD, LATE)]
        assert [0, 0] == await play.stop()


def of_person(number, account, **more):
    """Return an alert of whom this is about."""
    alert = alert_of(number, account, **more)
    page = replace(alert.evidence[0], title=f"title of {PERSON}")
    return replace(alert, customer_id=PERSON, evidence=(page,))


def shown(slack):
    """Return the numbers of alerts whose people stand in Slack now."""
    text = json.dumps(list(slack.messages.values()), ensure_ascii=False)
    return {number for number in (GONE, COLLEAGUE, HELD, LATE, OTHER) if name_of(number) in text}


async def is_held(play):
    return any(each.message.stage is Stage.HELD for each in await play.in_hand())


async def has_fate(play, number):
    return (f"{number:032x}", "team") in await play.fates()


async def erase(play):
    """Say as detect does that they were erased; return where it stands."""
    now = time.time_ns() // 1000
    erasure = Erasure(hash=hash_of(PERSON, SALT), salt=SALT, erased_at=now, upto={})
    async with AIOKafkaProducer(**play.settings.client_options()) as producer:
        topic = play.settings.topic(OutputTopic.ERASURES)
        sent = await producer.send_and_wait(topic, encode_erasure(erasure), key=erasure_key(erasure))
    return sent.partition, sent.offset


async def is_taken(play, partition, offset):
    """Tell whether every partition has taken it, and nothing stands anywhere that is still to be overwritten."""
    left = await deliveries.left_to_take(play.settings, partition, offset)
    return left == 0 == await deliveries.left_to_overwrite(play.settings)


async def left_of_them(play):
    """Return the changelog's records, the last of each key, that hold a byte of them."""
    names = [PERSON, *map(name_of, (GONE, HELD, LATE))]
    found = []
    async with reader(play.settings.client_options()) as consumer:
        for number in range(play.settings.topics.partitions):
            kept = await read_back(consumer, TopicPartition(play.settings.changelog(Worker.NOTIFY), number))
            found += [key for key, value in kept.records.items() for name in names if name.encode() in key + value]
    return found
