"""The main measure: all of the input at once, how long it takes, what it costs, and whether the alerts are right."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from comparison.ground import Ground, alert_ids
from comparison.job import Record
from comparison.running import running

WARM_UP = 2_000

COLUMNS = {
    "engine": ("engine", ""),
    "cpu_us_per_event": ("CPU µs/event", ".1f"),
    "events_per_s": ("events/s", ",.0f"),
    "p50_ms": ("p50 ms", ".1f"),
    "p99_ms": ("p99 ms", ".1f"),
    "rss_mb": ("peak MB", ".0f"),
    "state_b": ("state B/customer", ",.0f"),
    "changelog_b": ("changelog B/customer", ",.0f"),
    "alerts": ("alerts", ",d"),
    "missing": ("missing", ",d"),
    "extra": ("extra", ",d"),
    "wrong": ("wrong", ",d"),
}


@dataclass(kw_only=True)
class Row:
    """A line of the table."""

    engine: str
    cpu_us_per_event: float
    events_per_s: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    rss_mb: float
    alerts: int
    wrong: int
    missing: int
    extra: int
    repeated: int
    state_b: float
    changelog_b: float


def speed(
    name: str,
    ground: Ground,
    records: list[Record],
    right: set[str],
    *,
    created: bool = False,
    profile: Path | None = None,
) -> Row:
    """Warm the engine up, stop it, produce the rest, let it go on, and measure until it has committed all."""
    if not created:
        asyncio.run(ground.create())
    with running(ground, profile=profile) as engine:
        asyncio.run(ground.produce(records[:WARM_UP]))
        asyncio.run(ground.finished(engine.process))
        engine.pause()
        asyncio.run(ground.produce(records[WARM_UP:]))
        cpu, began = engine.cpu_seconds(), time.monotonic()
        engine.resume()
        asyncio.run(ground.finished(engine.process))
        wall, used, memory = time.monotonic() - began, engine.cpu_seconds() - cpu, engine.peak_mb()
    found = alert_ids(asyncio.run(ground.alerts()))
    size = asyncio.run(ground.changelog_size())
    events, ids = len(records) - WARM_UP, set(found)
    return Row(
        engine=name,
        cpu_us_per_event=used / events * 1e6,
        events_per_s=events / wall,
        rss_mb=memory,
        alerts=len(ids),
        wrong=len(ids ^ right),
        missing=len(right - ids),
        extra=len(ids - right),
        repeated=len(found) - len(ids),
        state_b=size.state,
        changelog_b=size.changelog,
    )
