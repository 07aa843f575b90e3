"""Detect, notify and a rude sink, each hit under load: every alert arrives, under its own id."""

import os
from random import Random

import pytest

from tests.faults.cases import tail
from tests.faults.ground import Ground
from tests.faults.harness import Plan
from tests.faults.injections import Fault
from tests.faults.told import LoggingSink, ToldChaos

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

SEED = int(os.environ.get("FAULTS_SEED", "5"))


async def test_each_alert_reaches_the_sink(ground: Ground) -> None:
    plan = Plan(seed=SEED, rounds=8, workers=2, faults=(Fault.KILL, Fault.KILL, Fault.STOP), per_second=500)
    async with LoggingSink(ground.folder / "sink.jsonl", Random(SEED)) as sink:
        report = await ToldChaos(ground, plan, sink).run()
    print(report)
    assert report.verdict.clean, tail(ground.folder)
    assert len(sink.lines()) > 30
