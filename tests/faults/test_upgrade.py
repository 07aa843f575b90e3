"""State of the format before is gone on with under traffic; state of a newer one is left alone."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from stream_app.cluster import create_topics
from stream_app.codec.state import FORMAT, NOTHING_APPLIED, encode_state
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.settings import load
from stream_app.workers.stops import EXIT_NEWER_STATE
from tests.acceptance.naive import customer_of
from tests.acceptance.wire import CANCEL, D, view
from tests.faults.cases import PATIENCE, tail, worker, write
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.upgrading import Left
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka


@pytest.mark.faults
@pytest.mark.parametrize("store", ["memory", "rocksdb"])
async def test_an_upgrade_from_format_1_under_traffic_loses_nothing(ground: Ground, store: str) -> None:
    """The old worker was killed before its last commit; its customers are known by what it kept of them."""
    await ground.create()
    parts = by_partition([s for s in history(21, events=4_000) if customer_of(s[1])], ground.partitions)
    halves = [len(part) // 2 for part in parts]
    await ground.produce([part[:half] for part, half in zip(parts, halves, strict=True)])
    found = await ground.read({tp.topic for tp in ground.inputs})
    left = Left(ground, await ground.ends()).judged(found)
    await left.write()
    with worker(ground, STREAM_APP_STORE=store) as process:
        traffic = asyncio.create_task(
            ground.produce([part[half:] for part, half in zip(parts, halves, strict=True)], per_second=1_000)
        )
        process.start()
        await traffic
        await ground.idle()
    verdict = await verify(ground, told=left.told)
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
    assert verdict.alerts > 100


async def test_an_older_program_stops_at_newer_state_and_says_the_way_back(ground: Ground) -> None:
    """Nothing is judged or committed; another group builds state anew, and makes the alerts since."""
    await ground.create()
    newer = bytes([FORMAT + 1]) + encode_state(NOTHING_APPLIED, UNKNOWN_CUSTOMER, 0)[1:]
    async with AIOKafkaProducer(bootstrap_servers=ground.bootstrap_servers) as producer:
        await producer.send_and_wait(ground.changelog, newer, b"c1")
    await write(ground, [view("v", 0 * D, CANCEL, "c1")])
    with worker(ground) as process:
        process.start()
        assert EXIT_NEWER_STATE == await asyncio.to_thread(process.wait, PATIENCE), tail(ground.folder)
        assert "give detect another `group`" in process.log_tail()
    assert 0 == sum((await ground.committed()).values())
    # The other group has a changelog of its own, which is created like the first.
    other = {"STREAM_APP_GROUP": f"{ground.name}-2"}
    await create_topics(load(environ=ground.environ(**other)))
    with worker(ground, **other) as process:
        process.start()
        async with asyncio.timeout(PATIENCE):
            while not any((await ground.read([f"{ground.name}.cs-alerts-churn"])).values()):
                await asyncio.sleep(0.2)
