"""Rules change under traffic, the worker is killed, and a replay that follows its log comes to the same."""

import asyncio
import os
import signal
from datetime import timedelta

import orjson
import pytest

from stream_app.followed import Followed, follow, read_logs
from stream_app.logs import RULES_HOLD
from stream_app.partitioners import Partitioner, partition_of
from stream_app.recorded import recorded
from stream_app.replay import Outputs
from stream_app.testing import builders
from stream_app.testing.simulator import simulate
from stream_app.topics import ALERT_TOPICS, OutputTopic
from tests.faults.ground import Ground
from tests.faults.processes import WorkerProcess
from tests.notify.stage import until

pytestmark = pytest.mark.kafka

PARTITIONS = 2
BEFORE = 'feeds = ["page-views", "purchases", "customers"]\n[rules]\ncancellation_lateness = "1h"\n'
AFTER = """
feeds = ["page-views"]
[[pages]]
category = "cancellation"
path = "/pricing"
[rules.by_id."churn.cancellation-page"]
cooldown = "0"
[loyalty]
high = { JPY = 1000.5 }
"""
BAD = BEFORE + '[rules.by_id."churn.no-such-rule"]\nenabled = false\n'


async def test_a_replay_that_follows_the_log_says_what_was_said_live(kafka, tmp_path):
    """Before the kill only the change makes anything durable: were it not, what is before it would be judged again."""
    ground = Ground(kafka.bootstrap_servers, tmp_path, f"reload{os.getpid()}", PARTITIONS)
    await ground.create()
    config = tmp_path / "app.toml"
    environ = ground.environ(STREAM_APP_CONFIG=str(config), STREAM_APP_RELOAD_INTERVAL="0")
    environ |= {"STREAM_APP_RULES__SET": "full"}
    first = WorkerProcess(environ | {"STREAM_APP_CHECKPOINT_INTERVAL": "1d"}, tmp_path / "first.log")
    second = WorkerProcess(environ, tmp_path / "second.log")
    before, meanwhile, after = traffic()
    try:
        config.write_text(BEFORE)
        first.start()
        await ground.produce(before)
        await until(lambda: sum(first.event_counts().values()) > 1_000)
        writing = asyncio.create_task(ground.produce(meanwhile, per_second=1_000))
        reload(first, config, BAD)
        await until(lambda: "cs_config_last_reload_successful 0.0" in first.page("metrics")[1])
        assert 1 == len(held(first))
        reload(first, config, AFTER)
        await until(lambda: len(held(first)) == 2)
        assert "cs_config_last_reload_successful 1.0" in first.page("metrics")[1]
        first.kill()
        second.start()
        await writing
        await ground.produce(after)
        await ground.idle()
        assert 0 == (await asyncio.to_thread(second.end, signal.SIGTERM))[0]
    finally:
        first.kill()
        second.kill()

    assert ["churn.no-such-rule" in line["problem"] for line in first.log() if "problem" in line] == [True]
    followed = read_logs([second.log_file, first.log_file])
    assert [2] * PARTITIONS == [len(rules) for rules in followed.held.values()]
    live = await said(ground)
    assert {each.rules.id for each in followed.held[0]} == {rule_set for rule_set, _ in live if rule_set}
    assert live == await asyncio.to_thread(replayed, ground, followed)
    never = Followed({number: rules[:1] for number, rules in followed.held.items()})
    assert live != await asyncio.to_thread(replayed, ground, never)


def reload(worker, config, text):
    """Have a worker read other settings."""
    config.write_text(text)
    os.kill(worker.pid, signal.SIGHUP)


def held(worker):
    """Return what the log says of rules."""
    return [line for line in worker.log() if line["event"] == RULES_HOLD]


def traffic():
    """Return three parts of a month, each with the steps of each partition.

    The last step is at the same time in all partitions, so that they come as far.
    """
    parts = [[] for _ in range(PARTITIONS)]
    for one in simulate(seed=11, customers=40, days=30):
        if one.customer_id:
            parts[place(one.customer_id)].append((str(one.topic), one.value))
    end = builders.at(timedelta(days=60).total_seconds())
    for number, part in enumerate(parts):
        customer = next(name for name in map(str, range(100)) if place(name) == number)
        part.append(("page-views", builders.page_view(customer_id=customer, occurred_at=end)))
    thirds = [(len(part) // 3, 2 * len(part) // 3) for part in parts]
    return (
        [part[:one] for part, (one, _) in zip(parts, thirds, strict=True)],
        [part[one:two] for part, (one, two) in zip(parts, thirds, strict=True)],
        [part[two:] for part, (_, two) in zip(parts, thirds, strict=True)],
    )


def place(customer):
    return partition_of(customer.encode(), PARTITIONS, Partitioner.MURMUR2)


async def said(ground):
    """Return what stands in the topics, once each: what was said again after the kill is the same."""
    topics = (*ALERT_TOPICS.values(), OutputTopic.FATES, OutputTopic.RESOLUTIONS)
    found = await ground.read([f"{ground.name}.{topic}" for topic in topics])
    return {plain(record.value) for records in found.values() for record in records}


def plain(value):
    """Return what a record says, whenever it was said: its rule set, and all of it."""
    document = orjson.loads(value) | {"detected_at": None, "resolved_at": None}
    return document.get("rule_set"), orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def replayed(ground, followed):
    """Return what a replay says."""
    found = set()
    outputs = dict.fromkeys(("alerts", "fates", "resolutions"), lambda line: found.add(plain(line)))
    follow(recorded(ground.settings), followed, Outputs(**outputs))
    return found
