"""Hours under load with a kill in each lap: after each lap the verdict, and what the workers hold by then."""

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import linear_regression
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from tests.acceptance.wire import D
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.processes import WorkerProcess
from tests.faults.truth import Judge
from tests.faults.verdict import Verdict, compare, topics_of

LAP = 180.0  # seconds of load, with one kill in it
YEARS = 600 * D  # what all laps together tell of: from the start of histories nearly to today
WARM_UP = 1 / 3  # of the laps, after which memory must not grow
HOUR = 3_600.0


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a worker holds at the end of a lap, with nothing to do."""

    at: float  # seconds of load since the beginning
    resident: int  # bytes
    files: int


@dataclass
class Soaked:
    """What came of it."""

    verdicts: list[Verdict] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)  # of the worker that is never killed
    timeline: list[str] = field(default_factory=list)

    @property
    def steady(self) -> list[Sample]:
        """The samples after the warm-up."""
        return self.samples[int(len(self.samples) * WARM_UP) :]

    @property
    def growth(self) -> float:
        """Bytes an hour by which memory grows after the warm-up."""
        steady = self.steady
        return linear_regression([one.at / HOUR for one in steady], [one.resident for one in steady]).slope

    def __str__(self) -> str:
        """Return all of it, lap by lap."""
        files = [one.files for one in self.samples]
        return "\n".join([*self.timeline, f"memory {self.growth / 2**20:+.2f} MiB an hour, open files {files}"])


class Soak:
    """Two workers, of which one is killed in the middle of each lap and the other never."""

    def __init__(self, ground: Ground, seed: int, seconds: float, per_second: int) -> None:
        self._ground = ground
        self._seed = seed
        self._per_second = per_second
        self._laps = max(3, round(seconds / LAP))
        self._lap_seconds = seconds / self._laps
        self._judge = Judge(ground)
        self._read: dict[TopicPartition, int] = {}
        self._kept: dict[TopicPartition, dict[Any, ConsumerRecord]] = {}  # the changelog, compacted
        self._soaked = Soaked()
        self._workers = [
            WorkerProcess(ground.environ(number), ground.folder / f"worker-{number}.log") for number in range(2)
        ]

    async def run(self) -> Soaked:
        """Run all laps."""
        await self._ground.create()
        for worker in self._workers:
            worker.start()
        try:
            for lap in range(self._laps):
                await self._lap(lap)
        finally:
            for worker in self._workers:
                worker.kill()
        return self._soaked

    async def _lap(self, lap: int) -> None:
        begun, killed = time.monotonic(), self._workers[1]
        load = asyncio.create_task(self._ground.produce(self._steps(lap), self._per_second))
        await asyncio.sleep(self._lap_seconds / 2)
        await asyncio.to_thread(killed.end, signal.SIGKILL)
        killed.start()
        await load
        loaded = time.monotonic() - begun
        await self._ground.idle()
        caught_up = time.monotonic() - begun - loaded
        verdict = await self._verdict()
        self._note(lap, loaded, caught_up, verdict)

    def _steps(self, lap: int) -> Sequence[Sequence[Any]]:
        """Return the lap's steps, all after those of the laps before."""
        span = YEARS / self._laps
        events = int(self._per_second * self._lap_seconds)
        steps = history(self._seed + lap, events=events, span=span * 0.9, begin=span * lap, prefix=f"lap{lap}-")
        return by_partition(steps, self._ground.partitions)

    async def _verdict(self) -> Verdict:
        """Judge what is new, and the state that is kept by now."""
        found = await self._ground.read(topics_of(self._ground), self._read)
        for place, records in found.items():
            if records:
                self._read[place] = records[-1].offset + 1
            if place.topic == self._ground.changelog:
                kept = self._kept.setdefault(place, {})
                kept.update((record.key, record) for record in records)
                found[place] = list(kept.values())
        return compare(self._ground, self._judge.take(found), found)

    def _note(self, lap: int, loaded: float, caught_up: float, verdict: Verdict) -> None:
        survivor = self._workers[0]
        assert survivor.exit_code is None, survivor.log_tail()
        before = self._soaked.samples[-1].at if self._soaked.samples else 0.0
        sample = Sample(at=before + loaded, resident=survivor.resident_bytes(), files=survivor.open_files())
        self._soaked.verdicts.append(verdict)
        self._soaked.samples.append(sample)
        line = f"lap {lap}: {loaded:.0f} s of load, caught up in {caught_up:.1f} s, {sample.resident / 2**20:.1f} MiB"
        self._soaked.timeline.append(f"{line}, {sample.files} files, {verdict}")
        print(self._soaked.timeline[-1], flush=True)
