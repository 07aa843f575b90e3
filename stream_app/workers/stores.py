"""Where customers' states are kept, by partition: in memory or in RocksDB. Both are rebuilt from the changelog.

Faust's own stores find the partition of a key through the event being processed, which is wrong in a batch. These take
it as an argument, and write a checkpoint together with the changelog offset that has it.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rocksdict import Rdict  # an optional extra


class PartitionStore(Protocol):
    """A store that is addressed by partition and key."""

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) together with the offset that the changelog has them at."""

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset of the last write, None if there was none."""

    def size(self) -> tuple[int, int]:
        """Return how many values are stored and how many bytes they are, or what the store thinks it is."""

    def close(self, partition: int) -> None:
        """Let go of a partition: it is somebody else's now."""

    def close_all(self) -> None:
        """Let go of everything."""


class MemoryStore:
    """One dictionary per partition, rebuilt from the changelog at each start."""

    def __init__(self) -> None:
        self._values: dict[int, dict[bytes, bytes]] = {}
        self._offsets: dict[int, int] = {}
        self._bytes: Counter[int] = Counter()  # by partition

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self._values.get(partition, {}).get(key)

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) with the offset that the changelog has them at."""
        stored = self._values.setdefault(partition, {})
        for key, value in values.items():
            self._bytes[partition] += len(value or b"") - len(stored.pop(key, b""))
            if value is not None:
                stored[key] = value
        self._offsets[partition] = changelog_offset

    def size(self) -> tuple[int, int]:
        """Return how many values are stored and how many bytes they are."""
        return sum(map(len, self._values.values())), self._bytes.total()

    def restored_to(self, partition: int) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        return self._offsets.get(partition)

    def close(self, partition: int) -> None:
        """Forget a partition."""
        self._values.pop(partition, None)
        self._offsets.pop(partition, None)
        self._bytes.pop(partition, None)

    def close_all(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._offsets.clear()
        self._bytes.clear()


class RocksStore:
    """One RocksDB per partition under the data folder; a restart reads only the changelog's tail."""

    OFFSET_KEY = b"\x00changelog-offset"

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

        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in values.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self.OFFSET_KEY, str(changelog_offset).encode())
        self._database(partition).write(batch)

    def size(self) -> tuple[int, int]:
        """Return RocksDB's own estimates."""
        properties = ("rocksdb.estimate-num-keys", "rocksdb.estimate-live-data-size")
        totals = [sum(db.property_int_value(name) or 0 for db in self._open.values()) for name in properties]
        return totals[0], totals[1]

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
            self._open[partition] = rocksdict.Rdict(str(self._folder / f"partition-{partition}"), options=options)
        return self._open[partition]
