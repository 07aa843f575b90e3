"""How long from an event's produce to its alert's record in Kafka, at a steady rate."""

import asyncio
import gc
import time
from dataclasses import dataclass
from itertools import islice
from statistics import quantiles

import orjson
from aiokafka import AIOKafkaProducer

from comparison.ground import Ground, alert_ids
from comparison.job import Record, with_alerts
from comparison.running import running

MOST_EVENTS = 40_000
TURN_SECONDS = 0.001

COLUMNS = {
    "engine": ("engine", ""),
    "rate": ("events/s", ",d"),
    "p50_ms": ("p50 ms", ".1f"),
    "p99_ms": ("p99 ms", ".1f"),
    "most_ms": ("most ms", ",.0f"),
    "cpu_us_per_event": ("CPU µs/event", ".1f"),
    "alerts": ("alerts", ",d"),
    "wrong": ("wrong", ",d"),
    "late_ms": ("driver late ms", ".1f"),
}


@dataclass(kw_only=True)
class Latency:
    """A line of the table; `late_ms` is how far the driver fell behind its own clock at most."""

    engine: str
    rate: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    cpu_us_per_event: float
    alerts: int
    wrong: int
    late_ms: float


def traffic(records: list[Record], rate: int, seconds: int) -> list[Record]:
    """Return what a run at this rate sends, of which every tenth raises an alert."""
    return list(islice(with_alerts(records), min(rate * seconds, MOST_EVENTS)))


def latency(name: str, ground: Ground, sent: list[Record], rate: int, right: set[str]) -> Latency:
    """Warm the engine up, send at the rate, and compare when events were sent with when their alerts arrived."""
    warm_up, measured = sent[: rate // 2], sent[rate // 2 :]
    asyncio.run(ground.create())
    with running(ground) as engine:
        asyncio.run(ground.produce(warm_up))
        asyncio.run(ground.finished(engine.process))
        cpu = engine.cpu_seconds()
        sent_at, late = asyncio.run(paced(ground, measured, rate))
        asyncio.run(ground.finished(engine.process))
        used = engine.cpu_seconds() - cpu
    alerts = asyncio.run(ground.alerts())
    arrived = {orjson.loads(each.value)["customer_id"]: each.timestamp for each in alerts}
    found = sorted(arrived[key] - at for key, at in sent_at.items() if key in arrived)
    cuts = quantiles(found, n=100)
    return Latency(
        engine=name,
        rate=rate,
        p50_ms=cuts[49],
        p99_ms=cuts[98],
        most_ms=found[-1],
        cpu_us_per_event=used / len(measured) * 1e6,
        alerts=len(found),
        wrong=len(set(alert_ids(alerts)) ^ right),
        late_ms=late,
    )


async def paced(ground: Ground, records: list[Record], rate: int) -> tuple[dict[str, float], float]:
    """Send records one by one; return when each that raises an alert was sent (ms), and the worst delay of ours."""
    marks = {id(each): each.key.decode() for each in records if each.key.startswith(b"leaving-")}
    sent_at, late, answers = {}, 0.0, []
    gc.collect()
    gc.disable()
    try:
        async with AIOKafkaProducer(bootstrap_servers=ground.broker, linger_ms=0) as producer:
            began = time.time()
            for number, each in enumerate(records):
                due = began + number / rate
                while (now := time.time()) < due:
                    await asyncio.sleep(min(TURN_SECONDS, due - now))
                late = max(late, now - due)
                if (mark := marks.get(id(each))) is not None:
                    sent_at[mark] = now * 1000
                topic = f"{ground.prefix}{each.topic}"
                answers.append(await producer.send(topic, each.value, each.key, each.partition, each.at_ms))
            await asyncio.gather(*answers)
    finally:
        gc.enable()
    return sent_at, late * 1000
