"""The same input through one worker and through two of one group."""

import asyncio
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from comparison.ground import Ground, alert_ids
from comparison.job import Record
from comparison.running import running
from comparison.speed import WARM_UP

COLUMNS = {
    "engine": ("engine", ""),
    "workers": ("workers", ",d"),
    "cpu_us_per_event": ("CPU µs/event", ".1f"),
    "events_per_s": ("events/s", ",.0f"),
    "rss_mb": ("peak MB", ",.0f"),
    "alerts": ("alerts", ",d"),
    "wrong": ("wrong", ",d"),
}


@dataclass(kw_only=True)
class Workers:
    """A line of the table."""

    engine: str
    workers: int
    cpu_us_per_event: float
    events_per_s: float
    rss_mb: float
    alerts: int
    wrong: int


def workers(name: str, ground: Ground, records: list[Record], right: set[str], count: int) -> Workers:
    """Measure as in the main table, with so many processes."""
    asyncio.run(ground.create())
    with ExitStack() as stack:
        engines = [stack.enter_context(running(ground, number=number)) for number in range(count)]
        asyncio.run(together(ground, count))
        asyncio.run(ground.produce(records[:WARM_UP]))
        asyncio.run(ground.finished(engines[0].process))
        for engine in engines:
            engine.pause()
        asyncio.run(ground.produce(records[WARM_UP:]))
        cpu, began = sum(engine.cpu_seconds() for engine in engines), time.monotonic()
        for engine in engines:
            engine.resume()
        asyncio.run(ground.finished(engines[0].process))
        wall, used = time.monotonic() - began, sum(engine.cpu_seconds() for engine in engines) - cpu
        memory = sum(engine.peak_mb() for engine in engines)
    ids, events = set(alert_ids(asyncio.run(ground.alerts()))), len(records) - WARM_UP
    return Workers(
        engine=name,
        workers=count,
        cpu_us_per_event=used / events * 1e6,
        events_per_s=events / wall,
        rss_mb=memory,
        alerts=len(ids),
        wrong=len(ids ^ right),
    )


async def together(ground: Ground, count: int) -> None:
    """Return when all workers share the partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.broker)
    await admin.start()
    try:
        while await members(admin, ground.group) != count:
            await asyncio.sleep(0.2)
    finally:
        await admin.close()


async def members(admin: AIOKafkaAdminClient, group: str) -> int:
    """Return how many a group has, 0 while it does not know yet."""
    try:
        [answer] = await admin.describe_consumer_groups([group])
    except KafkaError:  # the broker has not made the topic of groups yet
        return 0
    [found] = answer.to_object()["groups"]
    return len(found["members"]) if found["state"] == "Stable" else 0


def note(count: int) -> str:
    """Return what is to be said of the wall time on this machine."""
    cores = os.cpu_count() or 1
    if cores >= count + 2:
        return ""
    return f"{cores} cores for {count} workers, the broker and the driver: events/s prove nothing here, CPU does.\n"
