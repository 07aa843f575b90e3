"""Where customers' states are kept, by partition: in memory or in RocksDB. Both are rebuilt from the changelog.

Faust's own stores find the partition of a key through the event being processed, which is wrong in a batch. These take
it as an argument, and write a checkpoint together with the changelog offset that has it.

Beside each customer the store keeps when that one is due, found in the value's head (`stream_app.codec.state`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from struct import Struct as Layout
from typing import TYPE_CHECKING, Protocol, cast

from stream_app.codec.state import due_of
from stream_app.core.events import NEVER, Micros
from stream_app.core.timeline import Agenda

if TYPE_CHECKING:
    from rocksdict import Rdict  # an optional extra


RESERVED = b"\x00"
"""How the keys begin of what is no customer: no customer id holds a control character."""


_TIME = Layout(">Q")


class PartitionStore(Protocol):
    """A store that is addressed by partition and key."""

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) together with the offset that the changelog has them at."""

    def dues(self, partition: int) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write; the first one costs little."""

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset of the last write, None if there was none."""

    def size(self) -> tuple[int, int]:
        """Return how many customers are stored and how many bytes all values are, or what the store thinks it is."""

    def close(self, partition: int) -> None:
        """Let go of a partition: it is somebody else's now."""

    def close_all(self) -> None:
        """Let go of everything."""


class MemoryStore:
    """One dictionary per partition, rebuilt from the changelog at each start."""

    def __init__(self) -> None:
        self._values: dict[int, dict[bytes, bytes]] = {}
        self._dues: defaultdict[int, Agenda[bytes]] = defaultdict(Agenda)
        self._offsets: dict[int, int] = {}
        self._bytes: Counter[int] = Counter()  # by partition
        self._customers: Counter[int] = Counter()

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self._values.get(partition, {}).get(key)

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) with the offset that the changelog has them at."""
        stored, dues = self._values.setdefault(partition, {}), self._dues[partition]
        for key, value in values.items():
            dues.put(key, _due(key, value))
            if not key.startswith(RESERVED):
                self._customers[partition] += (value is not None) - (key in stored)
            self._bytes[partition] += len(value or b"") - len(stored.pop(key, b""))
            if value is not None:
                stored[key] = value
        self._offsets[partition] = changelog_offset

    def dues(self, partition: int) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write."""
        return self._dues[partition].in_order()

    def size(self) -> tuple[int, int]:
        """Return how many customers are stored and how many bytes all values are."""
        return self._customers.total(), self._bytes.total()

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        return self._offsets.get(partition)

    def close(self, partition: int) -> None:
        """Forget a partition."""
        self._values.pop(partition, None)
        self._dues.pop(partition, None)
        self._offsets.pop(partition, None)
        self._bytes.pop(partition, None)
        self._customers.pop(partition, None)

    def close_all(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._dues.clear()
        self._offsets.clear()
        self._bytes.clear()
        self._customers.clear()


class RocksStore:
    """One RocksDB per partition under the data folder; a restart reads only the changelog's tail.

    When customers are due stands in the order of keys: behind DUE, eight bytes of time, then the customer's key.
    """

    OFFSET_KEY = RESERVED + b"changelog-offset"
    DUE = RESERVED + b"due"
    DUE_KNOWN = RESERVED + b"with-due"  # written before there were due moments if it is not there

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[int, Rdict] = {}

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        value: bytes | None = self._database(partition).get(key)
        return value

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) and the offset that the changelog has them at, all or nothing."""
        import rocksdict

        database = self._database(partition)
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in values.items():
            before, after = _due(key, database.get(key)), _due(key, value)
            if before not in (after, NEVER):
                batch.delete(self._due_key(before, key))
            if after not in (before, NEVER):
                batch.put(self._due_key(after, key), b"")
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self.OFFSET_KEY, str(changelog_offset).encode())
        database.write(batch)

    def dues(self, partition: int) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write."""
        head = len(self.DUE)
        for key in cast(Iterator[bytes], self._database(partition).keys(from_key=self.DUE)):
            if not key.startswith(self.DUE):
                return
            yield _TIME.unpack_from(key, head)[0], key[head + _TIME.size :]

    def size(self) -> tuple[int, int]:
        """Return RocksDB's own estimates."""
        properties = ("rocksdb.estimate-num-keys", "rocksdb.estimate-live-data-size")
        totals = [sum(db.property_int_value(name) or 0 for db in self._open.values()) for name in properties]
        return totals[0] // 2, totals[1]  # beside each customer stands when it is due

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        offset = self._database(partition).get(self.OFFSET_KEY)
        return None if offset is None else int(offset)

    def close(self, partition: int) -> None:
        """Close a partition's database, so that another process may open it."""
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
            database = rocksdict.Rdict(str(self._folder / f"partition-{partition}"), options=options)
            self._know_dues(database)
            self._open[partition] = database
        return self._open[partition]

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
