"""The state table: Faust's, addressed by (partition, customer) instead of by the event that happens to be current.

Faust's stores find the partition of a key through the event being processed, which is wrong in a batch. Both stores
here take it as an argument, write a checkpoint together with its changelog offset, take restored records as raw bytes,
chunk by chunk, and drop a partition that goes to another worker.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import faust
from faust.stores.base import Store
from faust.types import TP, AppT, CollectionT, EventT

from stream_app.workers.chunks import Chunk

if TYPE_CHECKING:
    from rocksdict import Rdict  # an optional extra


class PartitionStore(Protocol):
    """What the detector needs of a store."""

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) together with the offset that the changelog has them at."""

    def size(self) -> tuple[int, int]:
        """Return how many values are stored and how many bytes they are, or what the store thinks it is."""


class _RestoringStore(Store[bytes, bytes]):
    """What both stores share: restoring and following assignments."""

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]], to_key: object, to_value: object) -> None:
        """Take chunks of changelog records."""
        for event in batch:
            chunk = cast(Chunk, event.message.value)
            values = {record.key: record.value for record in chunk.records}
            self.write(chunk.tp.partition, values, chunk.records[-1].offset)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forget the partitions that are somebody else's now."""
        for tp in revoked:
            if tp.topic in self.table.changelog_topic.topics:
                self.close_partition(tp.partition)

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) together with the offset that the changelog has them at."""
        raise NotImplementedError

    def close_partition(self, partition: int) -> None:
        """Let go of a partition."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Do nothing: only Faust's own command line asks for it."""

    async def backup_partition(self, tp: TP | int, flush: bool = True, purge: bool = False, keep: int = 1) -> None:
        """Refuse: the changelog is the backup."""
        raise NotImplementedError

    def restore_backup(self, tp: TP | int, latest: bool = True, backup_id: int = 0) -> None:
        """Refuse: the changelog is the backup."""
        raise NotImplementedError


class MemoryStore(_RestoringStore):
    """One dictionary per partition, rebuilt from the changelog at each start."""

    def __init__(self, app: AppT, table: CollectionT) -> None:
        super().__init__("memory://", app, table)
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

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        return self._offsets.get(tp.partition)

    def close_partition(self, partition: int) -> None:
        """Forget a partition."""
        self._values.pop(partition, None)
        self._offsets.pop(partition, None)
        self._bytes.pop(partition, None)


class RocksStore(_RestoringStore):
    """One RocksDB per partition under the data folder; a restart reads only the changelog's tail."""

    OFFSET_KEY = b"\x00changelog-offset"

    def __init__(self, app: AppT, table: CollectionT, folder: Path) -> None:
        super().__init__("rocksdb://", app, table)
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

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        offset = self._database(tp.partition).get(self.OFFSET_KEY)
        return None if offset is None else int(offset)

    def close_partition(self, partition: int) -> None:
        """Close a partition's database, so that another process may open it."""
        database = self._open.pop(partition, None)
        if database is not None:
            database.close()

    async def on_stop(self) -> None:
        """Close all databases."""
        for partition in list(self._open):
            self.close_partition(partition)

    def _database(self, partition: int) -> "Rdict":
        if partition not in self._open:
            import rocksdict

            options = rocksdict.Options(raw_mode=True)
            options.create_if_missing(True)
            self._folder.mkdir(parents=True, exist_ok=True)
            self._open[partition] = rocksdict.Rdict(str(self._folder / f"partition-{partition}"), options=options)
        return self._open[partition]


class StateTable(faust.Table[bytes, bytes]):
    """A Faust table whose store is addressed by partition."""

    @property
    def store(self) -> PartitionStore:
        """Return the store: the detector reads and writes it by partition, Faust restores it."""
        return cast(PartitionStore, self.data)

    def _new_store(self) -> Store[bytes, bytes]:
        folder = (self.options or {}).get("folder")
        return MemoryStore(self.app, self) if folder is None else RocksStore(self.app, self, Path(folder))
