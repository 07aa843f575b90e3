"""What can be done to workers, their broker and the way between them; each returns when it is over."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle
from pathlib import Path
from random import Random

from stream_app.testing import EmbeddedKafka
from tests.faults.odd_worker import POINTS
from tests.faults.processes import WorkerProcess
from tests.faults.proxy import Proxy

OK = 200
NOTICED_WITHIN = 30.0  # seconds


class Fault(StrEnum):
    """What is done; the word is the command line's too."""

    KILL = "kill"
    STOP = "stop"
    POINT = "point"  # killed at a named point
    CLOCK = "clock"  # the workers' clocks jump, to and fro
    BROKER_KILL = "broker-kill"
    BROKER_STOP = "broker-stop"
    BROKER_PAUSE = "broker-pause"
    STALL = "stall"
    SLOW = "slow"
    CUT = "cut"
    HALF_OPEN = "half-open"


@dataclass
class Stage:
    """Who can be hit, by what chance, for how long, and what is said of it."""

    workers: list[WorkerProcess]
    folder: Path
    rng: Random
    note: Callable[[str], None]
    stopped: Callable[[WorkerProcess, signal.Signals, tuple[int, float]], None]
    rest: Callable[[float], Awaitable[None]]
    broker: EmbeddedKafka | None = None
    proxy: Proxy | None = None
    lasts: float = 5.0  # seconds, of what has a length
    down: set[WorkerProcess] = field(default_factory=set)  # on purpose
    points: Iterator[str] = field(default_factory=lambda: cycle(POINTS))


async def end(stage: Stage, worker: WorkerProcess, how: signal.Signals) -> None:
    """End a worker that runs."""
    if worker.exit_code is None:
        stage.stopped(worker, how, await asyncio.to_thread(worker.end, how))


def order_file(folder: Path, worker: str) -> Path:
    """Return where a worker is told at which point to die."""
    return folder / f"die-{worker}"


async def _kill(stage: Stage) -> None:
    await _end_and_start(stage, signal.SIGKILL)


async def _stop(stage: Stage) -> None:
    await _end_and_start(stage, signal.SIGTERM)


async def _end_and_start(stage: Stage, how: signal.Signals) -> None:
    worker = stage.rng.choice(stage.workers)
    stage.down.add(worker)
    await end(stage, worker, how)
    await stage.rest(stage.rng.uniform(0, 1.5))
    worker.start()
    stage.down.clear()


async def _point(stage: Stage) -> None:
    """Start a worker again that dies at the next of the points, and then once more."""
    worker, point, times = stage.rng.choice(stage.workers), next(stage.points), stage.rng.randint(1, 8)
    stage.down.add(worker)
    await end(stage, worker, signal.SIGKILL)
    order_file(stage.folder, worker.log_file.stem).write_text(f"{point} {times}")
    worker.start()
    code = await asyncio.to_thread(worker.wait, 60.0)
    assert -signal.SIGKILL == code, f"{worker.log_file.stem} ended otherwise: {code}"
    stage.note(f"{worker.log_file.stem} died after {point!r} for the {times}. time")
    worker.start()
    stage.down.clear()


async def _clock(stage: Stage) -> None:
    hours = stage.rng.choice([-26, -1, 1, 26])
    (stage.folder / "clock").write_text(str(hours * 3_600))
    stage.note(f"clocks are {hours:+} h off")


async def _broker_kill(stage: Stage) -> None:
    await _broker_gone(stage, stage.broker.kill, "killed")


async def _broker_stop(stage: Stage) -> None:
    await _broker_gone(stage, stage.broker.stop, "stopped")


async def _broker_gone(stage: Stage, go: Callable[[], None], word: str) -> None:
    await asyncio.to_thread(go)
    stage.note(f"broker {word}")
    await (_noticed(stage) if stage.rng.random() < 0.5 else stage.rest(stage.rng.uniform(0, 4)))
    await asyncio.to_thread(stage.broker.start)
    stage.note("broker started again")


async def _noticed(stage: Stage) -> None:
    """Return when every worker that runs says that it is alive and not ready, or has ended."""
    for worker in stage.workers:
        deadline = time.monotonic() + NOTICED_WITHIN
        while (await asyncio.to_thread(worker.page, "readyz"))[0] == OK:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{worker.log_file.stem} says that it is ready, without a broker")
            await stage.rest(0.2)
        alive = (await asyncio.to_thread(worker.page, "livez"))[0]
        stage.note(f"{worker.log_file.stem} is {'alive and not ready' if alive == OK else 'gone'}")


async def _broker_pause(stage: Stage) -> None:
    stage.broker.pause()
    try:
        await stage.rest(stage.lasts)
    finally:
        stage.broker.resume()
    stage.note(f"broker frozen for {stage.lasts:g} s")


async def _stall(stage: Stage) -> None:
    stage.proxy.stall()
    try:
        await stage.rest(stage.lasts)
    finally:
        stage.proxy.flow()
    stage.note(f"network stalled for {stage.lasts:g} s")


async def _slow(stage: Stage) -> None:
    stage.proxy.delay = 0.5
    try:
        await stage.rest(stage.lasts)
    finally:
        stage.proxy.delay = 0.0
    stage.note(f"network slow for {stage.lasts:g} s: half a second each way")


async def _cut(stage: Stage) -> None:
    stage.note(f"{stage.proxy.cut()} connections reset")


async def _half_open(stage: Stage) -> None:
    stage.note(f"{stage.proxy.half_open()} connections half open")


INJECTIONS: dict[Fault, Callable[[Stage], Awaitable[None]]] = {
    Fault.KILL: _kill,
    Fault.STOP: _stop,
    Fault.POINT: _point,
    Fault.CLOCK: _clock,
    Fault.BROKER_KILL: _broker_kill,
    Fault.BROKER_STOP: _broker_stop,
    Fault.BROKER_PAUSE: _broker_pause,
    Fault.STALL: _stall,
    Fault.SLOW: _slow,
    Fault.CUT: _cut,
    Fault.HALF_OPEN: _half_open,
}
