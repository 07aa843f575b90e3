"""Both stores behave alike; RocksDB's keeps what it has over a restart."""

import tracemalloc

import pytest
import rocksdict

from stream_app.codec.state import AT_ONCE, NOTHING_APPLIED, encode_state
from stream_app.core.events import NEVER
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.workers.stores import ERASED_KEY, RESERVED, MemoryStore, RocksStore


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

    assert (None, None, (0, 0)) == (store.fetch(0, b"c"), store.restored_to(0), store.size([0]))


def test_memory_counts_what_it_holds():
    """The size follows writes, overwrites and deletions; what is no customer counts only by its bytes."""
    store = MemoryStore()
    store.write(0, {RESERVED + b"time": b"7"}, 0)
    store.write(0, {b"c": b"12345", b"d": b"1"}, 1)
    store.write(0, {b"c": b"123", b"d": None}, 2)

    assert (1, 4) == store.size([0])


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


def due(at):
    """A customer's value that says when the customer is due."""
    return encode_state(NOTHING_APPLIED, UNKNOWN_CUSTOMER, at)


def test_who_is_due_first_comes_first(store):
    """By time, then by key; the last word on each counts, and who is never due or deleted is not there."""
    store.write(0, {b"c": due(9), b"a": due(9), b"b": due(300), b"d": due(1), b"e": due(NEVER), b"f": due(4)}, 1)
    store.write(0, {b"d": None, b"b": due(5), b"f": due(NEVER), b"g": due(AT_ONCE)}, 2)
    store.write(1, {b"z": due(2)}, 3)

    assert [(0, b"g"), (5, b"b"), (9, b"a"), (9, b"c")] == list(store.dues(0))
    assert ([(2, b"z")], []) == (list(store.dues(1)), list(store.dues(2)))


def test_what_is_no_customer_is_never_due(store):
    store.write(0, {RESERVED + b"site": due(3), b"c": due(4)}, 1)

    assert [(4, b"c")] == list(store.dues(0))


def test_many_who_change_again_and_again_are_due_once(store):
    for offset in range(40):
        store.write(0, {b"c%d" % i: due(1000 - offset + i) for i in range(20)}, offset)

    assert [(961 + i, b"c%d" % i) for i in range(20)] == list(store.dues(0))


def test_rocksdb_knows_who_is_due_after_a_restart(tmp_path):
    before = RocksStore(tmp_path)
    before.write(0, {b"b": due(2), b"a": due(7)}, 17)
    before.close_all()

    after = RocksStore(tmp_path)

    assert [(2, b"b"), (7, b"a")] == list(after.dues(0))
    after.close_all()


def test_rocksdb_finds_out_who_is_due_where_an_older_version_wrote(tmp_path):
    """It knew nothing of due moments: its customers are looked at at once."""
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    old = rocksdict.Rdict(str(tmp_path / "partition-0"), options=options)
    old.put(b"c", b"\x01" + due(NEVER)[1:])
    old.put(RocksStore.OFFSET_KEY, b"17")
    old.close()

    store = RocksStore(tmp_path)

    assert ([(AT_ONCE, b"c")], 17) == (list(store.dues(0)), store.restored_to(0))
    store.close_all()


def test_what_is_restored_is_due_by_its_last_word(store):
    """A restore does not look for what it replaces: that is found when the due are asked for, and goes."""
    store.restore(0, {b"a": due(9), b"b": due(3), b"c": due(5)}, 1)
    store.restore(0, {b"a": due(4), b"b": None, b"d": due(NEVER)}, 2)

    assert [(4, b"a"), (5, b"c")] == list(store.dues(0))
    store.write(0, {b"a": due(9)}, 3)
    assert [(5, b"c"), (9, b"a")] == list(store.dues(0))


def test_memory_takes_little_more_for_a_customer_than_the_value():
    """Everything that is kept to find it and to know when it is due, at 20,000 customers."""
    customers, size = 20_000, 2_000
    tracemalloc.start()
    try:
        store = MemoryStore()
        for number in range(customers):
            store.write(0, {b"customer-%05d" % number: due(1 + number) + bytes(size)}, number)
        next(store.dues(0))
        taken = tracemalloc.get_traced_memory()[0] / customers - size - len(due(1))
    finally:
        tracemalloc.stop()
    print(f"{taken:.0f} bytes beside the value")
    assert taken < 300


@pytest.mark.parametrize("restored", [True, False])
def test_who_was_erased_goes_from_the_disk(tmp_path, restored):
    """Values and due moments at once, also those that a restore has left; as a bound of a file with the next start."""
    store, state = RocksStore(tmp_path), [CustomerState(due=at, churned_at=at) for at in (77, 78, 79)]
    values = [encode_state(NOTHING_APPLIED, one) + b"SECRET" for one in state]
    write = store.restore if restored else store.write
    for at, value in enumerate(values):
        write(0, {b"person": value, b"other": value.replace(b"SECRET", b"OPEN")}, at)
        store._database(0).flush()
    assert [] == store.purges()
    write(0, {b"person": None, ERASED_KEY: b"1 1"}, 3)
    (purge,) = store.purges()
    purge()
    assert ([], []) == (files_with(tmp_path, b"SECRET"), store.purges())
    assert {"MANIFEST"} >= {name.partition("-")[0] for name in files_with(tmp_path, b"person")}
    assert [(79, b"other")] == list(store.dues(0))
    store.close_all()
    assert 3 == RocksStore(tmp_path).restored_to(0)
    assert ([], []) == (files_with(tmp_path, b"SECRET"), files_with(tmp_path, b"person"))


def test_without_a_purge_who_was_erased_stays_on_the_disk(tmp_path):
    store = RocksStore(tmp_path)
    store.write(0, {b"person": encode_state(NOTHING_APPLIED, UNKNOWN_CUSTOMER) + b"SECRET"}, 0)
    store._database(0).flush()
    store.write(0, {b"person": None, ERASED_KEY: b"1 1"}, 1)
    assert [] != files_with(tmp_path, b"SECRET")
    store.close_all()


def files_with(folder, text):
    """Return the names of the files that hold a text."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and text in path.read_bytes())
