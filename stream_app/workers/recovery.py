# ruff: noqa: ANN401  (the signatures are Faust's)
"""What is changed of how Faust 0.15.3 restores tables, and why; the rest is in `stream_app.workers.faust_parts`.

- `ChunkRecovery` takes chunks of the changelog, undecoded, straight to the store, of partitions worked on and stood by
  for alike. Faust's own way is a queue and an object per record, and an error while applying is but a warning there.
- It lets nothing flow before the seek to the committed offsets: Faust does, then clears its queues, and so skips
  events after a recovery.
- `StateTable` and `RestoringStore`: a table whose store is addressed by partition (see `stream_app.workers.stores`).
  Changelog, standby and assignment stay Faust's.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import faust
import structlog
from faust.stores.base import Store
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP, AppT, CollectionT
from mode import Service

from stream_app.workers.chunk import Chunk
from stream_app.workers.stops import ending
from stream_app.workers.stores import MemoryStore, PartitionStore
from stream_app.workers.sturdy import SturdyRocksStore
from stream_app.workers.terms import what_counts

log = structlog.get_logger(__name__)

SAY_SECONDS = 5.0
"""How often a restore that takes long says how far it is."""


class ChunkRecovery(Recovery):
    """Faust's recovery, in chunks, with nothing flowing until the seek to the committed offsets is done."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._records = 0  # restored since the recovery began

    def take(self, chunk: Chunk) -> None:
        """Store what a chunk of the changelog says; an error ends the process."""
        active = chunk.tp in self.active_tps
        if not active and chunk.tp not in self.standby_tps:
            return
        with ending():
            restore(self._store_of(chunk.tp), chunk)
        (self.active_offsets if active else self.standby_offsets)[chunk.tp] = chunk.end - 1
        if active and self.in_recovery:
            self._records += len(chunk.records)
            if not self.need_recovery():
                self._end()

    def _store_of(self, tp: TP) -> PartitionStore:
        return cast(StateTable, self.tp_to_table[tp]).store

    def _end(self) -> None:
        self._say("state was read from the changelog")
        self._set_recovery_ended()
        self.signal_recovery_end.set()

    def _set_recovery_started(self) -> None:
        super()._set_recovery_started()
        self._records = 0
        self.signal_recovery_end.clear()

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Stop the flow, then go on as Faust does: seek, and only then resume."""
        self.app.flow_control.suspend()
        self.app.consumer.stop_flow()
        await super().on_recovery_completed(generation_id)

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Do nothing: chunks do not come through Faust's queue."""

    @Service.task
    async def _publish_stats(self) -> None:
        async for _ in self.itertimer(SAY_SECONDS, name="restore"):
            if self.in_recovery and self._records:
                self._say("state is being read from the changelog", remaining=self.active_remaining_total())

    def _say(self, what: str, **more: int) -> None:
        seconds = time.monotonic() - (self._recovery_started_at or 0.0)
        per_second = round(self._records / max(seconds, 0.001))
        log.info(what, records=self._records, **more, seconds=round(seconds, 1), per_second=per_second)


def restore(store: PartitionStore, chunk: Chunk) -> None:
    """Bring a partition of the store to where a chunk of its changelog ends."""
    number, records = chunk.tp.partition, chunk.records
    if (known := store.restored_to(number)) is not None and records[0].offset <= known:
        records = [record for record in records if record.offset > known]  # Faust reads the last one again
    store.restore(number, what_counts(records, number, store), max(chunk.end - 1, known or 0))


class ChunkTables(TableManager):
    """Faust's table manager with the recovery above."""

    @property
    def recovery(self) -> ChunkRecovery:
        """Return the recovery service."""
        if self._recovery is None:
            self._recovery = ChunkRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return cast(ChunkRecovery, self._recovery)


class RestoringStore(Store[bytes, bytes]):
    """What Faust asks of a table's store, answered by ours."""

    def __init__(self, app: AppT, table: CollectionT, store: PartitionStore) -> None:
        super().__init__("memory://", app, table)
        self.by_partition = store

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: object, to_value: object) -> None:
        """Do nothing: Faust's buffers stay empty, and it flushes them all the same."""

    def persisted_offset(self, tp: TP) -> int | None:
        """Return the changelog offset that a partition is restored to."""
        with ending():
            return self.by_partition.restored_to(tp.partition)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Let go of the partitions that are somebody else's now."""
        for tp in revoked:
            if tp.topic in self.table.changelog_topic.topics:
                self.by_partition.close(tp.partition)

    async def on_stop(self) -> None:
        """Let go of everything."""
        self.by_partition.close_all()

    def reset_state(self, *_: Any, **__: Any) -> None:
        """Do nothing: only Faust's own command line asks for it."""

    restore_backup = backup_partition = reset_state  # type: ignore[assignment]  # never awaited either


class StateTable(faust.Table[bytes, bytes]):
    """A Faust table over a store that is addressed by partition; `options` may name the folder of a RocksDB."""

    @property
    def store(self) -> PartitionStore:
        """Return the store: the detector reads and writes it by partition, Faust restores it."""
        return cast(RestoringStore, self.data).by_partition

    def _new_store(self) -> Store[bytes, bytes]:
        folder = (self.options or {}).get("folder")
        return RestoringStore(self.app, self, MemoryStore() if folder is None else SturdyRocksStore(Path(folder)))
