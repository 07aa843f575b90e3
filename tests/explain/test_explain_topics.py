"""Asked about what stands in the topics: detect and notify did run, and nobody looks where the customer cannot be."""

import asyncio
import json
import signal
import time

import orjson
import pytest

from stream_app.cli import main
from stream_app.codec.erasures import encode_erasure, erasure_key
from stream_app.codec.notify import encode_feedback
from stream_app.core.erasure import Erasure, hash_of
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import Action
from stream_app.deliveries import in_hand
from stream_app.explain.of_topics import Ground as Cluster
from stream_app.partitioners import Partitioner
from stream_app.settings import load
from stream_app.testing import builders
from stream_app.topics import RECORDED, InputTopic, NotifyTopic, OutputTopic
from tests.acceptance_notify.notify_play import always_open
from tests.explain.explain_cases import HELD, SILENT, TOLD, person, view
from tests.faults.processes import WorkerProcess
from tests.notify.stage import until

pytestmark = pytest.mark.kafka

ERASED, WAITING = "c-00004", "c-00005"
SALT = "00" * 16
OTHERS = [f"c-1{number:04}" for number in range(40)]
"""Of the account of whom somebody was told, in all partitions; enough to see what keys are hashed with."""


async def test_who_was_told_of_whom_is_answered_out_of_the_topics(ground, capsys, monkeypatch):
    environ = environ_of(ground)
    await ground.create()
    now = time.time()
    await ground.write([*inputs(now), (OutputTopic.ERASURES, *erasure(ground))])
    workers = [
        WorkerProcess(environ, ground.folder / "detect.log"),
        WorkerProcess(environ, ground.folder / "notify.log", "tests.acceptance_notify.notify_worker"),
    ]
    try:
        for worker in workers:
            worker.start()
        told = await until_told(ground)
        await ground.write([(NotifyTopic.FEEDBACK, b"a-0001", feedback(told))])
        await until(lambda: written(ground, "signal-fates"), 120)
        await until(lambda: has_in_hand(ground, environ, "a-0005"), 120)
        assert [0, 0] == [(await asyncio.to_thread(worker.end, signal.SIGTERM))[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    answers = [await answer_of(name, capsys) for name in (TOLD, HELD, SILENT, "a-0001", WAITING, ERASED, "c-404")]
    expected = ["told", "held", "nothing", "told", "waits", "erased", "unknown"]
    assert expected == [found["answer"]["is"] for _, found in answers]
    assert [0, 0, 0, 0, 0, 1, 1] == [code for code, _ in answers]
    (alert,) = [match for match in answers[0][1]["matches"] if match["fate"] == "alert"]
    assert (told["alert_id"], ["delivered"]) == (alert["match_id"], [one["fate"] for one in alert["told"]])
    assert ["profile", "view", "alert", "feedback"] == [line["kind"] for line in answers[0][1]["timeline"]]
    assert [TOLD, *OTHERS] == [one["customer_id"] for one in answers[3][1]["people"]]


def test_only_partitions_that_can_hold_the_customer_are_read(ground):
    """Where nobody knows how keys are hashed, all of a topic; our own topics follow murmur2."""
    settings = ground.settings
    counts = {spec.name: spec.partitions for spec in settings.topic_specs()}
    followed = dict.fromkeys(RECORDED, Partitioner.MURMUR2) | {
        InputTopic.PURCHASES: Partitioner.MIXED,
        InputTopic.CUSTOMERS: Partitioner.CRC32,
    }
    cluster = Cluster(settings=settings, partitions=counts, followed=followed)

    read = [place.topic.rpartition(".")[2] for place in cluster.inputs(TOLD)]
    assert {"customers": 1, "interactions": 1, "purchases": 4, "page-views": 1} == {
        name: read.count(name) for name in read
    }
    assert 4 * len(RECORDED) == len(cluster.inputs(None))
    assert 2 >= len(cluster.keyed(NotifyTopic.DELIVERIES, ["a-0001", TOLD]))


def environ_of(ground):
    """Return settings under which somebody is told at once, in a file."""
    text = always_open() + '[[routes]]\nname = "team"\nsink = "file"\n[fallback]\nsink = "file"\n[notify]\nport = 0\n'
    (ground.folder / "settings.toml").write_text(text)
    return {
        **ground.environ(),
        "STREAM_APP_CONFIG": str(ground.folder / "settings.toml"),
        "STREAM_APP_RULES__SET": "full",
        "STREAM_APP_FILE__PATH": str(ground.folder / "told.jsonl"),
    }


def inputs(now):
    """Yield who there is, and what they viewed a minute ago."""
    at = now - 60 - builders.NOON.timestamp()
    profiles = [person(1), person(2, stage="lead"), person(3), person(4), person(5)]
    others = [builders.customer(customer_id=one, account_id="a-0001") for one in OTHERS]
    views = [
        *(view(f"o-{one}", one, at, "/app/projects") for one in OTHERS),
        view(1, TOLD, at, "/account/cancel"),
        view(2, HELD, at, "/pricing"),
        view(3, SILENT, at, "/help/export"),
        view(4, ERASED, at, "/help/export"),
        view(5, WAITING, at, "/pricing"),
    ]
    for one in (*profiles, *others):
        yield InputTopic.CUSTOMERS, one["customer_id"].encode(), orjson.dumps(one)
    for one in views:
        yield InputTopic.PAGE_VIEWS, one["customer_id"].encode(), orjson.dumps(one)


def erasure(ground):
    """Return key and value that erase all of a customer so far."""
    upto = {str(topic): dict.fromkeys(range(ground.partitions), 1_000) for topic in RECORDED}
    one = Erasure(hash=hash_of(ERASED, SALT), salt=SALT, erased_at=time.time_ns() // 1000, upto=upto)
    return erasure_key(one), encode_erasure(one)


async def has_in_hand(ground, environ, account):
    """Say whether notify has something to tell of an account."""
    return [one async for one in in_hand(load(environ=environ)) if one.message.account == account]


async def written(ground, topic):
    """Return what stands on a topic."""
    found = await ground.read([f"{ground.name}.{topic}"])
    return [json.loads(record.value) for records in found.values() for record in records]


async def until_told(ground):
    """Return the first fate of an alert."""
    found = []

    async def is_told():
        found[:] = await written(ground, "deliveries")
        return found

    await until(is_told, 120)
    return found[0]


def feedback(told):
    """Return that somebody found the message useful."""
    return encode_feedback(
        Feedback(
            feedback_id="f-1",
            case_id=told["case_id"],
            account="a-0001",
            alert_ids=(told["alert_id"],),
            action=Action.USEFUL,
            by="cs-1@example.co.jp",
            at=time.time_ns() // 1000,
        )
    )


async def answer_of(name, capsys):
    """Return the exit code and what was said to programs; the command has an event loop of its own."""
    code = await asyncio.to_thread(main, ["explain", name, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_without_topics_there_is_nobody_to_ask(ground, capsys, monkeypatch):
    for name, value in ground.environ().items():
        monkeypatch.setenv(name, value)

    assert 1 == main(["explain", TOLD])
    assert "none of the input topics exists" in capsys.readouterr().err
