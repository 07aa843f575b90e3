"""Where customers' states are kept, by partition: in memory or in RocksDB. Both are rebuilt from the changelog.

Faust's own stores find the partition of a key through the event being processed, which is wrong in a batch. These take
it as an argument, and write a checkpoint together with the changelog offset that has it.

Beside each customer the store keeps when that one is due, found in the value's head (`stream_app.codec.state`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from pathlib import Path
from struct import Struct as Layout
from typing import TYPE_CHECKING, Protocol, cast

from stream_app.codec.state import due_of
from stream_app.core.events import NEVER, Micros
from stream_app.workers.purging import TO_PURGE, purge_of

if TYPE_CHECKING:
    from rocksdict import Rdict  # an optional extra


RESERVED = b"\x00"
"""How the keys begin of what is no customer: no customer id holds a control character."""

ERASED_KEY = RESERVED + b"erased"
"""Where it lies how many customers were erased, and how often."""

_TIME = Layout(">Q")
_ROOM = 64  # entries that an agenda may have too many however small it is
_ENDS_EARLY = "Corruption: who is due ends before its end"  # DUE_KNOWN follows; RocksDB's iterators just stop


class PartitionStore(Protocol):
    """A store that is addressed by partition and key."""

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) together with the offset that the changelog has them at."""

    def restore(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Do the same with what a changelog says, much of it: quicker, and looking for the due costs more later."""

    def dues(self, partition: int) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write; the first one costs little."""

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset of the last write, None if there was none."""

    def size(self, partitions: Iterable[int]) -> tuple[int, int]:
        """Return how many customers these hold and how many bytes all values are, or what the store thinks it is."""

    def purges(self) -> list[Callable[[], None]]:
        """Return what lets nothing remain of who was erased, standby copies too; it may take seconds, in any thread."""

    def close(self, partition: int) -> None:
        """Let go of a partition: it is somebody else's now."""

    def close_all(self) -> None:
        """Let go of everything."""


class MemoryStore:
    """One dictionary per partition, rebuilt from the changelog at each start."""

    def __init__(self) -> None:
        self._partitions: defaultdict[int, _InMemory] = defaultdict(_InMemory)

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self._partitions[partition].values.get(key)

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) with the offset that the changelog has them at."""
        self._partitions[partition].write(values, changelog_offset)

    restore = write

    def dues(self, partition: int) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write."""
        return self._partitions[partition].dues()

    def size(self, partitions: Iterable[int]) -> tuple[int, int]:
        """Return how many customers these partitions hold and how many bytes all values are."""
        held = [self._partitions[number] for number in partitions]
        return sum(one.customers for one in held), sum(one.bytes for one in held)

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        return self._partitions[partition].offset

    def purges(self) -> list[Callable[[], None]]:
        """Return nothing: memory keeps nothing of what was deleted."""
        return []

    def close(self, partition: int) -> None:
        """Forget a partition."""
        self._partitions.pop(partition, None)

    def close_all(self) -> None:
        """Forget everything."""
        self._partitions.clear()


class _InMemory:
    """A partition's values, and an agenda of who is due that is made when it is first asked for.

    An entry of the agenda is one piece of memory, eight bytes of time and the key; it holds while the value says so.
    """

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.offset: int | None = None
        self.customers = self.bytes = 0
        self._agenda: list[bytes] | None = None

    def write(self, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes)."""
        stored, size = self.values, 0
        for key, value in values.items():
            before = stored.get(key)
            if before is not None:
                size -= len(before)
            if value is not None:
                stored[key] = value
                size += len(value)
            elif before is not None:
                del stored[key]
            if (before is None) != (value is None) and not key.startswith(RESERVED):
                self.customers += 1 if before is None else -1
            if self._agenda is not None and (due := _due(key, value)) not in (NEVER, _due(key, before)):
                heappush(self._agenda, _TIME.pack(due) + key)
        self.bytes += size
        self.offset = changelog_offset

    def dues(self) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write."""
        agenda = self._agenda
        if agenda is None or len(agenda) > 2 * len(self.values) + _ROOM:
            dues = ((_due(key, value), key) for key, value in self.values.items())
            self._agenda = agenda = [_TIME.pack(due) + key for due, key in dues if due != NEVER]
            heapify(agenda)
        while agenda and not self._holds(agenda[0]):
            heappop(agenda)
        return self._in_order(agenda)

    def _in_order(self, agenda: list[bytes]) -> Iterator[tuple[Micros, bytes]]:
        """Yield what holds; only what is asked for is sorted, and what stands there twice is met in a row."""
        front, last = ([(agenda[0], 0)] if agenda else []), b""
        while front:
            entry, place = heappop(front)
            if entry != last and self._holds(entry):
                last = entry
                yield _TIME.unpack_from(entry)[0], entry[_TIME.size :]
            for below in (2 * place + 1, 2 * place + 2):
                if below < len(agenda):
                    heappush(front, (agenda[below], below))

    def _holds(self, entry: bytes) -> bool:
        key = entry[_TIME.size :]
        due: Micros = _TIME.unpack_from(entry)[0]
        return _due(key, self.values.get(key)) == due


class RocksStore:
    """One RocksDB per partition under the data folder; a restart reads only the changelog's tail.

    When customers are due stands in the order of keys: behind DUE, eight bytes of time, then the customer's key. It
    holds while the value says so: a restore does not look for what it replaces.
    """

    OFFSET_KEY = RESERVED + b"changelog-offset"
    DUE = RESERVED + b"due"
    DUE_KNOWN = RESERVED + b"with-due"  # written before there were due moments if it is not there

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[int, Rdict] = {}
        self._stale: defaultdict[int, list[bytes]] = defaultdict(list)  # entries that were met and do not hold

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        value: bytes | None = self._database(partition).get(key)
        return value

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) and the offset that the changelog has them at, all or nothing."""
        database = self._database(partition)
        dues = ((_due(key, database.get(key)), _due(key, value), key) for key, value in values.items())
        stale = [self._due_key(before, key) for before, after, key in dues if before not in (after, NEVER)]
        self._write(partition, values, changelog_offset, stale)

    def restore(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Do the same, and leave what does not hold any more to be met by `dues`."""
        self._write(partition, values, changelog_offset, ())

    def _write(
        self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int, stale: Iterable[bytes]
    ) -> None:
        import rocksdict

        batch = rocksdict.WriteBatch(raw_mode=True)
        for entry in (*stale, *self._stale.pop(partition, ())):
            batch.delete(entry)
        for key, value in values.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
            if (due := _due(key, value)) != NEVER:
                batch.put(self._due_key(due, key), b"")
        batch.put(self.OFFSET_KEY, str(changelog_offset).encode())
        if ERASED_KEY in values:
            batch.put(TO_PURGE, str(changelog_offset).encode())
        self._database(partition).write(batch)

    def dues(self, partition: int) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write."""
        database, head = self._database(partition), len(self.DUE)
        stale = self._stale[partition] = []
        for entry in cast(Iterator[bytes], database.keys(from_key=self.DUE)):
            if not entry.startswith(self.DUE):
                return
            due, key = _TIME.unpack_from(entry, head)[0], entry[head + _TIME.size :]
            if _due(key, database.get(key)) == due:
                yield due, key
            else:
                stale.append(entry)
        raise OSError(_ENDS_EARLY)

    def size(self, partitions: Iterable[int]) -> tuple[int, int]:
        """Return RocksDB's own estimates."""
        held = [self._database(number) for number in partitions]
        keys, on_disk, in_memory = (
            sum(db.property_int_value(f"rocksdb.{name}") or 0 for db in held)
            for name in ("estimate-num-keys", "estimate-live-data-size", "cur-size-all-mem-tables")
        )
        return keys // 2, on_disk + in_memory  # beside each customer stands when it is due

    def purges(self) -> list[Callable[[], None]]:
        """Return what lets nothing remain of who was erased, by partition."""
        found = [purge_of(database, self.DUE, _TIME.size) for database in self._open.values()]
        return [purge for purge in found if purge is not None]

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        offset = self._database(partition).get(self.OFFSET_KEY)
        return None if offset is None else int(offset)

    def close(self, partition: int) -> None:
        """Close a partition's database, so that another process may open it."""
        self._stale.pop(partition, None)
        database = self._open.pop(partition, None)
        if database is not None:
            database.close()

    def close_all(self) -> None:
        """Close all databases."""
        for partition in list(self._open):
            self.close(partition)

    def _database(self, partition: int) -> "Rdict":
        if partition not in self._open:
            import rocksdict

            options = rocksdict.Options(raw_mode=True)
            options.create_if_missing(True)
            self._folder.mkdir(parents=True, exist_ok=True)
            database = rocksdict.Rdict(str(self._path(partition)), options=options)
            self._open[partition] = database
            self._know_dues(database)
        return self._open[partition]

    def _path(self, partition: int) -> Path:
        return self._folder / f"partition-{partition}"

    def _know_dues(self, database: "Rdict") -> None:
        """See to it that everybody's due is there, also where an older version wrote."""
        import rocksdict

        if database.get(self.DUE_KNOWN) is not None:
            return
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in cast(Iterator[tuple[bytes, bytes]], database.items()):
            if (due := _due(key, value)) != NEVER:
                batch.put(self._due_key(due, key), b"")
        batch.put(self.DUE_KNOWN, b"")
        database.write(batch)

    def _due_key(self, due: Micros, key: bytes) -> bytes:
        return self.DUE + _TIME.pack(due) + key


def _due(key: bytes, value: bytes | None) -> Micros:
    return NEVER if value is None or key.startswith(RESERVED) else due_of(value)
