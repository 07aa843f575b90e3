"""A million customers in RocksDB: killed while they are read, and restored onto an empty disk.

FAULTS_CUSTOMERS says how many. What is kept of each is compared with one clean pass over their events.
"""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app import codec
from stream_app.codec.state import decode_state
from stream_app.core.pipeline import process as judged
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.topics import ALERT_TOPICS, InputTopic
from stream_app.workers.stores import RESERVED
from tests.acceptance.wire import CANCEL, HOME, PRICE, H, S, Step, view
from tests.faults.cases import tail, worker
from tests.faults.ground import Ground, raw
from tests.faults.processes import WorkerProcess

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

CUSTOMERS = int(os.environ.get("FAULTS_CUSTOMERS", "1000000"))
BACK = 500  # of so many customers one comes back after the restore
PATIENCE = 3_600.0
NOW_MS = 1_900_000_000_000


def first(number: int) -> Step:
    """Return what a customer does at first."""
    return view(f"v{number}", number * S / 100, PRICE if number % BACK == 1 else HOME, f"c{number}")


def back(number: int) -> Step:
    """Return what who comes back does."""
    return view(f"w{number}", CUSTOMERS * S / 100 + H, CANCEL, f"c{number}")


async def test_millions_are_read_killed_and_restored(ground: Ground) -> None:
    await ground.create()
    await ground.write((topic, *raw(record)) for topic, record in map(first, range(CUSTOMERS)))
    with worker(ground, STREAM_APP_STORE="rocksdb", STREAM_APP_CHECKPOINT_INTERVAL="1s") as process:
        process.start()
        await ground.progress(PATIENCE)
        await asyncio.to_thread(process.end, signal.SIGKILL)
        process.start()
        await ground.idle(PATIENCE)
        figures("read", process)
        await asyncio.to_thread(process.end, signal.SIGKILL)
        shutil.rmtree(ground.folder / "worker-0")
        await ground.write((topic, *raw(record)) for topic, record in map(back, range(0, CUSTOMERS, BACK)))
        process.start()
        await ground.idle(PATIENCE)
        figures("restored", process)
        disk = sum(file.stat().st_size for file in (ground.folder / "worker-0").rglob("*") if file.is_file())
        assert process.exit_code is None, tail(ground.folder)
    print(f"{CUSTOMERS} customers, {disk / 2**20:.0f} MiB on disk")
    assert [] == await differing(ground)
    assert len(range(0, CUSTOMERS, BACK)) + len(range(1, CUSTOMERS, BACK)) == len(await alert_ids(ground))


def figures(what: str, process: WorkerProcess) -> None:
    """Print how long the last restore took and how much memory the worker has had."""
    seconds = [line["restore_seconds"] for line in process.log() if "restore_seconds" in line]
    print(f"{what}: restore {seconds[-1]:.1f} s, peak {process.peak_bytes() / 2**20:.0f} MiB")


async def differing(ground: Ground) -> list[bytes]:
    """Return the customers of whom something else is kept than one clean pass comes to, and those who are too many."""
    known, rules = {key: value async for key, value in records(ground, [ground.changelog])}, ground.settings.rule_set()
    found = []
    for number in range(CUSTOMERS):
        value, state = known.pop(f"c{number}".encode(), None), UNKNOWN_CUSTOMER
        for _, record in [first(number), *([back(number)] if number % BACK == 0 else [])]:
            state = judged(codec.decode(InputTopic.PAGE_VIEWS, *raw(record), NOW_MS), state, rules).state
        if value is None or decode_state(value)[1] != state:
            found.append(f"c{number}".encode())
    return found + [key for key in known if not key.startswith(RESERVED)]


async def alert_ids(ground: Ground) -> set[str]:
    """Return the alerts that were raised."""
    topics = [ground.settings.topic(topic) for topic in ALERT_TOPICS.values()]
    return {json.loads(value)["alert_id"] async for _, value in records(ground, topics)}


async def records(ground: Ground, topics: list[str]) -> AsyncIterator[tuple[bytes, bytes]]:
    """Yield keys and values of all that stands in these topics, without keeping it."""
    async with AIOKafkaConsumer(bootstrap_servers=ground.bootstrap_servers, auto_offset_reset="earliest") as consumer:
        for place in [TopicPartition(topic, number) for topic in topics for number in range(ground.partitions)]:
            consumer.assign([place])
            end = (await consumer.end_offsets([place]))[place]
            while await consumer.position(place) < end:
                for record in (await consumer.getmany(place, timeout_ms=200)).get(place, ()):
                    yield record.key, record.value
