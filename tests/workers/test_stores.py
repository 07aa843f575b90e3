"""Both stores behave alike; RocksDB's keeps what it has over a restart."""

import pytest

from stream_app.workers.stores import MemoryStore, RocksStore


@pytest.fixture(params=["memory", "rocksdb"], name="store")
def _store(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else RocksStore(tmp_path / "state")
    yield store
    store.close_all()


def test_a_partition_knows_only_its_own_keys(store):
    """The same customer id in two partitions is two entries: which one is right is the event's partition to say."""
    store.write(0, {b"c": b"zero"}, 5)
    store.write(1, {b"c": b"one"}, 9)

    assert (b"zero", b"one", None) == (store.fetch(0, b"c"), store.fetch(1, b"c"), store.fetch(2, b"c"))


def test_none_deletes(store):
    """A tombstone of the changelog removes the value."""
    store.write(0, {b"c": b"there", b"d": b"stays"}, 1)
    store.write(0, {b"c": None}, 2)

    assert (None, b"stays") == (store.fetch(0, b"c"), store.fetch(0, b"d"))


def test_a_write_carries_its_changelog_offset(store):
    """A restore begins behind the last checkpoint that the store has."""
    assert store.restored_to(3) is None

    store.write(3, {b"c": b"v"}, 41)
    store.write(3, {b"d": b"v"}, 57)

    assert 57 == store.restored_to(3)


def test_memory_forgets_a_partition_that_goes():
    """Another worker writes it now: what is here would be old when it comes back."""
    store = MemoryStore()
    store.write(0, {b"c": b"v"}, 4)

    store.close(0)

    assert (None, None, (0, 0)) == (store.fetch(0, b"c"), store.restored_to(0), store.size())


def test_memory_counts_what_it_holds():
    """The size follows writes, overwrites and deletions."""
    store = MemoryStore()
    store.write(0, {b"c": b"12345", b"d": b"1"}, 1)
    store.write(0, {b"c": b"123", b"d": None}, 2)

    assert (1, 3) == store.size()


def test_rocksdb_is_there_after_a_restart(tmp_path):
    """Values and offset were written together, so the tail of the changelog is all that is missing."""
    before = RocksStore(tmp_path)
    before.write(0, {b"c": b"v"}, 17)
    before.close_all()

    after = RocksStore(tmp_path)

    assert (b"v", 17) == (after.fetch(0, b"c"), after.restored_to(0))
    after.close_all()


def test_a_closed_partition_may_be_opened_by_another(tmp_path):
    """A partition that moves between two workers on one data folder is not locked by the first."""
    first, second = RocksStore(tmp_path), RocksStore(tmp_path)
    first.write(0, {b"c": b"v"}, 1)

    first.close(0)

    assert b"v" == second.fetch(0, b"c")
    second.close_all()
