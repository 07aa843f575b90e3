"""A worker that was asleep wakes between making sure that it owns a partition and writing: nothing comes of it."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from stream_app.workers.detector import EXIT_REPLAY
from tests.acceptance.naive import customer_of
from tests.acceptance.wire import Step
from tests.faults.cases import tail, until
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import Verdict, verify

pytestmark = pytest.mark.kafka

PUT_RIGHT = "another worker wrote state that is not its own, put right"


@contextmanager
def worker(ground: Ground, number: int, **more: str) -> Iterator[WorkerProcess]:
    """Yield a worker that may become a zombie, not yet started."""
    environ = ground.environ(number, FAULTS_STOP_AT=str(ground.folder / f"stop-{number}"), **more)
    process = WorkerProcess(environ, ground.folder / f"worker-{number}.log", "tests.faults.zombie_worker")
    try:
        yield process
    finally:
        process.kill()


def is_asleep(process: WorkerProcess) -> bool:
    """Return whether a process is stopped."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


class Zombie:
    """The first worker falls asleep, the second takes over, the first wakes; then the second is killed, or goes on."""

    def __init__(self, ground: Ground, *, without: str = "", store: str = "memory", killed: bool = True) -> None:
        self._ground = replace(ground, partitions=1)
        self._more = {"FAULTS_WITHOUT": without, "STREAM_APP_STORE": store}
        self._killed = killed
        self.exit_code: int | None = None
        self.put_right = 0

    async def run(self) -> Verdict:
        """Play it and judge."""
        ground, parts = self._ground, _parts()
        await ground.create()
        with worker(ground, 0, **self._more) as first, worker(ground, 1, **self._more) as second:
            first.start()
            await ground.produce([parts[0]])
            await ground.idle()
            (ground.folder / "stop-0").touch()
            await ground.produce([parts[1]])
            await until(lambda: is_asleep(first), "the worker does not fall asleep")
            second.start()
            await ground.produce([parts[2]])
            await ground.idle()
            os.kill(first.pid, signal.SIGCONT)
            self.exit_code = await asyncio.to_thread(first.wait)
            if self._killed:
                await asyncio.to_thread(second.end, signal.SIGKILL)
                second.start()
            for steps in (parts[3][:1], parts[3][1:]):  # first less than the zombie has written over
                await ground.produce([steps])
                await ground.idle()
            await asyncio.to_thread(second.end, signal.SIGTERM)
            self.put_right = sum(line["keys"] for line in second.log() if line["event"] == PUT_RIGHT)
        return await verify(ground)


def _parts() -> list[list[Step]]:
    """Return four stretches of the history of a few customers."""
    steps = by_partition([step for step in history(7, events=2_000, customers=12) if customer_of(step[1])], 1)[0]
    return [steps[:500], steps[500:800], steps[800:1_500], steps[1_500:]]


@pytest.mark.parametrize(
    ("store", "killed"),
    [
        ("memory", True),
        pytest.param("rocksdb", True, marks=pytest.mark.faults),
        pytest.param("memory", False, marks=pytest.mark.faults),
    ],
)
async def test_what_a_zombie_writes_does_not_count(ground: Ground, store: str, killed: bool) -> None:
    """The owner puts it right, as soon as it writes or is restored; the zombie ends as soon as it notices."""
    case = Zombie(ground, store=store, killed=killed)
    verdict = await case.run()
    print(f"{verdict}; the zombie's exit {case.exit_code}, records put right {case.put_right}")
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
    assert case.exit_code == EXIT_REPLAY
    assert case.put_right > 0
    assert "OwnershipLost" in (ground.folder / "worker-0.log").read_text()


@pytest.mark.faults
async def test_without_terms_the_zombie_wins(ground: Ground) -> None:
    verdict = await Zombie(ground, without="terms,looking").run()
    assert verdict.wrong, f"{verdict}\n{tail(ground.folder)}"
