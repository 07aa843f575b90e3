"""How the process ends: told to, and on topics that are not there."""

import asyncio
import signal
import socket

import pytest

from stream_app.cluster import create_topics
from stream_app.settings import load
from tests.faults.processes import WorkerProcess
from tests.notify.stage import until
from tests.notify.test_notify_killed import Scene

pytestmark = pytest.mark.kafka


@pytest.fixture
def scene(kafka, tmp_path):
    scene = Scene(kafka.bootstrap_servers, tmp_path, f"r{tmp_path.name[-12:]}{id(tmp_path)}")
    yield scene
    for worker in scene.workers:
        worker.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_that_is_told_to_stop_ends_well(scene, how):
    await create_topics(load(environ=scene.environ))
    worker = scene.workers[0]
    worker.start()
    await until(lambda: any(line["event"] == "a partition is at work" for line in worker.log()))
    code, _ = await asyncio.to_thread(worker.end, how)
    assert 0 == code, worker.log_tail()


async def test_without_topics_it_says_which_are_missing(scene):
    worker = scene.workers[0]
    worker.start()
    assert 1 == await asyncio.to_thread(worker.wait)
    problems = [line["problem"] for line in worker.log() if "problem" in line]
    assert any("notify-queue: is missing; create it with: stream-app topics create" in each for each in problems)


async def test_a_port_that_is_taken_is_said_with_the_way_out(scene, tmp_path):
    """Two workers on one machine with the same settings: the second says which of them to change."""
    await create_topics(load(environ=scene.environ))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ = {**scene.environ, "STREAM_APP_NOTIFY__PORT": str(taken.getsockname()[1])}
        worker = WorkerProcess(environ, tmp_path / "second.log", "tests.notify.process")
        worker.start()
        assert 1 == await asyncio.to_thread(worker.wait)
    assert any("[notify] port (0: any)" in line.get("error", "") for line in worker.log())
