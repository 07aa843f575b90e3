"""How a worker starts: on what it refuses to work, and what it keeps silent about."""

import asyncio
import json
import signal
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stream_app.testing.builders import page_view, purchase
from tests.faults.ground import Ground
from tests.faults.processes import WorkerProcess

pytestmark = pytest.mark.kafka

PRICING = "https://www.example.com/pricing"
CANCELLATION = "https://www.example.com/account/cancel"


@pytest.fixture(name="worker")
def _worker(ground: Ground) -> Iterator[Callable[..., WorkerProcess]]:
    started: list[WorkerProcess] = []

    def start(**settings: str) -> WorkerProcess:
        process = WorkerProcess(ground.environ(**settings), ground.folder / "log")
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


def _problems(process: WorkerProcess) -> str:
    """Return what the worker says it found, once it has ended."""
    assert 1 == process.wait(60.0), process.log_tail()
    return " ".join(str(line.get("problem", line.get("error", ""))) for line in process.log())


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _at(moment: datetime) -> str:
    return moment.isoformat()


async def _said(ground: Ground, topics: tuple[str, ...]) -> list[tuple[Any, Any]]:
    found = await ground.read([f"{ground.name}.{topic}" for topic in topics])
    values = [json.loads(record.value) for records in found.values() for record in records]
    return sorted((value["rule_id"], value.get("reason", "")) for value in values)


async def test_missing_topics_are_named_with_the_way_out(ground, worker):
    """Nothing is created behind somebody's back, and nothing waits in silence."""
    said = await asyncio.to_thread(_problems, worker())

    assert f"{ground.name}.page-views" in said
    assert "stream-app topics create" in said


async def test_unequal_partition_counts_stop_it(ground, worker):
    """One customer's views and purchases would be in partitions of different numbers."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(f"{ground.name}.purchases", 3, 1)])
    await admin.create_topics([NewTopic(f"{ground.name}.page-views", 2, 1)])
    await admin.close()
    await ground.create()

    assert "partition counts differ" in await asyncio.to_thread(_problems, worker())


async def test_topics_that_follow_different_partitioners_stop_it(ground, worker):
    """Views hashed like Java, purchases like librdkafka: each customer would be two."""
    await ground.create()
    views = [page_view(event_id=f"v{i}", customer_id=f"c{i}") for i in range(60)]
    await ground.write(("page-views", v["customer_id"].encode(), json.dumps(v).encode()) for v in views)
    async with AIOKafkaProducer(bootstrap_servers=ground.bootstrap_servers) as producer:
        for i in range(60):
            key, value = b"c%d" % i, json.dumps(purchase(event_id=f"p{i}", customer_id=f"c{i}")).encode()
            number = zlib.crc32(key) % ground.partitions
            await producer.send_and_wait(f"{ground.name}.purchases", value, key, partition=number)

    said = await asyncio.to_thread(_problems, worker())

    assert "page-views murmur2" in said
    assert "purchases crc32" in said


async def test_an_unreachable_broker_is_said(ground, worker):
    """A wrong address is the first mistake that everybody makes."""
    said = await asyncio.to_thread(_problems, worker(STREAM_APP_BOOTSTRAP_SERVERS="127.0.0.1:1"))

    assert "127.0.0.1:1" in said


async def test_a_first_start_is_silent_about_history_and_a_second_remembers_the_first(ground, worker):
    """What happened before the first start makes no alert; what happened between two starts does."""
    await ground.create()
    now = _now()
    old = page_view(event_id="old", customer_id="c1", url=CANCELLATION, occurred_at=_at(now - timedelta(hours=2)))
    await ground.write([("page-views", b"c1", json.dumps(old).encode())])
    first = worker(STREAM_APP_ALERTS_FROM="start")
    await ground.idle()
    assert 0 == (await asyncio.to_thread(first.end, signal.SIGTERM))[0]

    between = page_view(event_id="between", customer_id="c2", url=CANCELLATION, occurred_at=_at(_now()))
    await ground.write([("page-views", b"c2", json.dumps(between).encode())])
    second = worker(STREAM_APP_ALERTS_FROM="start")
    await ground.idle()
    assert 0 == (await asyncio.to_thread(second.end, signal.SIGTERM))[0]

    churn = "churn.cancellation-page"
    assert [(churn, "The customer looked at the cancellation page.")] == await _said(ground, ("cs-alerts-churn",))
    assert [(churn, "backfill")] == await _said(ground, ("signal-fates",))


async def test_the_same_history_speaks_if_asked_to(ground, worker):
    """`alerts_from = "earliest"`: what the demo and a rerun over history need."""
    await ground.create()
    then = _at(_now() - timedelta(days=3))
    view = page_view(event_id="old", customer_id="c1", url=PRICING, occurred_at=then)
    await ground.write([("page-views", b"c1", json.dumps(view).encode())])
    process = worker(STREAM_APP_ALERTS_FROM="earliest")
    await ground.idle()
    assert 0 == (await asyncio.to_thread(process.end, signal.SIGTERM))[0]

    assert ["budget.pricing-review"] == [rule for rule, _ in await _said(ground, ("cs-alerts-budget",))]
