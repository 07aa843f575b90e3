"""The worker as it is, but where a test asks for it slower, or dead at a certain step.

FAULTS_SLOW=N: judge N events, then rest 50 ms, and write to the file FAULTS_STATUS how many events wait in each lane.
FAULTS_DIE_AT=N: commit nothing until N records could be committed, then die instead (SIGKILL); once, which the file
FAULTS_DIED remembers. By then alerts, changelog and store are written.
FAULTS_SLOW_SEEK=S: rest so many seconds after the seek that follows a recovery, agents too; then make the file
FAULTS_SOUGHT.
FAULTS_DIE_AFTER: a file that says "point times", see `odd_worker`; it is read once and goes.
FAULTS_CLOCK: a file that says how many seconds the clock is off. FAULTS_RAISE: the customer for whom all rules raise.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from mode.utils.queues import ThrowableQueue

from stream_app.settings import Source
from stream_app.workers import detector, faust_parts
from stream_app.workers.detect import run
from tests.faults import odd_worker

REST = 0.05


def slow_down(events: int, status: Path) -> None:
    """Let the detector judge so many events at a time and say what waits."""
    detector.SLICE = events
    as_it_is = detector.Detector._round

    async def slow_round(self: detector.Detector) -> None:
        await as_it_is(self)
        lanes = [lane for partition in self._partitions.values() for lane in partition.lanes]
        unfinished = status.with_suffix(".new")
        unfinished.write_text(json.dumps({f"{lane.tp.topic}/{lane.tp.partition}": len(lane.waiting) for lane in lanes}))
        unfinished.replace(status)
        await asyncio.sleep(REST)

    detector.Detector._round = slow_round


def die_before_commit(records: int, died: Path) -> None:
    """Die once between the store and the commit."""
    as_it_is = faust_parts.ChunkConsumer.commit

    async def deadly_commit(self: faust_parts.ChunkConsumer, *args: object, **more: object) -> bool:
        if died.exists():
            return await as_it_is(self, *args, **more)
        if sum(self.committable.values()) >= records:
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    faust_parts.ChunkConsumer.commit = deadly_commit


def slow_seek(seconds: float, sought: Path) -> None:
    """Let time pass between the seek after a recovery and what Faust does next, in which agents do not get on."""
    seek, empty, resting = faust_parts.ChunkConsumer.perform_seek, ThrowableQueue.empty, list[bool]()

    async def slow(self: faust_parts.ChunkConsumer) -> None:
        resting.append(True)
        await seek(self)
        await asyncio.sleep(seconds)
        resting.clear()
        sought.touch()

    faust_parts.ChunkConsumer.perform_seek = slow
    ThrowableQueue.empty = lambda self: bool(resting) or empty(self)


def main() -> int:
    """Run the worker; return its exit code."""
    asked = os.environ
    if events := int(asked.get("FAULTS_SLOW", "0")):
        slow_down(events, Path(asked["FAULTS_STATUS"]))
    if records := int(asked.get("FAULTS_DIE_AT", "0")):
        die_before_commit(records, Path(asked["FAULTS_DIED"]))
    if seconds := float(asked.get("FAULTS_SLOW_SEEK", "0")):
        slow_seek(seconds, Path(asked["FAULTS_SOUGHT"]))
    if customer := asked.get("FAULTS_RAISE"):
        odd_worker.rules_that_raise(customer)
    if clock := asked.get("FAULTS_CLOCK"):
        odd_worker.other_clock(Path(clock))
    if (order := Path(asked.get("FAULTS_DIE_AFTER", ""))).is_file():
        point, times = order.read_text().split()
        order.unlink()
        odd_worker.die_after(point, int(times))
    source = Source()
    return run(source.load(), source=source, ticks=False)  # the histories are of another time


if __name__ == "__main__":
    sys.exit(main())
