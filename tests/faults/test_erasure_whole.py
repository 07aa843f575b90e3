"""A person is erased while a worker runs: nothing of them is left, nor comes back, with a new group or a restore."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from stream_app.codec.state import decode_state
from stream_app.topics import OutputTopic
from stream_app.workers.stores import RESERVED
from tests.acceptance.wire import CANCEL, PRICE, D, H, buy, interact, profile, view
from tests.faults.cases import tail, worker, write
from tests.faults.ground import Ground
from tests.faults.history import history
from tests.faults.processes import ROOT

pytestmark = pytest.mark.kafka

PERSON, NAME, TITLE = "person-7f3a@example.com", "秘密の名前", "解約のご相談の窓口"
THEIRS = [text.encode() for text in (PERSON, NAME, TITLE)]
HISTORY = [
    profile(0 * H, "active", PERSON, name=NAME, account_id="acme"),
    view("p1", 29 * D, CANCEL, PERSON, title=TITLE),
    view("p2", 29 * D + H, PRICE, PERSON, title=TITLE),
    buy("p3", 29 * D, "100", PERSON),
    interact("p4", 29 * D, "complaint", PERSON),
]
BROKEN = ("page-views", PERSON.encode(), f"{{{NAME}".encode())
ROCKS = {"STREAM_APP_STORE": "rocksdb", "STREAM_APP_RULES__SET": "full"}


def shows(texts: Iterable[bytes | None]) -> bool:
    """Whether anything of the person is in one of them."""
    return any(mark in text for text in texts if text for mark in THEIRS)


def texts_of(records: Iterable[ConsumerRecord]) -> Iterator[bytes | None]:
    """Yield what stands in records, customers' states unpacked."""
    for record in records:
        yield record.key
        is_state = record.value is not None and not record.key.startswith(RESERVED)
        yield repr(decode_state(record.value)).encode() if is_state else record.value


def both(records: Iterable[ConsumerRecord]) -> Iterator[bytes | None]:
    """Yield keys and values."""
    for record in records:
        yield from (record.key, record.value)


async def last_values(ground: Ground) -> list[ConsumerRecord]:
    """Return what compaction would keep of the changelog: the last record of each key that has a value."""
    found = await ground.read([ground.changelog])
    last = {(place, record.key): record for place, records in found.items() for record in records}
    return [record for record in last.values() if record.value is not None]


def files_that_show(folder: Path) -> list[str]:
    """Return the files of a worker in which something of the person stands."""
    return [path.name for path in folder.rglob("*") if path.is_file() and shows([path.read_bytes()])]


def said(ground: Ground) -> list[str]:
    """Return the topics that detect writes."""
    return [ground.settings.topic(topic) for topic in OutputTopic]


async def work(ground: Ground, number: int, times: int = 1, without: str = "") -> Path:
    """Let a worker catch up and stop, so often; return its folder."""
    with worker(ground, without, number, **ROCKS) as process:
        for _ in range(times):
            process.start()
            await ground.idle()
            await asyncio.to_thread(process.end, signal.SIGTERM)
    return ground.folder / f"worker-{number}"


async def written_since(ground: Ground, before: dict[TopicPartition, list[ConsumerRecord]]) -> list[ConsumerRecord]:
    """Return what detect has written since."""
    now = await ground.read(said(ground))
    return [record for place, records in now.items() for record in records[len(before[place]) :]]


async def erase(ground: Ground) -> subprocess.CompletedProcess[str]:
    """Give the command, as somebody in a terminal does."""
    command = [sys.executable, "-m", "stream_app.cli", "erase", PERSON, "--yes"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **ground.environ()}
    run = subprocess.run
    return await asyncio.to_thread(run, command, env=environ, capture_output=True, text=True, timeout=120)


async def test_of_who_was_erased_nothing_is_left_and_nothing_comes_back(ground: Ground) -> None:
    await ground.create()
    await write(ground, [*history(11, events=400, customers=12), *HISTORY])
    await ground.write([BROKEN])
    with worker(ground, **ROCKS) as process:
        process.start()
        await ground.idle()
        assert shows(texts_of(await last_values(ground))), "the search finds nothing where there is something"
        told = await erase(ground)
        assert 0 == told.returncode, told.stderr + tail(ground.folder)
        assert (True, True) == (") has state." in told.stderr, f"{PERSON} is erased. Gone:" in told.stdout), told
        before = await ground.read(said(ground))
        await write(ground, history(12, events=100, customers=12, begin=30 * D, prefix="n"))
        await ground.idle()
        await asyncio.to_thread(process.end, signal.SIGTERM)
    # The list of files that RocksDB keeps is written anew with each start.
    assert ([], False) == (files_that_show(await work(ground, 0)), shows(texts_of(await last_values(ground))))

    # Restored from the changelog as it stands, all that was ever written in it.
    assert [] == files_that_show(await work(ground, 1, times=2)), tail(ground.folder)

    # From the first offset, with a group that has never heard of the person.
    new = replace(ground, other_group=f"{ground.name}-new")
    await new.create()
    folder, erased = await work(new, 2), await last_values(new)
    assert ([], False, True) == (files_that_show(folder), shows(texts_of(erased)), len(erased) > 5), tail(ground.folder)
    assert not shows(both(await written_since(ground, before)))

    # And without reading who was erased?
    blind = replace(ground, other_group=f"{ground.name}-blind")
    await blind.create()
    await work(blind, 3, without="erasures")
    assert shows(both(await written_since(ground, before)))
