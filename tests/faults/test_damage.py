"""Files of state are damaged, disks are full: nothing wrong is believed, nothing is lost."""

import asyncio
import resource
import signal
from pathlib import Path

import pytest

from stream_app.testing import EmbeddedKafka
from stream_app.workers.stops import EXIT_NO_ROOM, EXIT_REPLAY
from tests.acceptance.naive import customer_of
from tests.faults.cases import PATIENCE, tail, until, worker
from tests.faults.ground import Ground
from tests.faults.history import by_partition, history
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import verify
from tests.kafka_fixtures import BROKER

pytestmark = [pytest.mark.kafka, pytest.mark.faults]

ROCKS = {"STREAM_APP_STORE": "rocksdb"}
FULL = 100_000  # bytes that a file may have: a disk without room, for one process


def flip(path: Path) -> None:
    """Turn some bytes in the middle of a file around."""
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 64] = bytes(byte ^ 0xFF for byte in raw[middle : middle + 64])
    path.write_bytes(raw)


DAMAGES = [("*.sst", flip), ("MANIFEST*", Path.unlink), ("CURRENT", Path.unlink), ("*.log", flip)]


async def test_damaged_files_of_state_are_restored_from_the_changelog(ground: Ground) -> None:
    """Each partition's database is damaged in another way; what is found when it is read ends the worker once more."""
    await ground.create()
    parts = by_partition([s for s in history(11, events=6_000) if customer_of(s[1])], ground.partitions)
    with worker(ground, **ROCKS) as process:
        await ground.produce([part[: len(part) // 2] for part in parts])
        process.start()
        await ground.idle()
        await asyncio.to_thread(process.end, signal.SIGTERM)
        for number, (pattern, damage) in enumerate(DAMAGES):
            for path in (ground.folder / "worker-0" / ground.name / f"partition-{number}").glob(pattern):
                damage(path)
        process.start()
        load = asyncio.create_task(ground.produce([part[len(part) // 2 :] for part in parts]))
        codes = await idle_again(ground, process, load)
        wiped = {line["folder"][-1] for line in process.log() if line["event"].startswith("damaged state is wiped")}
    verdict = await verify(ground)
    assert (True, {"0", "1", "2"}) == (verdict.clean, wiped & {"0", "1", "2"}), f"{verdict}\n{tail(ground.folder)}"
    assert codes <= {EXIT_REPLAY}
    print(verdict, [line["restore_seconds"] for line in process.log() if "restore_seconds" in line])


async def test_a_disk_without_room_for_state_stops_the_worker_and_loses_nothing(ground: Ground) -> None:
    await ground.create()
    parts = by_partition([s for s in history(12, events=8_000) if customer_of(s[1])], ground.partitions)
    with worker(ground, **ROCKS) as process:
        process.start()
        await until(lambda: "work begins" in process.log_tail(), "the worker does not start")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (FULL, resource.RLIM_INFINITY))
        load = asyncio.create_task(ground.produce(parts))
        assert EXIT_NO_ROOM == await asyncio.to_thread(process.wait, PATIENCE), tail(ground.folder)
        assert "Give the disk room, then start again" in process.log_tail()
        process.start()
        assert set() == await idle_again(ground, process, load)
    verdict = await verify(ground)
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
    print(verdict)


async def test_a_broker_without_room_loses_nothing(tmp_path: Path) -> None:
    """Its disk full, a lone broker goes down; workers wait, and go on when it has room and is started again."""
    with EmbeddedKafka(settings=BROKER | {"log.index.size.max.bytes": "100000"}, progress=None) as kafka:
        ground = Ground(kafka.bootstrap_servers, tmp_path, "full")
        await ground.create()
        parts = by_partition([s for s in history(13, events=8_000) if customer_of(s[1])], ground.partitions)
        with worker(ground) as process:
            process.start()
            await ground.produce([part[:500] for part in parts])
            await ground.progress()
            resource.prlimit(kafka.pid, resource.RLIMIT_FSIZE, (FULL, resource.RLIM_INFINITY))
            load = asyncio.create_task(ground.produce([part[500:] for part in parts]))
            await until(lambda: kafka.pid is None, f"the broker has room: {kafka.log_tail()}")
            await asyncio.to_thread(kafka.start)
            codes = await idle_again(ground, process, load)
        verdict = await verify(ground)
    assert verdict.clean, f"{verdict}\n{tail(ground.folder)}"
    assert codes <= {EXIT_REPLAY}
    print(verdict)


async def idle_again(ground: Ground, process: WorkerProcess, load: asyncio.Task[None]) -> set[int]:
    """Return when everything is committed, and how the worker ended meanwhile; it is started again each time."""
    codes = set[int]()

    def alive() -> None:
        if (code := process.exit_code) is not None:
            codes.add(code)
            process.start()

    while not load.done():
        alive()
        await asyncio.sleep(0.2)
    await load
    await ground.idle(alive=alive)
    return codes
