"""Catching up equals being there: a month that piled up gives the alerts that replay gives, in bounded memory."""

import asyncio
import signal
from datetime import date, timedelta

import orjson
import pytest

from stream_app.inputs import Files
from stream_app.replay import Outputs, replay
from stream_app.testing.simulator import simulate
from stream_app.topics import ALERT_TOPICS, RECORDED, InputTopic
from tests.acceptance.wire import D, S, interact
from tests.faults.cases import tail, worker
from tests.faults.ground import Ground
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka

AHEAD = 1_000
TOUCHPOINTS = {f"touchpoint-{n:02}-" + "x" * 40: n % 7 - 3 for n in range(16)}
MOST_MEMORY = 250_000_000  # bytes; with nothing held back (guard "pausing") the worker took twice that
MONTH = {"seed": 11, "customers": 40, "start": date(2025, 1, 6), "disorder_seconds": 3 * 3600}


def piled_up() -> dict[InputTopic, list[tuple[bytes, bytes]]]:
    """Return keys and values of each topic; of interactions there are 1,000 times as many, all after the month."""
    topics: dict[InputTopic, list[tuple[bytes, bytes]]] = {topic: [] for topic in RECORDED}
    for one in simulate(**MONTH):
        topics[one.topic].append((one.customer_id.encode(), orjson.dumps(one.value)))
    interactions = topics[InputTopic.INTERACTIONS]
    people = sorted({key for key, _ in topics[InputTopic.CUSTOMERS]})
    for i in range(len(interactions) * AHEAD):
        key = people[i % len(people)]
        _, value = interact(f"ahead-{i}", 40 * D + i * S - timedelta(hours=i % 3), customer=key.decode())
        interactions.append((key, orjson.dumps({**value, "touchpoints": TOUCHPOINTS})))
    return topics


async def test_a_month_that_piled_up(ground: Ground) -> None:
    await ground.create()
    topics = piled_up()
    for topic, records in topics.items():
        await ground.write((topic, key or None, value) for key, value in records)
    slow = {"FAULTS_SLOW": "120", "FAULTS_STATUS": str(ground.folder / "status")}  # what is ahead has to wait
    with worker(ground, STREAM_APP_CHECKPOINT_INTERVAL="1s", **slow) as process:
        process.start()
        await ground.idle(300.0)
        peak = process.peak_bytes()
        assert (await asyncio.to_thread(process.end, signal.SIGTERM))[0] == 0
    size = sum(len(value) for records in topics.values() for _, value in records)
    verdict = await verify(ground)
    print(f"{verdict}\npeak {peak / 1e6:.0f} MB, log {size / 1e6:.0f} MB")
    assert verdict.clean, tail(ground.folder)
    assert peak < MOST_MEMORY
    alerts = await ground.read([f"{ground.name}.{topic}" for topic in ALERT_TOPICS.values()])
    ids = {orjson.loads(record.value)["alert_id"] for records in alerts.values() for record in records}
    assert replayed(ground, topics) == ids
    assert len(ids) == verdict.alerts > 0


def replayed(ground: Ground, topics: dict[InputTopic, list[tuple[bytes, bytes]]]) -> set[str]:
    """Return the alert ids of a replay of the same events from files."""
    for topic, records in topics.items():
        (ground.folder / f"{topic}.jsonl").write_bytes(b"\n".join(value for _, value in records))
    paths = {topic.replace("-", "_"): (ground.folder / f"{topic}.jsonl",) for topic in RECORDED}
    lines: list[bytes] = []
    now_ms = int(date(2026, 1, 1).strftime("%s")) * 1000
    replay(Files(**paths).lines(now_ms), ground.settings.rule_set(), Outputs(alerts=lines.append), partitions=4)
    return {orjson.loads(line)["alert_id"] for line in lines}
