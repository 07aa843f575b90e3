"""Whatever is killed or stopped under load: nothing lost, nothing doubled, nothing wrong.

FAULTS_ROUNDS and FAULTS_SEED make the runs longer and others; `python -m tests.faults.harness` runs one by itself.
"""

import os
import signal
from pathlib import Path

import pytest

from stream_app.testing import EmbeddedKafka
from tests.faults.cases import tail
from tests.faults.ground import Ground
from tests.faults.harness import Chaos, Plan
from tests.kafka_fixtures import BROKER

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "2"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
KILL, STOP = signal.SIGKILL, signal.SIGTERM
BEFORE_IT_LISTENS = -signal.SIGTERM  # a worker that is still being loaded


@pytest.mark.parametrize(
    ("store", "workers", "how"),
    [
        ("memory", 1, (KILL, STOP)),
        ("rocksdb", 1, (STOP, KILL)),
        ("memory", 2, (STOP, KILL)),
        ("rocksdb", 2, (KILL, STOP)),
    ],
)
async def test_workers_killed_and_stopped_at_random(ground: Ground, store: str, workers: int, how) -> None:
    """Workers that were not touched go on, and who was asked to stop says that all went well."""
    plan = Plan(seed=SEED + workers * 10, rounds=ROUNDS, workers=workers, store=store, how=how)
    report = await Chaos(ground, plan).run()
    print(report)
    assert report.verdict.clean, tail(ground.folder)
    assert [] == report.by_themselves, tail(ground.folder)
    assert set() == {code for code, _ in report.stops} - {0, BEFORE_IT_LISTENS}


async def test_a_broker_killed_and_started_again(tmp_path: Path) -> None:
    """Workers may end then, but with an error, and go on where they were when started again."""
    with EmbeddedKafka(settings=BROKER, progress=None) as broker:
        ground = Ground(broker.bootstrap_servers, tmp_path, "broker")
        report = await Chaos(ground, Plan(seed=SEED, rounds=max(1, ROUNDS // 2)), broker).run()
    print(report)
    assert report.verdict.clean, tail(tmp_path)
    assert 0 not in report.by_themselves
