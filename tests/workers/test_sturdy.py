"""A RocksDB that was damaged is wiped, never believed; a full disk is no damage."""

import resource
import shutil
from pathlib import Path

import pytest

from stream_app.codec.state import NOTHING_APPLIED, encode_state
from stream_app.core.state import CustomerState
from stream_app.workers.stops import NoRoomError
from stream_app.workers.stores import RocksStore
from stream_app.workers.sturdy import DamagedError, SturdyRocksStore

KEYS = [f"customer-{n:05}".encode() for n in range(3_000)]


@pytest.fixture(scope="module", name="whole")
def _whole(tmp_path_factory):
    """Return where two partitions are kept, in files and not only in the log."""
    folder = tmp_path_factory.mktemp("whole")
    values = {key: encode_state(NOTHING_APPLIED, CustomerState(newest=i, due=i)) for i, key in enumerate(KEYS)}
    store = RocksStore(folder)
    for partition in (0, 1):
        store.write(partition, values, 7)
        store._open[partition].flush()
    store.close_all()
    return folder


@pytest.fixture(name="folder")
def _folder(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "state"))


def flip(path: Path, share: float) -> None:
    raw = bytearray(path.read_bytes())
    at = int(len(raw) * share)
    raw[at : at + 40] = bytes(byte ^ 0xFF for byte in raw[at : at + 40])
    path.write_bytes(raw)


def remove(path: Path, share: float) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("how", "files", "share"),
    [
        (flip, "*.sst", 0.995),
        (remove, "*.sst", 0),
        (flip, "MANIFEST*", 0.5),
        (remove, "MANIFEST*", 0),
        (remove, "CURRENT", 0),
    ],
)
def test_what_is_damaged_at_opening_is_restored_from_the_beginning(folder, how, files, share):
    for path in (folder / "partition-0").glob(files):
        how(path, share)
    store = SturdyRocksStore(folder)
    assert (None, 7) == (store.restored_to(0), store.restored_to(1))
    store.write(0, {KEYS[0]: b"\x02" + bytes(48)}, 9)
    assert (9, None) == (store.restored_to(0), store.fetch(0, KEYS[1]))
    store.close_all()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_what_is_damaged_when_it_is_read_is_gone_at_the_next_start(folder, share):
    for path in (folder / "partition-0").glob("*.sst"):
        flip(path, share)
    store = SturdyRocksStore(folder)
    with pytest.raises(DamagedError):
        _read_all(store)
    store.close_all()
    again = SturdyRocksStore(folder)
    assert (None, 7) == (again.restored_to(0), again.restored_to(1))
    again.close_all()


def _fill(store: SturdyRocksStore) -> None:
    for offset in range(8, 1_000):
        store.write(0, {KEYS[0]: b"\x02" + bytes(10_000)}, offset)


def _read_all(store: SturdyRocksStore) -> None:
    for key in KEYS:
        assert store.fetch(0, key) is not None
    assert len(KEYS) == sum(1 for _ in store.dues(0))


def test_a_damage_among_the_due_moments_is_noticed(folder):
    """An iterator of RocksDB ends there as if that were all."""
    for path in (folder / "partition-0").glob("*.sst"):
        flip(path, 0.1)
    store = SturdyRocksStore(folder)
    with pytest.raises(DamagedError):
        list(store.dues(0))
    store.close_all()


def test_a_full_disk_is_said_and_nothing_is_wiped(folder):
    store = SturdyRocksStore(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(NoRoomError, match="Give the disk room, then start again"):
            _fill(store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(NoRoomError):
        store.write(0, {KEYS[0]: b"\x02" + bytes(100_000)}, 1_000)
    again = SturdyRocksStore(folder)
    store._open.clear()
    assert 7 < again.restored_to(0) < 1_000
    again.close_all()


def test_a_database_that_another_worker_has_open_is_no_damage(folder):
    first, second = SturdyRocksStore(folder), SturdyRocksStore(folder)
    assert 7 == first.restored_to(0)
    with pytest.raises(Exception, match="LOCK"):
        second.restored_to(0)
    assert first.fetch(0, KEYS[0]) is not None
    first.close_all()
