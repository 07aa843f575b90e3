"""A worker's own writing to the changelog: while it owns a partition, and noticing when somebody else wrote too."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from aiokafka import ConsumerRecord

from stream_app.metrics import Metrics
from stream_app.outbox import Outbox
from stream_app.workers.chunk import Source
from stream_app.workers.stores import PartitionStore
from stream_app.workers.terms import (
    TERM_KEY,
    headers_of,
    next_term,
    outdated,
    remember_outdated,
    term_of,
    what_counts,
)

log = structlog.get_logger(__name__)


class OwnershipLost(Exception):
    """The partition is another worker's now: nothing more may be written."""


class Changelog:
    """Writes what is to be kept, first to the changelog and then to the store; one per worker process.

    Kafka has no "append if nobody else did". But the offset of what was written tells whether somebody did.
    """

    def __init__(
        self,
        *,
        topic: str,
        outbox: Outbox,
        store: Callable[[], PartitionStore],
        source: Callable[[], Source],
        read: Callable[[str, int, int, int], Awaitable[Sequence[ConsumerRecord]]],
        metrics: Metrics,
    ) -> None:
        self._topic = topic
        self._outbox = outbox
        self._store = store
        self._source = source
        self._read = read
        self._metrics = metrics
        self._terms: dict[int, bytes] = {}

    async def begin(self, partition: int) -> None:
        """Begin a term: from here on what others write does not count. Put right what they have left behind."""
        term = next_term(self._store().fetch(partition, TERM_KEY), self._source().generation)
        self._terms[partition] = term
        await self.keep(partition, {TERM_KEY: term})
        await self._write_over(partition)

    async def keep(self, partition: int, values: Mapping[bytes, bytes | None]) -> None:
        """Write values to the changelog and, when they are acknowledged, to the store.

        Raises:
            OwnershipLost: the partition is another worker's.
        """
        if not self._source().owns():
            raise OwnershipLost(f"partition {partition}: the group does not count on this worker any more")
        store, term = self._store(), self._terms[partition]
        before = store.restored_to(partition)
        start = 0 if before is None else before + 1
        offset = await self._outbox.write(self._topic, partition, values.items(), headers_of(term))
        if offset - len(values) < start:
            store.write(partition, values, offset)
        else:
            await self._take_in(partition, start, offset)
            if term != values.get(TERM_KEY):
                await self._write_over(partition)

    async def _take_in(self, partition: int, start: int, end: int) -> None:
        """Take what was written with what somebody else wrote in between as a restore would."""
        records = await self._read(self._topic, partition, start, end)
        if any(term_of(record) > self._terms[partition] for record in records):
            raise OwnershipLost(f"partition {partition}: another worker has begun to write its state")
        store = self._store()
        store.write(partition, what_counts(records, partition, store), end)

    async def _write_over(self, partition: int) -> None:
        """Write again what somebody else has written over."""
        store = self._store()
        keys = outdated(store, partition)
        if not keys:
            return
        log.warning("another worker wrote state that is not its own, put right", partition=partition, keys=len(keys))
        self._metrics.outdated_records.inc(len(keys))
        await self.keep(partition, {key: store.fetch(partition, key) for key in keys})
        offset = store.restored_to(partition)
        assert offset is not None, "just written"
        store.write(partition, remember_outdated(outdated(store, partition) - keys), offset)
