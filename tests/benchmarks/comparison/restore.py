"""How fast an engine reads its changelog before it begins.

Measured until the engine's log says that its state is restored, and by what it says: starting takes some seconds, in
which a short restore would drown. An alert cannot be waited for: stock Faust may skip the events before its recovery.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import datetime

from comparison.ground import Ground
from comparison.job import leaving
from comparison.population import fill
from comparison.running import running

AFTER = "2026-06-01T00:10:00Z"
CUSTOMERS = 100_000
HOUR = 3_600
PER_CHECKPOINT = 100
LOOK_SECONDS = 0.05
FAUST_RESTORED = re.compile(r"\[(\S+ \S+)\][^\n]*Restoring state from.*\[(\S+ \S+)\][^\n]*Restore complete", re.DOTALL)

COLUMNS = {
    "engine": ("engine", ""),
    "changelog": ("changelog", ""),
    "customers": ("customers", ",d"),
    "records": ("records", ",d"),
    "seconds": ("seconds", ".2f"),
    "records_per_s": ("records/s", ",.0f"),
    "customers_per_s": ("customers/s", ",.0f"),
    "records_per_cpu_s": ("records/CPU s", ",.0f"),
    "memory_b_per_customer": ("memory B/customer", ",.0f"),
    "state_b": ("state B", ",.0f"),
}
CONTENTS = {"compacted": CUSTOMERS, "an hour": HOUR * PER_CHECKPOINT}  # records


@dataclass(kw_only=True)
class Restore:
    """A line of the table."""

    engine: str
    changelog: str
    customers: int
    records: int
    seconds: float
    records_per_s: float
    customers_per_s: float
    records_per_cpu_s: float
    memory_b_per_customer: float
    state_b: float


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What an engine had used when its state was restored."""

    seconds: float
    cpu: float
    memory: int


def begin(ground: Ground, customers: int, records: int) -> Begun:
    """Start an engine on a changelog with these and return what it took until it was restored."""
    asyncio.run(ground.create())
    asyncio.run(fill(ground, customers, records))
    asyncio.run(ground.produce([leaving(0, AFTER)]))
    with running(ground) as engine:
        while (seconds := said_seconds(ground.log())) is None:
            ground.must_run(engine.process)
            time.sleep(LOOK_SECONDS)
        return Begun(seconds=seconds, cpu=engine.cpu_seconds(), memory=engine.memory_bytes())


def said_seconds(log: str) -> float | None:
    """Return how long an engine itself says that it restored, None as long as it does not."""
    if found := re.findall(r"restore_seconds\W+([0-9.]+)", log):
        return float(found[-1])
    if found := FAUST_RESTORED.search(log):
        began, ended = (datetime.strptime(each, "%Y-%m-%d %H:%M:%S,%f") for each in found.groups())  # noqa: DTZ007
        return (ended - began).total_seconds()
    return None


def restore(name: str, place, said, customers: int = CUSTOMERS) -> list[Restore]:
    """Measure an engine; `place` makes a ground for it from a name."""
    said(f"{name}: an empty changelog …")
    empty = begin(place(f"{name}-empty"), customers, 0)
    found = []
    for what, records in CONTENTS.items():
        said(f"{name}: {records:,} changelog records ({what}) …")
        ground = place(f"{name}-{what.replace(' ', '-')}")
        full = begin(ground, customers, records)
        seconds = full.seconds
        found.append(
            Restore(
                engine=name,
                changelog=what,
                customers=customers,
                records=records,
                seconds=seconds,
                records_per_s=records / seconds,
                customers_per_s=customers / seconds,
                records_per_cpu_s=records / (full.cpu - empty.cpu),
                memory_b_per_customer=(full.memory - empty.memory) / customers,
                state_b=asyncio.run(ground.changelog_size()).bytes / records,
            )
        )
    return found
