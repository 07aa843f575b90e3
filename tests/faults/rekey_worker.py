"""The worker, but its stages that rekey rest, or die once with a transaction sent and not committed.

FAULTS_REKEY_RESTS=S: so many seconds after each fetch of 100 records. FAULTS_REKEY_DIES=N: kill -9 in a transaction
when so many records were written, once, which the file FAULTS_DIED remembers.
FAULTS_WITHOUT=committed: detect also reads what was written and never committed. FAULTS_WITHOUT=gate: it takes an
internal topic for ended where it ends, whatever stands in the source.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from stream_app.rekey import stage
from stream_app.workers import fetching, upstream
from tests.faults.worker import main


def rest(seconds: float) -> None:
    """Let a stage lag behind."""
    fetch, stage.AT_ONCE = stage._fetch, 100

    async def slow(*args: object) -> None:
        await fetch(*args)
        await asyncio.sleep(seconds)

    stage._fetch = slow


def die_after(records: int, died: Path) -> None:
    """Die once between what was written and the commit."""
    send, left = stage._send, [records]

    async def deadly(producer: object, ready: list) -> None:
        await send(producer, ready)
        left[0] -= len(ready)
        if left[0] <= 0 and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    stage._send = deadly


def without_committed() -> None:
    """Read everything."""
    create = fetching.ChunkThread._create_worker_consumer

    def reads_all(self: fetching.ChunkThread, transport: object) -> object:
        consumer = create(self, transport)
        consumer._isolation_level = "read_uncommitted"
        return consumer

    fetching.ChunkThread._create_worker_consumer = reads_all


def without_gate() -> None:
    """Ask only where the internal topic ends."""

    async def through(*_: object) -> bool:
        return True

    upstream.Upstream._is_through = through


if __name__ == "__main__":
    if seconds := float(os.environ.get("FAULTS_REKEY_RESTS", "0")):
        rest(seconds)
    if records := int(os.environ.get("FAULTS_REKEY_DIES", "0")):
        die_after(records, Path(os.environ["FAULTS_DIED"]))
    if guard := os.environ.get("FAULTS_WITHOUT", ""):
        {"committed": without_committed, "gate": without_gate}[guard]()
    sys.exit(main())
