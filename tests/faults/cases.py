"""Faults at a certain moment: the same case with all guards must end clean, and without its guard must not."""

import asyncio
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.naive import customer_of
from tests.acceptance.wire import CANCEL, PRICE, D, H, M, S, Step, buy, view
from tests.faults.ground import Ground, raw
from tests.faults.history import history
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import Verdict, verify

PATIENCE = 90.0


@contextmanager
def worker(ground: Ground, without: str = "", number: int = 0, **more: str) -> Iterator[WorkerProcess]:
    """Yield a worker, not yet started, that does not outlive the block; `without` names guards to take out."""
    module = "tests.faults.worker_without" if without else "tests.faults.worker"
    environ = ground.environ(number, **more) | {"FAULTS_WITHOUT": without}
    process = WorkerProcess(environ, ground.folder / f"worker-{number}.log", module)
    try:
        yield process
    finally:
        process.kill()


async def until(holds: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Return when something holds; TimeoutError if it does not in time."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        await asyncio.sleep(0.05)


async def write(ground: Ground, steps: list[Step]) -> None:
    """Write steps as fast as it goes: for topics that nobody reads meanwhile."""
    await ground.write((topic, *raw(record)) for topic, record in steps)


async def killed_before_the_commit(ground: Ground, without: str = "", store: str = "memory") -> Verdict:
    """Everything is durable but the commit; hot customers have more events in it than ids are remembered."""
    await ground.create()
    steps = history(3, events=3_000, customers=3)
    await write(ground, [step for step in steps if customer_of(step[1])])
    deadly = {"FAULTS_DIE_AT": "1500", "FAULTS_DIED": str(ground.folder / "died"), "STREAM_APP_STORE": store}
    with worker(ground, without, **deadly) as process:
        process.start()
        assert await asyncio.to_thread(process.wait, PATIENCE) == -signal.SIGKILL
        process.start()
        await ground.idle()
    return await verify(ground)


class HeldBack:
    """Purchases that lie after all page views wait in the worker while those are judged, slowly."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._status = ground.folder / "status"
        self.waiting: dict[str, int] = {}  # at the time of the fault, by topic
        self.committed: dict[str, int] = {}
        self.exit_code = 0

    async def run(self, how: signal.Signals, without: str = "", store: str = "memory") -> Verdict:
        """Stop the worker at that time, start it again, and judge."""
        await self._ground.create()
        await write(self._ground, _views_then_purchases())
        slow = {"FAULTS_SLOW": "20", "FAULTS_STATUS": str(self._status), "STREAM_APP_STORE": store}
        with worker(self._ground, without, **slow) as process:
            process.start()
            await until(self._is_held_back, "nothing was held back")
            async with asyncio.timeout(PATIENCE):
                while (await self._by_topic())["page-views"] == 0:
                    await asyncio.sleep(0.1)
            self.waiting, self.committed = self._now_waiting(), await self._by_topic()
            self.exit_code, _ = await asyncio.to_thread(process.end, how)
        with worker(self._ground, without, STREAM_APP_STORE=store) as process:
            process.start()
            await self._ground.idle()
        return await verify(self._ground)

    def _now_waiting(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for place, count in (json.loads(self._status.read_text()) if self._status.exists() else {}).items():
            topic = place.split("/")[0].removeprefix(f"{self._ground.name}.")
            found[topic] = found.get(topic, 0) + count
        return found

    def _is_held_back(self) -> bool:
        waiting = self._now_waiting()
        return waiting.get("purchases", 0) > 0 and waiting.get("page-views", 0) > 0

    async def _by_topic(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for place, offset in (await self._ground.committed()).items():
            topic = place.topic.removeprefix(f"{self._ground.name}.")
            found[topic] = found.get(topic, 0) + offset
        return found


def _views_then_purchases(customers: int = 40) -> list[Step]:
    views = [view(f"v{i}", i * M, CANCEL if i % 7 else PRICE, f"c{i % customers}") for i in range(8_000)]
    later = 20 * D
    bought = [buy(f"b{i}", later + i * S, "100", f"c{i % customers}") for i in range(400)]
    return [*bought, *views, *[view(f"w{i}", later + H, PRICE, f"c{i}") for i in range(customers)]]


async def recovered_with_a_slow_seek(ground: Ground, without: str = "") -> tuple[Verdict, int | None]:
    """After a recovery time passes between the seek and what Faust does next; return the verdict and the exit code."""
    await ground.create()
    steps = [step for step in history(5, events=6_000) if customer_of(step[1])]
    await write(ground, steps[:1_000])
    with worker(ground) as process:
        process.start()
        await ground.idle()
        await asyncio.to_thread(process.end, signal.SIGTERM)
    await write(ground, steps[1_000:4_000])
    sought = ground.folder / "sought"
    with worker(ground, without, FAULTS_SLOW_SEEK="2", FAULTS_SOUGHT=str(sought)) as process:
        process.start()
        await until(lambda: sought.exists() or process.exit_code is not None, "never sought")
        await write(ground, steps[4_000:])
        stuck = await _idle_or_ended(ground, process)
        code = process.exit_code
    verdict = await verify(ground)
    verdict.lost += stuck
    return verdict, code


async def _idle_or_ended(ground: Ground, process: WorkerProcess, patience: float = 30.0) -> list[str]:
    def alive() -> None:
        if process.exit_code is not None:
            raise TimeoutError(f"the worker ended: {process.exit_code}")

    try:
        await ground.idle(patience, alive)
    except TimeoutError as error:
        return [str(error)]
    return []


def tail(folder: Path) -> str:
    """Return the ends of all workers' logs, for the message of a failed test."""
    return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in folder.glob("*.log"))
