"""What a process manager is told of both workers when their broker goes and comes back."""

import asyncio
import time
from uuid import uuid4

import pytest

from stream_app.cluster import create_topics
from stream_app.settings import load
from stream_app.testing import EmbeddedKafka
from tests.faults.processes import WorkerProcess
from tests.kafka_fixtures import BROKER
from tests.notify.test_notify_killed import Scene

pytestmark = pytest.mark.kafka

MODULES = ("tests.faults.worker", "tests.notify.process")
READY, ALIVE_ONLY = [(200, 200)] * 2, [(200, 503)] * 2
PATIENCE = 60.0  # seconds


class Workers:
    """Detect and notify as processes."""

    def __init__(self, servers, folder):
        scene = Scene(servers, folder, f"p{uuid4().hex[:8]}")
        self.environ = {**scene.environ, "STREAM_APP_DATA_DIR": str(folder), "STREAM_APP_WEB__PORT": "0"}
        self._processes = [WorkerProcess(self.environ, folder / f"{module}.log", module) for module in MODULES]

    def __enter__(self):
        """Start both."""
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_):
        """End both."""
        for process in self._processes:
            process.kill()

    def probes(self):
        """Return what /livez and /readyz of each worker answer."""
        return [(process.page("livez")[0], process.page("readyz")[0]) for process in self._processes]

    async def come_to(self, expected):
        """Return what both workers say when it is this, or when they had time enough."""
        deadline = time.monotonic() + PATIENCE
        while (said := await asyncio.to_thread(self.probes)) != expected and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        return said


async def test_without_a_broker_workers_are_alive_and_not_ready_and_with_it_ready_again(tmp_path):
    with EmbeddedKafka(settings=BROKER, progress=None) as broker:
        workers = Workers(broker.bootstrap_servers, tmp_path)
        await create_topics(load(environ=workers.environ))
        with workers:
            assert READY == await workers.come_to(READY)
            await asyncio.to_thread(broker.kill)
            assert ALIVE_ONLY == await workers.come_to(ALIVE_ONLY)
            await asyncio.to_thread(broker.start)
            assert READY == await workers.come_to(READY)
