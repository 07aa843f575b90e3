"""Hours at about half of what the driver, the broker and two workers reach on two cores, a kill every three minutes.

SOAK_SECONDS says how long (two hours if it does not), SOAK_PER_SECOND how fast, FAULTS_SEED which.
"""

import os

import pytest

from tests.faults.cases import tail
from tests.faults.ground import Ground
from tests.faults.soak import HOUR, Soak

pytestmark = [pytest.mark.kafka, pytest.mark.soak]

SECONDS = float(os.environ.get("SOAK_SECONDS", "7200"))
PER_SECOND = int(os.environ.get("SOAK_PER_SECOND", "2000"))
SEED = int(os.environ.get("FAULTS_SEED", "36"))
MOST_GROWTH = 2**20  # bytes an hour
FILES_MORE = 4  # connections come and go


async def test_a_soak(ground: Ground) -> None:
    """Each lap is clean; memory and open files stay as they are, of which an hour or more can tell."""
    soaked = await Soak(ground, SEED, SECONDS, PER_SECOND).run()
    print(soaked)
    assert [] == [str(verdict) for verdict in soaked.verdicts if not verdict.clean], tail(ground.folder)
    files = [sample.files for sample in soaked.steady]
    assert max(files) - min(files) <= FILES_MORE
    if SECONDS >= HOUR:
        assert soaked.growth < MOST_GROWTH
