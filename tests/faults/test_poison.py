"""A producer of one partition breaks: that partition waits for somebody, the others go on, and the way out works."""

import asyncio
import signal

import pytest

from stream_app.partitioners import Partitioner, partition_of
from stream_app.workers.floods import MOST
from tests.acceptance.wire import CANCEL, D, view
from tests.faults.cases import PATIENCE, tail, until, worker, write
from tests.faults.ground import Ground
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka

FLOOD = 3 * MOST
BROKEN = b"c0"


async def test_a_flood_pauses_one_partition_until_it_may_pass(ground: Ground) -> None:
    """What waits behind the flood is judged when it may pass, once and as ever."""
    where = partition_of(BROKEN, ground.partitions, Partitioner.MURMUR2)
    await ground.create()
    leaving = [view(f"v{i}", i * D, CANCEL, f"c{i}") for i in range(40)]
    behind = [s for s in leaving if partition_of(s[1]["customer_id"].encode(), 4, Partitioner.MURMUR2) == where]
    await write(ground, [view("before", -D, CANCEL, BROKEN.decode())])
    await ground.write(("page-views", BROKEN, b"{broken") for _ in range(FLOOD))
    await write(ground, leaving)
    with worker(ground) as process:
        for _ in range(2):  # a restart changes nothing
            process.start()
            await until(lambda: "--poison-floods pass" in process.log_tail(), f"not paused: {tail(ground.folder)}")
            assert len(leaving) - len(behind) == await others_told(ground, where)
            assert 1 + MOST + 1 == await read_of(ground, where)
            await asyncio.to_thread(process.end, signal.SIGTERM)
            process.log_file.unlink()
    with worker(ground, STREAM_APP_POISON_FLOODS="pass") as process:
        process.start()
        await ground.idle()
    verdict = await verify(ground)
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"


async def others_told(ground: Ground, where: int) -> int:
    """Return how many alerts of other partitions there are once those are read to their ends."""
    rest = {tp: end for tp, end in (await ground.ends()).items() if tp.partition != where}
    async with asyncio.timeout(PATIENCE):
        while [tp for tp, at in (await ground.committed()).items() if at < rest.get(tp, 0)]:
            await asyncio.sleep(0.2)
    alerts = await ground.read([f"{ground.name}.cs-alerts-churn"])
    keys = [record.key for records in alerts.values() for record in records]
    return sum(partition_of(key, ground.partitions, Partitioner.MURMUR2) != where for key in keys)


async def read_of(ground: Ground, where: int) -> int:
    """Return up to where page views of a partition are committed, once the flood is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            places = await ground.committed()
            found = next(at for tp, at in places.items() if tp.topic.endswith("page-views") and tp.partition == where)
            if found > MOST:
                return found
            await asyncio.sleep(0.2)
