"""A standby copy takes over where it stands: after a kill the changelog is not read from its beginning again."""

import asyncio
import signal

import pytest

from tests.acceptance.naive import customer_of
from tests.faults.cases import tail, until, worker
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka

BEGINS = "state is restored, work begins"
WAS_READ = "state was read from the changelog"


def begun(process: WorkerProcess) -> list[list[int]]:
    """Return with which partitions a worker began to work, each time."""
    return [line["partitions"] for line in process.log() if line["event"] == BEGINS]


def records_read(process: WorkerProcess) -> int:
    """Return how many records of the changelog a worker read while its partitions waited."""
    return sum(line["records"] for line in process.log() if line["event"] == WAS_READ)


@pytest.mark.parametrize("store", ["memory", pytest.param("rocksdb", marks=pytest.mark.faults)])
async def test_the_standby_takes_over(ground: Ground, store: str) -> None:
    await ground.create()
    steps = [step for step in history(9, events=6_000, customers=600) if customer_of(step[1])]
    parts, more = (
        by_partition(steps, ground.partitions),
        {"STREAM_APP_STORE": store, "STREAM_APP_STANDBY_REPLICAS": "1"},
    )
    with worker(ground, number=0, **more) as first, worker(ground, number=1, **more) as second:
        for process in (first, second):
            process.start()
        await until(lambda: any(len(held) == 2 for held in begun(second)), "the second gets no partitions")
        await ground.produce([part[: len(part) * 3 // 4] for part in parts])
        await ground.idle()
        before = records_read(second)
        await asyncio.to_thread(first.end, signal.SIGKILL)
        await until(lambda: len(begun(second)[-1]) == ground.partitions, "the second does not take over")
        read = records_read(second) - before
        await ground.produce([part[len(part) * 3 // 4 :] for part in parts])
        await ground.idle()
        await asyncio.to_thread(second.end, signal.SIGTERM)
    written = sum(map(len, (await ground.read([ground.changelog])).values()))
    verdict = await verify(ground)
    print(f"{verdict}; of {written} records of the changelog the standby read {read} when it took over")
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
    assert read < written // 10, tail(ground.folder)
