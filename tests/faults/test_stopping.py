"""SIGTERM and Ctrl-C end a worker well and soon."""

import asyncio
import signal

import pytest

from tests.faults.cases import tail, until, worker, write
from tests.faults.ground import Ground
from tests.faults.history import history

pytestmark = pytest.mark.kafka

SOON = 15.0  # seconds: two or three on an idle machine


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("idle", [True, False])
async def test_a_worker_that_is_told_to_stop_commits_and_ends(ground: Ground, how: signal.Signals, idle: bool) -> None:
    await ground.create()
    await write(ground, history(1, events=500 if idle else 6_000))
    slow = {} if idle else {"FAULTS_SLOW": "20", "FAULTS_STATUS": str(ground.folder / "status")}
    with worker(ground, STREAM_APP_CHECKPOINT_INTERVAL="200ms" if idle else "30s", **slow) as process:
        process.start()
        if idle:
            await ground.idle()
        else:
            await until((ground.folder / "status").exists, "the worker does not work")
            await asyncio.sleep(0.5)  # somewhere in the middle
        code, seconds = await asyncio.to_thread(process.end, how)
    assert code == 0, tail(ground.folder)
    assert seconds < SOON
    committed, ends = sum((await ground.committed()).values()), sum((await ground.ends()).values())
    assert (committed == ends) is idle
    assert committed > 0
