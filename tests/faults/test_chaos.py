"""Whatever is hit under load: nothing lost, nothing doubled, nothing wrong. The quick part of the matrix.

FAULTS_SEED makes the runs others; `test_matrix` has the long ones, `python -m tests.faults.harness` runs any.
"""

import os
import signal
from pathlib import Path

import pytest

from tests.faults.cases import tail
from tests.faults.ground import Ground
from tests.faults.harness import Chaos, Plan
from tests.faults.injections import Fault
from tests.faults.odd_worker import POINTS
from tests.faults.proxy import kafka_behind_a_proxy

pytestmark = pytest.mark.kafka

SEED = int(os.environ.get("FAULTS_SEED", "1"))
PER_SECOND = 500
BEFORE_IT_LISTENS = -signal.SIGTERM  # a worker that is still being loaded


@pytest.mark.parametrize(
    ("store", "workers", "faults"),
    [
        pytest.param("memory", 1, (Fault.KILL, Fault.STOP), id="a worker with its state in memory"),
        pytest.param("rocksdb", 2, (Fault.STOP, Fault.KILL, Fault.CLOCK), id="two with RocksDB, whose clocks jump"),
    ],
)
async def test_workers_killed_and_stopped_at_random(ground: Ground, store: str, workers: int, faults) -> None:
    """Workers that were not touched go on, and who was asked to stop says that all went well."""
    plan = Plan(
        seed=SEED + workers * 10, rounds=len(faults), workers=workers, store=store, faults=faults, per_second=PER_SECOND
    )
    report = await Chaos(ground, plan).run()
    print(report)
    assert report.verdict.clean, tail(ground.folder)
    assert [] == report.by_themselves, tail(ground.folder)
    assert set() == {code for code, _ in report.stops} - {0, BEFORE_IT_LISTENS}


async def test_a_worker_killed_at_each_named_point(ground: Ground) -> None:
    """After decoding, judging, sending, the acknowledgement, the changelog, the store, the commit."""
    plan = Plan(seed=SEED, rounds=len(POINTS), faults=(Fault.POINT,), per_second=PER_SECOND)
    report = await Chaos(ground, plan).run()
    print(report)
    assert report.verdict.clean, tail(ground.folder)
    assert len(POINTS) == sum("died after" in line for line in report.timeline)


async def test_a_broker_killed_and_a_network_that_is_cut_and_stalls(tmp_path: Path) -> None:
    """Workers may end then, but with an error; started again they go on where they were, each partition soon."""
    faults = (Fault.CUT, Fault.BROKER_KILL, Fault.STALL)
    async with kafka_behind_a_proxy() as (broker, proxy):
        ground = Ground(broker.bootstrap_servers, tmp_path, "broker")
        plan = Plan(seed=SEED, rounds=len(faults), faults=faults, per_second=PER_SECOND)
        report = await Chaos(ground, plan, broker, proxy).run()
    print(report)
    assert report.verdict.clean, tail(tmp_path)
    assert 0 not in report.by_themselves
    assert len(faults) == len(report.pauses)
