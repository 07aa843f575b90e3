"""The long runs of the matrix: each fault many times under load, then the verdict and its figures.

FAULTS_SEED makes them others, FAULTS_ROUNDS longer.
"""

import os
from pathlib import Path

import pytest

from tests.faults.cases import tail
from tests.faults.ground import Ground
from tests.faults.harness import Chaos, Plan, Report
from tests.faults.injections import Fault
from tests.faults.odd_worker import POINTS
from tests.faults.proxy import kafka_behind_a_proxy

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

SEED = int(os.environ.get("FAULTS_SEED", "7"))
TIMES = int(os.environ.get("FAULTS_ROUNDS", "1"))
MOST_MEMORY = 250 * 2**20  # bytes of a worker; catching up with a month takes as much

WORKERS = {
    "killed at random times, slow traffic": Plan(seed=SEED, rounds=20, faults=(Fault.KILL,), per_second=200),
    "killed at random times, two workers with RocksDB": Plan(
        seed=SEED + 1, rounds=10, workers=2, store="rocksdb", faults=(Fault.KILL,)
    ),
    "killed at each named point, RocksDB": Plan(
        seed=SEED + 2, rounds=2 * len(POINTS), store="rocksdb", faults=(Fault.POINT,), per_second=500
    ),
    "stopped under load": Plan(seed=SEED + 3, rounds=8, workers=2, faults=(Fault.STOP,)),
    "clocks that jump": Plan(
        seed=SEED + 4, rounds=9, workers=2, faults=(Fault.CLOCK, Fault.KILL, Fault.CLOCK), per_second=500
    ),
}
WAYS = {
    "broker restarted, clean and hard": Plan(
        seed=SEED, rounds=6, workers=2, faults=(Fault.BROKER_STOP, Fault.BROKER_KILL), per_second=300
    ),
    "broker frozen for 5 s": Plan(seed=SEED, rounds=2, workers=2, faults=(Fault.BROKER_PAUSE,), per_second=300),
    "broker frozen for 30 s": Plan(
        seed=SEED, rounds=1, workers=2, faults=(Fault.BROKER_PAUSE,), lasts=30.0, per_second=300
    ),
    "broker frozen for 120 s": Plan(
        seed=SEED, rounds=1, workers=2, faults=(Fault.BROKER_PAUSE,), lasts=120.0, per_second=100
    ),
    "network stalled, slow, cut": Plan(
        seed=SEED, rounds=6, workers=2, faults=(Fault.STALL, Fault.SLOW, Fault.CUT), per_second=300
    ),
    "network half open": Plan(seed=SEED, rounds=2, workers=2, faults=(Fault.HALF_OPEN,), lasts=30.0, per_second=300),
}


@pytest.mark.parametrize("what", WORKERS)
async def test_workers(ground: Ground, what: str) -> None:
    """Lost, duplicated and wrong is nothing, and no worker ends that was not told to."""
    report = await Chaos(ground, _as_often(WORKERS[what])).run()
    _assert_clean(report, ground.folder)
    assert [] == report.by_themselves


async def test_three_workers_rebalancing(ground: Ground) -> None:
    """Six partitions go to and fro; how long none got on after each fault is printed."""
    plan = Plan(seed=SEED, rounds=9, workers=3, faults=(Fault.KILL, Fault.STOP), per_second=600, settles=True)
    six = Ground(ground.bootstrap_servers, ground.folder, ground.name, partitions=6)
    report = await Chaos(six, _as_often(plan)).run()
    _assert_clean(report, ground.folder)
    assert [] == report.by_themselves
    assert report.plan.rounds == len(report.pauses)


@pytest.mark.parametrize("what", WAYS)
async def test_broker_and_network(tmp_path: Path, what: str) -> None:
    """The same; here a worker may end, with an error, and every partition gets on within a minute."""
    plan = _as_often(WAYS[what])
    async with kafka_behind_a_proxy() as (broker, proxy):
        ground = Ground(broker.bootstrap_servers, tmp_path, "way")
        report = await Chaos(ground, plan, broker, proxy).run()
    _assert_clean(report, tmp_path)
    assert 0 not in report.by_themselves
    assert plan.rounds == len(report.pauses)


def _as_often(plan: Plan) -> Plan:
    return Plan(**{**vars(plan), "rounds": plan.rounds * TIMES})


def _assert_clean(report: Report, folder: Path) -> None:
    print(report)
    assert report.verdict.clean, tail(folder)
    assert max(report.peaks, default=0) < MOST_MEMORY
