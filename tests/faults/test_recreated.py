"""An input topic is deleted and made anew: nothing of it is skipped in silence, and the way out works.

One customer was erased before: what the erasure says of the old topic's offsets does not hold for the new one.
"""

import asyncio
import signal

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from stream_app.cluster import create_topics
from stream_app.commands.recreated import run
from stream_app.workers.stops import EXIT_RECREATED
from tests.acceptance.wire import CANCEL, PRICE, D, Step, erase, view
from tests.faults.cases import PATIENCE, tail, worker, write
from tests.faults.ground import Ground
from tests.faults.processes import WorkerProcess

pytestmark = pytest.mark.kafka

BEFORE = [*[view(f"a{i}", i * D / 100, PRICE, f"c{i % 8}") for i in range(80)], erase(0 * D, "c0")]
NEW_ONES = [view(f"b{i}", 50 * D, CANCEL, f"c{i}") for i in range(8)]


async def made_anew(ground: Ground) -> None:
    """Delete the topic of page views and create it again."""
    name = f"{ground.name}.page-views"
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([name])
        while name in await admin.list_topics():
            await asyncio.sleep(0.1)
    finally:
        await admin.close()
    await create_topics(ground.settings)


async def ended(ground: Ground, process: WorkerProcess) -> int:
    """Return how the worker ends, started again whenever a restart may help, as a process manager does."""
    while True:
        code = await asyncio.to_thread(process.wait, PATIENCE)
        if code >= EXIT_RECREATED or process.log_tail().count("detect starts") > 5:
            return code
        process.start()


async def churned(ground: Ground) -> set[str]:
    """Return who is told to be leaving."""
    alerts = await ground.read([f"{ground.name}.cs-alerts-churn"])
    return {record.key.decode() for records in alerts.values() for record in records}


def others(steps: list[Step]) -> list[Step]:
    """Return steps that make the new topic longer than the old one was."""
    more = [view(f"m{i}", 49 * D, PRICE, f"x{i % 20}") for i in range(400)]
    return [*steps, *more]


@pytest.mark.parametrize("under", ["the worker", "nobody"])
@pytest.mark.parametrize("longer", [False, pytest.param(True, marks=pytest.mark.faults)])
async def test_a_topic_made_anew_stops_the_worker_until_somebody_says_so(
    ground: Ground, under: str, longer: bool
) -> None:
    await ground.create()
    await write(ground, BEFORE)
    with worker(ground, STREAM_APP_STORE="rocksdb" if longer else "memory") as process:
        process.start()
        await ground.idle()
        if under == "nobody":
            await asyncio.to_thread(process.end, signal.SIGTERM)
        await made_anew(ground)
        await write(ground, others(NEW_ONES) if longer else NEW_ONES)
        if under == "nobody":
            process.start()
        code = await ended(ground, process)
        assert (EXIT_RECREATED, set()) == (code, await churned(ground)), tail(ground.folder)
        assert "stream-app topics recreated" in process.log_tail()

        said = await asyncio.to_thread(run, ground.settings, f"{ground.name}.page-views")
        assert "read from its start" in said
        process.start()
        await ground.idle()
    assert {f"c{i}" for i in range(8)} == await churned(ground), tail(ground.folder)


@pytest.mark.faults
async def test_without_the_guard_what_is_new_is_taken_for_applied(ground: Ground) -> None:
    await ground.create()
    await write(ground, BEFORE)
    with worker(ground, without="recreated") as process:
        process.start()
        await ground.idle()
        await asyncio.to_thread(process.end, signal.SIGTERM)
        await made_anew(ground)
        await write(ground, NEW_ONES)
        process.start()
        await ground.idle()
    assert {f"c{i}" for i in range(8)} > await churned(ground), tail(ground.folder)
