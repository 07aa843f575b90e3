"""What the interval between checkpoints costs in changelog, and saves in repeats after a crash."""

import asyncio
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from aiokafka import AIOKafkaConsumer, TopicPartition

from comparison.engines import ENGINES
from comparison.ground import Ground, alert_ids
from comparison.job import PARTITIONS, Record, with_alerts
from comparison.latency import paced
from comparison.running import running
from comparison.truth import truth
from stream_app.topics import InputTopic

INTERVALS = ("0s", "250ms", "1s", "5s", "20s")
SECONDS = {"0s": 0.0, "250ms": 0.25, "1s": 1.0, "5s": 5.0, "20s": 20.0}
RATE = 1_000
CRASHES = 3
SETTLED_SECONDS = 2.0
MOST_EVENTS = 150_000

COLUMNS = {
    "interval": ("interval", ""),
    "changelog_records_per_event": ("changelog records/event", ".2f"),
    "changelog_b_per_event": ("changelog B/event", ",.0f"),
    "cpu_us_per_event": ("CPU µs/event", ".1f"),
    "read_again": ("events read again", ",.0f"),
    "bound": ("at most", ",d"),
    "alerts": ("alerts", ",d"),
    "repeated": ("of them repeated", ",d"),
    "wrong": ("wrong", ",d"),
}


@dataclass(kw_only=True)
class Checkpoints:
    """A line of the table; what is read again is per crash, `bound` the most that it should be."""

    interval: str
    changelog_records_per_event: float
    changelog_b_per_event: float
    cpu_us_per_event: float
    read_again: float
    bound: int
    alerts: int
    repeated: int
    wrong: int


def engine(interval: str):
    """Return detect with this interval."""
    own = {"STREAM_APP_CHECKPOINT_INTERVAL": interval, "STREAM_APP_KAFKA__SESSION_TIMEOUT": "6s"}
    return replace(ENGINES["detect"], own=own)


def checkpoints(interval: str, ground: Ground, records: list[Record]) -> Checkpoints:
    """Send at a steady rate, kill the worker at random moments, let another finish."""
    rng, source, again, cpu, sent = Random(interval), with_alerts(records), 0, 0.0, []
    asyncio.run(ground.create())
    for _ in range(CRASHES):
        with running(ground) as worker:
            asyncio.run(ground.finished(worker.process))
            share = SETTLED_SECONDS + SECONDS[interval] * (1 + rng.random())
            some = list(islice(source, round(share * RATE)))
            asyncio.run(paced(ground, some, RATE))
            again += asyncio.run(uncommitted(ground))
            cpu += worker.cpu_seconds()
            worker.kill()
        sent += some
    with running(ground) as worker:
        asyncio.run(ground.finished(worker.process))
    found = alert_ids(asyncio.run(ground.alerts()))
    size = asyncio.run(ground.changelog_size())
    return Checkpoints(
        interval=interval,
        changelog_records_per_event=size.records / len(sent),
        changelog_b_per_event=size.bytes / len(sent),
        cpu_us_per_event=cpu / len(sent) * 1e6,
        read_again=again / CRASHES,
        bound=round(SECONDS[interval] * RATE),
        alerts=len(set(found)),
        repeated=len(found) - len(set(found)),
        wrong=len(set(found) ^ truth(sent, ground.engine.rules)),
    )


async def uncommitted(ground: Ground) -> int:
    """Return how many events a worker that starts now would read."""
    tps = [TopicPartition(f"{ground.prefix}{topic}", n) for topic in InputTopic for n in range(PARTITIONS)]
    async with AIOKafkaConsumer(
        bootstrap_servers=ground.broker, group_id=ground.group, enable_auto_commit=False
    ) as consumer:
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
        return sum([end - (await consumer.committed(tp) or 0) for tp, end in ends.items()])
