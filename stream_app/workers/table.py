"""The state table: Faust's, addressed by (partition, customer) instead of by the event that happens to be current.

Faust's stores find the partition of a key through the event being processed, which is wrong in a batch. Both stores here take
it as an argument, write a checkpoint together with its changelog offset, take restored records as raw bytes, chunk by chunk,
and drop a partition that goes to another worker.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import faust
from faust.stores.base import Store
from faust.types import TP

from stream_app.workers.chunks import Chunk

class PartitionStore(Protocol):
    """What the detector needs of a store."""

    def get(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) together with the offset that the changelog has them at."""

    def keys(self, partition: int) -> Iterator[bytes]:
        """Return the keys of a partition."""


class _RestoringStore(Store):
    """What both stores share: restoring and following assignments."""

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: Any, to_value: Any) -> None:
        """Take chunks of changelog records."""
        for event in batch:
            chunk: Chunk = event.message.value
            values = {record.key: record.value for record in chunk.records}
            self.write(chunk.tp.partition, values, chunk.records[-1].offset)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forget the partitions that are somebody else's now."""
        changelog = self.table.changelog_topic_name
        for tp in revoked:
            if tp.topic == changelog:
                self.close_partition(tp.partition)

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        raise NotImplementedError

    def close_partition(self, partition: int) -> None:
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._values: dict[int, dict[bytes, bytes]] = {}
        self._offsets: dict[int, int] = {}

    def get(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self._values.get(partition, {}).get(key)

    def keys(self, partition: int) -> Iterator[bytes]:
        """Return the keys of a partition."""
        return iter(self._values.get(partition, {}))

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) with the offset that the changelog has them at."""
        stored = self._values.setdefault(partition, {})
        for key, value in values.items():
            if value is None:
                stored.pop(key, None)
            else:
                stored[key] = value
        self._offsets[partition] = changelog_offset

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        return self._offsets.get(tp.partition)

    def close_partition(self, partition: int) -> None:
        """Forget a partition."""
        self._values.pop(partition, None)
        self._offsets.pop(partition, None)


class RocksStore(_RestoringStore):
    """One RocksDB per partition under the data folder; a restart reads only the changelog's tail."""

    def __init__(self, *args: Any, folder: Path, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._folder = folder
        self._open: dict[int, Any] = {}

    OFFSET_KEY = b"\x00changelog-offset"

    def get(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        value: bytes | None = self._database(partition).get(key)
        return value

    def keys(self, partition: int) -> Iterator[bytes]:
        """Return the keys of a partition."""
        return (key for key in self._database(partition).keys() if key != self.OFFSET_KEY)

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) and the offset that the changelog has them at, all or nothing."""
        from rocksdict import WriteBatch

        batch = WriteBatch(raw_mode=True)
        for key, value in values.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self.OFFSET_KEY, str(changelog_offset).encode())
        self._database(partition).write(batch)

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

    def _database(self, partition: int) -> Any:
        if partition not in self._open:
            from rocksdict import Options, Rdict

            options = Options(raw_mode=True)
            options.create_if_missing(True)
            self._folder.mkdir(parents=True, exist_ok=True)
            self._open[partition] = Rdict(str(self._folder / f"partition-{partition}"), options=options)
        return self._open[partition]


class StateTable(faust.Table):
    """A Faust table whose store is addressed by partition."""

    @property
    def store(self) -> PartitionStore:
        """Return the store: the detector reads and writes it by partition, Faust restores it."""
        store: PartitionStore = self.data
        return store

    def _new_store(self) -> Store:
        options: Mapping[str, Any] = self.options or {}
        folder = options.get("folder")
        if folder is None:
            return MemoryStore("memory://", self.app, self)
        return RocksStore("rocksdb://", self.app, self, folder=Path(folder))
