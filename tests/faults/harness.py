"""Workers are killed and stopped at random under load; then the verdict. Also runs by itself:

python -m tests.faults.harness --seed 7 --rounds 20 --workers 2 --store rocksdb --with kill
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from stream_app.testing import EmbeddedKafka
from tests.acceptance.naive import customer_of
from tests.acceptance.wire import CANCEL, D, H, Step, erase, view
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import Verdict, verify

EVENTS = 8_000  # at most, for each round
PER_SECOND = 1_500


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is done to whom; everything random comes from the seed."""

    seed: int
    rounds: int = 4
    workers: int = 1
    store: str = "memory"
    how: tuple[signal.Signals, ...] = (signal.SIGKILL,)
    patience: float = 120.0
    module: str = "tests.faults.worker"


@dataclass
class Report:
    """What happened, and the verdict."""

    plan: Plan
    verdict: Verdict = field(default_factory=Verdict)
    timeline: list[str] = field(default_factory=list)
    stops: list[tuple[int, float]] = field(default_factory=list)  # exit code and seconds of each SIGTERM
    by_themselves: list[int] = field(default_factory=list)  # exit codes of workers that nobody had stopped
    begun: float = field(default_factory=time.monotonic)

    def note(self, text: str) -> None:
        """Put a line on the timeline."""
        self.timeline.append(f"{time.monotonic() - self.begun:6.1f} s  {text}")

    def __str__(self) -> str:
        """Return verdict, plan and timeline."""
        return "\n".join([f"{self.verdict}", f"{self.plan}", *self.timeline])


class Chaos:
    """One run; with `broker` it is the broker that is killed."""

    def __init__(self, ground: Ground, plan: Plan, broker: EmbeddedKafka | None = None) -> None:
        self._ground = ground
        self._broker = broker
        self._plan = plan
        self._rng = Random(plan.seed)
        self._report = Report(plan)
        self._workers = [self._worker(number) for number in range(plan.workers)]
        self._down: set[WorkerProcess] = set()  # on purpose

    def _worker(self, number: int) -> WorkerProcess:
        interval = f"{self._rng.choice([0, 50, 200, 700])}ms"
        slow = {"FAULTS_SLOW": "100", "FAULTS_STATUS": str(self._ground.folder / f"waiting-{number}")}
        more = self._rng.choice([{}, slow]) | {"STREAM_APP_STORE": self._plan.store}
        more |= {"STREAM_APP_CHECKPOINT_INTERVAL": interval}
        log_file = self._ground.folder / f"worker-{number}.log"
        return WorkerProcess(self._ground.environ(number, **more), log_file, self._plan.module)

    async def run(self) -> Report:
        """Produce, do the damage, wait until everything is committed, and judge."""
        await self._ground.create()
        steps, enough = _long_gone() + history(self._plan.seed, events=EVENTS * self._plan.rounds), asyncio.Event()
        parts = by_partition(steps, self._ground.partitions)
        load = asyncio.create_task(self._ground.produce(parts, PER_SECOND, enough))
        try:
            stuck = await self._rounds(load, enough, _farewell(steps, self._ground.partitions))
        finally:
            load.cancel()
            for worker in self._workers:
                worker.kill()
        self._report.verdict = await verify(self._ground)
        self._report.verdict.lost += stuck
        return self._report

    async def _rounds(self, load: asyncio.Task[None], enough: asyncio.Event, last: list[list[Step]]) -> list[str]:
        for worker in self._workers:
            worker.start()
        try:
            for number in range(self._plan.rounds):
                if self._broker is None:
                    await self._damage(self._rng.choice(self._workers), self._plan.how[number % len(self._plan.how)])
                else:
                    await self._damage_broker(self._broker)
            self._report.note("all rounds done" if not load.done() else "all rounds done, the load had ended before")
            enough.set()
            await load
            await self._ground.produce(last)
            await self._ground.idle(self._plan.patience, self._tend)
        except TimeoutError as error:
            return [str(error)]
        self._report.note("caught up")
        for worker in self._workers:
            await asyncio.to_thread(self._stop, worker, signal.SIGTERM)
        return []

    async def _damage(self, worker: WorkerProcess, how: signal.Signals) -> None:
        if self._rng.random() < 0.7:  # at work, else perhaps while it starts
            await self._ground.progress(self._plan.patience, self._tend)
        await self._rest(self._rng.uniform(0, 3))
        self._down.add(worker)
        await asyncio.to_thread(self._stop, worker, how)
        await self._rest(self._rng.uniform(0, 1.5))
        worker.start()
        self._down.clear()

    async def _damage_broker(self, broker: EmbeddedKafka) -> None:
        await self._ground.progress(self._plan.patience, self._tend)
        await self._rest(self._rng.uniform(0, 2))
        await asyncio.to_thread(broker.kill)
        self._report.note("broker killed")
        await self._rest(self._rng.uniform(0, 4))
        await asyncio.to_thread(broker.start)
        self._report.note("broker started again")

    async def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(0.1)
            self._tend()

    def _stop(self, worker: WorkerProcess, how: signal.Signals) -> None:
        if worker.exit_code is not None:
            return
        ended = worker.end(how)
        self._report.note(f"{how.name} to {worker.log_file.stem}: exit {ended[0]} after {ended[1]:.1f} s")
        if how is not signal.SIGKILL:
            self._report.stops.append(ended)

    def _tend(self) -> None:
        """Start again who ended without having been asked to, as a process manager does."""
        for worker in self._workers:
            if worker not in self._down and (code := worker.exit_code) is not None:
                self._report.by_themselves.append(code)
                self._report.note(f"{worker.log_file.stem} ended by itself: exit {code}")
                worker.start()


def _farewell(steps: list[Step], partitions: int) -> list[list[Step]]:
    """Return tombstones of some customers of the first partition, after everything.

    They are as young as their records: a partition that has one may forget everybody else.
    """
    customers = sorted({customer_of(record) for _, record in steps} - {""})
    first, *others = by_partition([erase(timedelta(0), customer) for customer in customers[::5]], partitions)
    return [first, *([] for _ in others)]


def _long_gone() -> list[Step]:
    """Return views of customers who are forgotten one after the other while the others are there."""
    return [view(f"gone-{i}", i * 2 * H - 400 * D, CANCEL, f"gone-{i}") for i in range(100)]


async def _main(plan: Plan) -> bool:
    from tests.kafka_fixtures import BROKER

    with tempfile.TemporaryDirectory() as folder, EmbeddedKafka(settings=BROKER) as kafka:
        ground = Ground(kafka.bootstrap_servers, Path(folder), "chaos")
        report = await Chaos(ground, plan, None if plan.how else kafka).run()
        sys.stdout.write(f"{report}\n")
        if not report.verdict.clean or report.by_themselves:
            for log in sorted(Path(folder).glob("*.log")):
                sys.stdout.write(f"--- {log.name}\n{log.read_text(errors='replace')[-6000:]}\n")
        return report.verdict.clean


def main() -> int:
    """Run one plan from the command line; 0 if nothing is amiss."""
    words = {"kill": (signal.SIGKILL,), "stop": (signal.SIGTERM,), "both": (signal.SIGKILL, signal.SIGTERM)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--store", choices=("memory", "rocksdb"), default="memory")
    parser.add_argument("--with", dest="how", choices=(*words, "broker"), default="both")
    parser.add_argument("--patience", type=float, default=120.0)
    parser.add_argument("--module", default="tests.faults.worker")
    options = vars(parser.parse_args())
    plan = Plan(**{**options, "how": words.get(options["how"], ())})
    return 0 if asyncio.run(_main(plan)) else 1


if __name__ == "__main__":
    sys.exit(main())
