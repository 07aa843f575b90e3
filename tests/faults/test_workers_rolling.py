"""A rolling restart: one worker after the other is stopped and started under traffic.

The test prints how long each partition stood still at most: from one commit that tells of progress to the next.
"""

import asyncio
import signal
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain

import pytest

from tests.faults.cases import tail, until, worker
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.owners import held, owned, twice
from tests.faults.pauses import commits, longest
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import verify

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

PARTITIONS = 6
EVENTS = 40_000  # at most: until all are restarted
PER_SECOND = 300


@pytest.mark.parametrize(("count", "store"), [(2, "rocksdb"), (3, "memory")])
async def test_a_rolling_restart_loses_nothing_and_no_partition_is_held_twice(
    ground: Ground, count: int, store: str
) -> None:
    """Every worker ends well, every partition gets on after each restart, and each has one owner in the end."""
    ground = replace(ground, partitions=PARTITIONS)
    await ground.create()
    parts, enough = by_partition(history(23, events=EVENTS), PARTITIONS), asyncio.Event()
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(ground, number=n, STREAM_APP_STORE=store)) for n in range(count)]
        for one in workers:
            one.start()
        await until(lambda: spread(workers) == [PARTITIONS // count] * count, tail(ground.folder))
        load = asyncio.create_task(ground.produce(parts, PER_SECOND, enough))
        try:
            await ground.progress()
            begun = time.time()
            codes = [await restarted(ground, one, workers) for one in workers]
        finally:
            enough.set()
            await load
        await ground.idle()
        pauses = longest(await commits(ground), int(begun * 1000))
        print(f"{count} workers, {store}: longest pause of each partition, seconds: {pauses}")
        assert [0] * count == codes, tail(ground.folder)
        assert list(range(PARTITIONS)) == list(pauses) == sorted(chain.from_iterable(owned(workers)))
        assert {number: [] for number in pauses} == {n: twice(times) for n, times in held(workers).items()}
        assert (await verify(ground)).clean, tail(ground.folder)


async def restarted(ground: Ground, one: WorkerProcess, workers: list[WorkerProcess]) -> int:
    """Stop a worker, wait until the others have its partitions, start it, wait until it has some; its exit code."""
    code, _ = await asyncio.to_thread(one.end, signal.SIGTERM)
    others = [other for other in workers if other is not one]
    await until(lambda: sum(spread(others)) == PARTITIONS, tail(ground.folder))
    one.start()
    await until(lambda: spread(workers) == [PARTITIONS // len(workers)] * len(workers), tail(ground.folder))
    await ground.progress()
    return code


def spread(workers: list[WorkerProcess]) -> list[int]:
    return [len(numbers) for numbers in owned(workers)]
