"""What an operator sees and says, through a real broker."""

import asyncio
import json

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream_app.cli import main
from stream_app.cluster import create_topics
from stream_app.codec.notify import decode_order
from stream_app.core.notify.keys import target_key
from stream_app.core.notify.orders import Operated, Operation
from stream_app.core.notify.parcels import Refused
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.notify.changelog import Changelog
from stream_app.outbox import Outbox
from stream_app.partitioners import Partitioner, partition_of
from stream_app.topics import NotifyTopic, Worker
from tests.desks import CASE, CHANNEL, NIGHT, answered, told

pytestmark = pytest.mark.kafka

CONSOLE = Target(sink=Sink.CONSOLE)


@pytest.fixture
def settings(ground, monkeypatch):
    """Settings, also in the environment, of a cluster where something is parked at one target and held at another."""
    for name, value in ground.environ().items():
        monkeypatch.setenv(name, value)
    asyncio.run(_in_hand(ground.settings))
    return ground.settings


async def _in_hand(settings):
    await create_topics(settings)
    changelog = settings.changelog(Worker.NOTIFY)
    desks = {CHANNEL: answered(Refused(why="channel_not_found")), CONSOLE: told(NIGHT, CONSOLE)}
    async with AIOKafkaProducer(**settings.client_options()) as producer:
        for target, (_, records) in desks.items():
            place = TopicPartition(changelog, home(target))
            outbox = Outbox(lambda: producer, {changelog: settings.topics.partitions})
            end = 0 if target is CHANNEL or home(CHANNEL) != home(CONSOLE) else len(desks[CHANNEL][1]) + 1
            await Changelog(outbox, place, 1, end).write(list(records.items()), {})


def home(target):
    """Return the partition of a target's desk."""
    return partition_of(target_key(target), 4, Partitioner.MURMUR2)


def queued(settings):
    """Return the orders in the queue, with key and partition."""

    async def read():
        queue = settings.topic(NotifyTopic.QUEUE)
        async with AIOKafkaConsumer(**settings.client_options(), auto_offset_reset="earliest") as consumer:
            places = [TopicPartition(queue, number) for number in range(settings.topics.partitions)]
            consumer.assign(places)
            ends, found = await consumer.end_offsets(places), []
            while any([await consumer.position(place) < ends[place] for place in places]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(one.key, one.partition, decode_order(one.value)) for one in records]
            return sorted(found, key=lambda one: one[0])

    return asyncio.run(read())


def queue_of(operation, *targets):
    said = Operated(case_id=CASE, operation=operation)
    return [(target_key(target), home(target), said) for target in sorted(targets, key=target_key)]


def test_all_that_is_in_hand_is_shown(settings, capsys):
    assert main(["deliveries", "ls"]) == 0
    assert {
        f"{CASE}  parked  slack channel #cs  churn high  a-1  channel_not_found",
        f"{CASE}  held    console  churn high  a-1",
    } == set(capsys.readouterr().out.splitlines())


def test_programs_get_one_document(settings, capsys):
    assert main(["deliveries", "ls", "--parked", "--json"]) == 0
    assert {
        "messages": [
            {
                "case_id": CASE,
                "stage": "parked",
                "failing": False,
                "why": "channel_not_found",
                "sink": "slack",
                "kind": "channel",
                "address": "#cs",
                "route": "r",
                "account": "a-1",
                "intent": "churn",
                "severity": "high",
                "alerts": 1,
                "first_at": "2026-06-01T01:00:00+00:00",
                "send_at": None,
            }
        ]
    } == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "operation", "targets"),
    [
        (["retry", "--all-parked"], Operation.RETRY, [CHANNEL]),
        (["retry", CASE], Operation.RETRY, [CHANNEL]),
        (["drop", CASE], Operation.DROP, [CHANNEL, CONSOLE]),
    ],
)
def test_orders_go_where_the_desks_read(settings, capsys, arguments, operation, targets):
    assert main(["deliveries", *arguments]) == 0
    assert len(targets) == capsys.readouterr().out.count(f"{operation}  {CASE}  ")
    assert queue_of(operation, *targets) == queued(settings)


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_what_is_not_there_is_said_and_nothing_written(settings, capsys, command):
    code = main(["deliveries", command, "0" * 32])

    assert (1, f"there is no such message to {command}; stream-app deliveries ls shows what there is\n") == (
        code,
        capsys.readouterr().err,
    )
    assert [] == queued(settings)


def test_before_the_topics_are_there_it_says_how_to_make_them(ground, capsys, monkeypatch):
    for name, value in ground.environ().items():
        monkeypatch.setenv(name, value)

    assert main(["deliveries", "ls"]) == 1
    assert (
        f"{ground.settings.changelog(Worker.NOTIFY)}: is missing; create it with: stream-app topics create\n"
        == capsys.readouterr().err
    )
