"""Nine events in ten are one customer's: the alerts are right, and how long the others wait is printed."""

import json
from statistics import quantiles

import pytest

from stream_app.topics import ALERT_TOPICS, InputTopic
from tests.faults.cases import tail, worker
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.verdict import verify

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

HOT, PER_SECOND, SECONDS = "顧客0", 1_000, 40
CUSTOMERS = 99  # of whom one is hot


async def test_the_alerts_of_the_others(ground: Ground) -> None:
    await ground.create()
    steps = history(4, events=PER_SECOND * SECONDS, customers=CUSTOMERS, hot=0.9)
    with worker(ground) as process:
        process.start()
        await ground.produce(by_partition(steps, ground.partitions), PER_SECOND)
        await ground.idle()
        assert process.exit_code is None
    verdict = await verify(ground)
    of_hot, of_others = await waits(ground)
    print(f"{verdict}\nevent to alert, ms: hot {figures(of_hot)}, others {figures(of_others)}")
    assert verdict.clean, tail(ground.folder)
    assert min(len(of_hot), len(of_others)) > 20


async def waits(ground: Ground) -> tuple[list[int], list[int]]:
    """Return how many milliseconds lay between an event's record and its alert's: of the hot one, of others."""
    inputs = await ground.read([ground.settings.topic(topic) for topic in InputTopic])
    values = [(r.timestamp, json.loads(r.value)) for records in inputs.values() for r in records if r.value]
    came = {value["event_id"]: at for at, value in reversed(values) if "event_id" in value}
    outputs = await ground.read([ground.settings.topic(topic) for topic in ALERT_TOPICS.values()])
    found: tuple[list[int], list[int]] = ([], [])
    for record in (record for records in outputs.values() for record in records):
        alert = json.loads(record.value)
        since = max(came[evidence["event_id"]] for evidence in alert["evidence"])
        found[alert["customer_id"] != HOT].append(record.timestamp - since)
    return found


def figures(waits: list[int]) -> str:
    """Return them in short."""
    of_100 = quantiles(waits, n=100)
    return f"p50 {of_100[49]:.0f}, p95 {of_100[94]:.0f}, p99 {of_100[98]:.0f} of {len(waits)}"
