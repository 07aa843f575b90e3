"""Workers, their broker and the way between them are hit one after another under load; then the verdict.

Also runs by itself: python -m tests.faults.harness --seed 7 --rounds 20 --workers 2 --store rocksdb --with kill stop
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median

from stream_app.testing import EmbeddedKafka
from tests.acceptance.naive import customer_of
from tests.acceptance.wire import CANCEL, D, H, Step, erase, view
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.injections import INJECTIONS, Fault, Stage, end, order_file
from tests.faults.processes import WorkerProcess
from tests.faults.proxy import Proxy, kafka_behind_a_proxy
from tests.faults.verdict import Verdict, verify

SECONDS = 20.0  # of load, at most, for each round: a busy machine takes its time
A_DAY = 533  # events
AWAITED = frozenset(Fault) - {Fault.KILL, Fault.STOP, Fault.POINT, Fault.CLOCK}  # those may strike a starting worker
SETTLES_IN = 10.0  # seconds, mostly
AGAIN_WITHIN = 60.0  # seconds at most, until every partition gets on


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is done to whom; everything random comes from the seed."""

    seed: int
    rounds: int = 4
    workers: int = 1
    store: str = "memory"
    faults: tuple[Fault, ...] = (Fault.KILL,)  # in turn
    lasts: float = 5.0  # seconds, of a fault that has a length
    per_second: int = 1_500
    settles: bool = False  # after each fault every partition has to get on before the next
    patience: float = 120.0
    module: str = "tests.faults.worker"

    @property
    def events(self) -> int:
        """How much is written, at most."""
        longer = self.settles or bool(AWAITED.intersection(self.faults))
        return int(self.rounds * self.per_second * (SECONDS + longer * (self.lasts + SETTLES_IN)))


@dataclass
class Report:
    """What happened, and the verdict."""

    plan: Plan
    verdict: Verdict = field(default_factory=Verdict)
    timeline: list[str] = field(default_factory=list)
    stops: list[tuple[int, float]] = field(default_factory=list)  # exit code and seconds of each SIGTERM
    by_themselves: list[int] = field(default_factory=list)  # exit codes of workers that nobody had stopped
    pauses: list[float] = field(default_factory=list)  # seconds from the end of a fault until every partition got on
    peaks: list[int] = field(default_factory=list)  # bytes of memory of each worker's last process
    begun: float = field(default_factory=time.monotonic)

    def note(self, text: str) -> None:
        """Put a line on the timeline."""
        self.timeline.append(f"{time.monotonic() - self.begun:6.1f} s  {text}")

    def __str__(self) -> str:
        """Return verdict, plan and timeline, and the figures that come of it."""
        figures = f"ended by themselves {self.by_themselves}, peaks {[peak // 2**20 for peak in self.peaks]} MiB"
        if self.pauses:
            figures += f", pauses p50 {median(self.pauses):.1f} s, longest {max(self.pauses):.1f} s"
        return "\n".join([f"{self.verdict}", f"{self.plan}", *self.timeline, figures])


class Chaos:
    """One run. Faults of the broker need the broker, those of the network the proxy through which workers see it."""

    def __init__(
        self, ground: Ground, plan: Plan, broker: EmbeddedKafka | None = None, proxy: Proxy | None = None
    ) -> None:
        self._ground = ground
        self._plan = plan
        self._rng = Random(plan.seed)
        self._report = Report(plan)
        self._way = {} if proxy is None else {"STREAM_APP_BOOTSTRAP_SERVERS": proxy.address}
        self._workers = [self._worker(number) for number in range(plan.workers)]
        self._stage = Stage(
            workers=self._workers,
            folder=ground.folder,
            rng=self._rng,
            note=self._report.note,
            stopped=self._stopped,
            rest=self._rest,
            broker=broker,
            proxy=proxy,
            lasts=plan.lasts,
        )

    def _worker(self, number: int) -> WorkerProcess:
        log_file = self._ground.folder / f"worker-{number}.log"
        return WorkerProcess(self._ground.environ(number, **self._drawn(log_file)), log_file, self._plan.module)

    def _drawn(self, log_file: Path) -> Mapping[str, str]:
        """Return what is particular to a worker."""
        interval = f"{self._rng.choice([0, 50, 200, 700])}ms"
        slow = {"FAULTS_SLOW": "100", "FAULTS_STATUS": str(log_file.with_suffix(".waiting"))}
        more = self._rng.choice([{}, slow]) | {"STREAM_APP_STORE": self._plan.store} | self._way
        more |= {"FAULTS_DIE_AFTER": str(order_file(self._ground.folder, log_file.stem))}
        more |= {"FAULTS_CLOCK": str(self._ground.folder / "clock")} if Fault.CLOCK in self._plan.faults else {}
        return more | {"STREAM_APP_CHECKPOINT_INTERVAL": interval}

    async def run(self) -> Report:
        """Produce, do the damage, wait until everything is committed, and judge."""
        await self._ground.create()
        steps, enough = self._steps(), asyncio.Event()
        parts = by_partition(steps, self._ground.partitions)
        load = asyncio.create_task(self._ground.produce(parts, self._plan.per_second, enough))
        try:
            stuck = await self._rounds(load, enough, _farewell(steps, self._ground.partitions))
        finally:
            load.cancel()
            for worker in self._workers:
                worker.kill()
        self._report.verdict = await self._judge()
        self._report.verdict.lost += stuck
        return self._report

    def _steps(self) -> list[Step]:
        events = self._plan.events
        return _long_gone() + history(self._plan.seed, events=events, span=D * events / A_DAY)

    async def _judge(self) -> Verdict:
        return await verify(self._ground)

    async def _rounds(self, load: asyncio.Task[None], enough: asyncio.Event, last: list[list[Step]]) -> list[str]:
        for worker in self._workers:
            worker.start()
        try:
            for number in range(self._plan.rounds):
                await self._strike(self._plan.faults[number % len(self._plan.faults)])
            self._report.note("all rounds done" if not load.done() else "all rounds done, the load had ended before")
            enough.set()
            await load
            await self._ground.produce(last)
            await self._catch_up()
        except TimeoutError as error:
            return [str(error)]
        self._report.note("caught up")
        self._report.peaks += [worker.peak_bytes() for worker in self._workers]
        for worker in self._workers:
            await end(self._stage, worker, signal.SIGTERM)
        return []

    async def _catch_up(self) -> None:
        await self._ground.idle(self._plan.patience, self._tend)

    async def _strike(self, fault: Fault) -> None:
        if fault in AWAITED or self._rng.random() < 0.7:  # at work, else perhaps while it starts
            await self._ground.progress(self._plan.patience, self._tend)
        await self._rest(self._rng.uniform(0, 3))
        await INJECTIONS[fault](self._stage)
        if fault in AWAITED or self._plan.settles:
            over = time.monotonic()
            await self._ground.progress_everywhere(AGAIN_WITHIN, self._tend)
            self._report.pauses.append(time.monotonic() - over)
            self._report.note(f"every partition gets on after {self._report.pauses[-1]:.1f} s")

    async def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(0.1)
            self._tend()

    def _stopped(self, worker: WorkerProcess, how: signal.Signals, ended: tuple[int, float]) -> None:
        self._report.note(f"{how.name} to {worker.log_file.stem}: exit {ended[0]} after {ended[1]:.1f} s")
        if how is not signal.SIGKILL:
            self._report.stops.append(ended)

    def _tend(self) -> None:
        """Start again who ended without having been asked to, as a process manager does."""
        for worker in self._workers:
            if worker not in self._stage.down and (code := worker.exit_code) is not None:
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


async def _main(plan: Plan, partitions: int) -> bool:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kafka, proxy = await stack.enter_async_context(kafka_behind_a_proxy())
        ground = Ground(kafka.bootstrap_servers, folder, "chaos", partitions)
        report = await Chaos(ground, plan, kafka, proxy).run()
        sys.stdout.write(f"{report}\n")
        if not report.verdict.clean or report.by_themselves:
            for log in sorted(folder.glob("*.log")):
                sys.stdout.write(f"--- {log.name}\n{log.read_text(errors='replace')[-6000:]}\n")
        return report.verdict.clean


def main() -> int:
    """Run one plan from the command line; 0 if nothing is amiss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--store", choices=("memory", "rocksdb"), default="memory")
    parser.add_argument("--with", dest="faults", nargs="+", type=Fault, choices=list(Fault), default=[Fault.KILL])
    parser.add_argument("--lasts", type=float, default=5.0)
    parser.add_argument("--per-second", type=int, default=1_500)
    parser.add_argument("--patience", type=float, default=120.0)
    parser.add_argument("--module", default="tests.faults.worker")
    options = vars(parser.parse_args())
    partitions = options.pop("partitions")
    plan = Plan(**{**options, "faults": tuple(options["faults"])})
    return 0 if asyncio.run(_main(plan, partitions)) else 1


if __name__ == "__main__":
    sys.exit(main())
