"""A restore keeps of each customer the record that knows more, and ends the process when it cannot go on."""

import asyncio
import signal
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer

from stream_app.workers.stops import EXIT_NEWER_STATE
from stream_app.workers.stores import RESERVED
from tests.acceptance.naive import customer_of
from tests.faults.cases import tail, worker
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.test_zombie import PUT_RIGHT
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka


async def put(ground: Ground, records: list[tuple[bytes, bytes]]) -> None:
    """Write into the changelog as no worker of this version does: without a term."""
    async with AIOKafkaProducer(bootstrap_servers=ground.bootstrap_servers) as producer:
        for key, value in records:
            await producer.send_and_wait(ground.changelog, value, key, partition=0)


async def first_of_each(ground: Ground) -> list[tuple[bytes, bytes]]:
    """Return the first record of each customer who has several."""
    (records,) = (await ground.read([ground.changelog])).values()
    first = {one.key: one for one in reversed(records) if not one.key.startswith(RESERVED) and one.value}
    last = {one.key: one for one in records}
    return [(key, one.value) for key, one in first.items() if last[key].offset > one.offset and last[key].value]


async def test_old_records_behind_the_new_ones(ground: Ground) -> None:
    """They are found and written over; then one comes that nobody can read, and the worker says so and ends."""
    ground = replace(ground, partitions=1)
    await ground.create()
    steps = by_partition([step for step in history(4, events=1_000, customers=12) if customer_of(step[1])], 1)[0]
    with worker(ground) as process:
        process.start()
        for part in (steps[:300], steps[300:600]):
            await ground.produce([part])
            await ground.idle()
        await asyncio.to_thread(process.end, signal.SIGTERM)
        old = await first_of_each(ground)
        await put(ground, old)
        process.start()
        await ground.produce([steps[600:]])
        await ground.idle()
        await asyncio.to_thread(process.end, signal.SIGTERM)
        verdict = await verify(ground)
        assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
        assert [len(old)] == [line["keys"] for line in process.log() if line["event"] == PUT_RIGHT]
        await put(ground, [(old[0][0], b"\xff" + old[0][1][1:])])
        process.start()
        assert await asyncio.to_thread(process.wait) == EXIT_NEWER_STATE, tail(ground.folder)
    assert "state has format 255" in process.log_tail()
