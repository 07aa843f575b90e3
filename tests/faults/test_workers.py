"""Several workers share the partitions: each state has one owner, and who takes over has all of it."""

import asyncio
import signal
from contextlib import ExitStack
from dataclasses import replace

import pytest

from stream_app.workers.stores import RESERVED
from tests.acceptance.wire import Step
from tests.faults.cases import tail, until, worker
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.owners import customers, held, owned, twice
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka

PARTITIONS = 6
SPREAD = {1: [6], 2: [3, 3], 3: [2, 2, 2]}  # how many partitions each has of so many workers


def spread(workers: list[WorkerProcess]) -> list[int]:
    return [len(numbers) for numbers in owned(workers)]


async def known_customers(ground: Ground) -> int:
    """Return how many customers the changelog knows."""
    records = [record for found in (await ground.read([ground.changelog])).values() for record in found]
    last = {record.key: record.value for record in records if not record.key.startswith(RESERVED)}
    return sum(value is not None for value in last.values())


async def test_workers_that_come_take_their_share_and_each_customer_is_in_one_store(ground: Ground) -> None:
    """Two workers, then three: the partitions are spread evenly, and nobody keeps the state of those it gave away."""
    ground = replace(ground, partitions=PARTITIONS)
    await ground.create()
    parts = in_turns(by_partition(history(21, events=2_000), PARTITIONS), 4)
    with ExitStack() as stack:
        workers: list[WorkerProcess] = []
        for number in range(3):
            await ground.produce(parts[number])
            workers.append(stack.enter_context(worker(ground, number=number)))
            workers[-1].start()
            await until(lambda: spread(workers) == SPREAD[len(workers)], tail(ground.folder))
            await ground.idle()
        await ground.produce(parts[3])  # each worker counts what it has when it has done something
        await ground.idle()
        known = await known_customers(ground)
        await until(lambda: sum(map(customers, workers)) == known, f"not {known}: {[*map(customers, workers)]}", 10.0)
        assert {number: [] for number in range(PARTITIONS)} == {n: twice(times) for n, times in held(workers).items()}
    verdict = await verify(ground)
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"


def in_turns(parts: list[list[Step]], turns: int) -> list[list[list[Step]]]:
    """Return what is written of each partition, turn by turn."""
    return [[part[len(part) * n // turns : len(part) * (n + 1) // turns] for part in parts] for n in range(turns)]


async def test_a_fetch_that_began_before_a_rebalance_brings_state_after_it(ground: Ground) -> None:
    """What was fetched of the changelog is never dropped: the recovery would wait for it for ever."""
    await ground.create()
    first, then = in_turns(by_partition(history(22, events=1_500), ground.partitions), 2)
    await ground.produce(first)
    stays = WorkerProcess(ground.environ(1), ground.folder / "worker-1.log", "tests.faults.worker_idling")
    with worker(ground) as leaves, ExitStack() as stack:
        stack.callback(stays.kill)
        leaves.start()
        await ground.idle()
        stays.start()
        await until(lambda: spread([leaves, stays]) == [2, 2], tail(ground.folder))
        assert (await asyncio.to_thread(leaves.end, signal.SIGTERM))[0] == 0
        await until(lambda: spread([leaves, stays]) == [4], tail(ground.folder), 15.0)
        await ground.produce(then)
        await ground.idle()
    verdict = await verify(ground)
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
