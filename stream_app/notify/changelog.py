"""The changelog of a partition: read back after a crash, and written by one worker at a time.

Every record carries the epoch of who wrote it. Each restore takes a higher one and writes it down before anything
else, so that of two workers who believe that a partition is theirs the later one wins, whoever writes last.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from struct import Struct as Layout
from typing import Any

import orjson
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from msgspec import Struct

from stream_app.notify.machines import Change
from stream_app.outbox import Outbox

log = structlog.get_logger(__name__)

FORMAT = 1
POSITIONS = b"p"
EPOCH_HEADER = "epoch"

_STAMP = Layout(">QB")


class ChangelogError(Exception):
    """The changelog cannot be used as it is; the text says what to do."""


class ForeignWriteError(Exception):
    """Somebody else writes to the partition too: end, uncommitted, and let it be restored by whom it belongs to."""


class Kept(Struct, frozen=True, kw_only=True):
    """What a changelog says: records by key without the positions, and the next offset of each source."""

    records: Mapping[bytes, bytes]
    positions: Mapping[str, int]


class Reading:
    """Records as they are read: of each key the one with the highest epoch counts, of equals the later."""

    def __init__(self) -> None:
        self._newest: dict[bytes, tuple[int, bytes | None]] = {}
        self._passed_over: set[bytes] = set()
        self.highest = 0

    def take(self, record: ConsumerRecord) -> None:
        """Take the next record."""
        epoch = epoch_of(record)
        if record.key in self._newest and epoch < self._newest[record.key][0]:
            self._passed_over.add(record.key)
        else:
            self._newest[record.key] = (epoch, record.value)
            self._passed_over.discard(record.key)
        self.highest = max(self.highest, epoch)

    def amends(self) -> list[Change]:
        """Return what must be written again: compaction keeps the last record of a key, not the one that counts."""
        return [(key, self._newest[key][1]) for key in sorted(self._passed_over - {POSITIONS})]

    def kept(self) -> Kept:
        """Return what counts."""
        records = {key: value for key, (_, value) in self._newest.items() if value is not None}
        positions = records.pop(POSITIONS, b"{}")
        return Kept(records=records, positions=orjson.loads(positions))


def epoch_of(record: ConsumerRecord) -> int:
    """Return the epoch of who wrote a record; ChangelogError if this version cannot read it."""
    stamp = dict(record.headers).get(EPOCH_HEADER, b"")
    epoch, found = _STAMP.unpack(stamp) if len(stamp) == _STAMP.size else (0, 0)
    if found != FORMAT:
        raise ChangelogError(
            f"{record.topic} has a record of format {found} (offset {record.offset}), this version reads {FORMAT}: run "
            "the version that wrote it, or delete the topic and let alerts of the last days be told again"
        )
    return int(epoch)


class Changelog:
    """One partition's changelog, for its one writer."""

    def __init__(self, outbox: Outbox, place: TopicPartition, epoch: int, end: int) -> None:
        self._outbox = outbox
        self._place = place
        self.epoch = epoch
        self._stamp = [(EPOCH_HEADER, _STAMP.pack(epoch, FORMAT))]
        self._end = end

    async def write(self, changes: Sequence[Change], positions: Mapping[str, int]) -> None:
        """Write changes with the positions that they come from, as one batch if they fit into one.

        Raises:
            ForeignWriteError: not ours alone stands there.
            KafkaError: it may not stand there.
        """
        records = [*changes, (POSITIONS, orjson.dumps(positions))]
        last = await self._outbox.write(self._place.topic, self._place.partition, records, self._stamp)
        if last != self._end + len(records) - 1:
            raise ForeignWriteError(f"{self._place.topic}[{self._place.partition}] has another writer")
        self._end = last + 1


class Restored(Struct, frozen=True, kw_only=True):
    """A partition read back and taken over: what it says, where to write on, and where its sources begin and end."""

    kept: Kept
    changelog: Changelog
    amended: int  # keys of which a late record was passed over
    begins: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]


async def restore(
    options: Mapping[str, Any], outbox: Outbox, place: TopicPartition, sources: Sequence[TopicPartition]
) -> Restored:
    """Read a partition back and take it over."""
    async with reader(options) as consumer:
        reading, amended = Reading(), 0
        while True:
            end = await _read(consumer, place, reading)
            changelog = Changelog(outbox, place, reading.highest + 1, end)
            amends, kept = reading.amends(), reading.kept()
            amended += len(amends)
            try:
                await changelog.write(amends, kept.positions)
            except ForeignWriteError:
                continue  # somebody wrote between our look and our claim: look again
            return Restored(
                kept=kept,
                changelog=changelog,
                amended=amended,
                begins=await consumer.beginning_offsets(sources),
                ends=await consumer.end_offsets(sources),
            )


async def read_back(consumer: AIOKafkaConsumer, place: TopicPartition) -> Kept:
    """Return what a partition says now, without taking it over."""
    reading = Reading()
    await _read(consumer, place, reading)
    return reading.kept()


@asynccontextmanager
async def reader(options: Mapping[str, Any], wait_ms: int = 10) -> AsyncIterator[AIOKafkaConsumer]:
    """Yield a consumer of no group; for so long a fetch waits for records, and all other answers for the fetch."""
    own = {"group_id": None, "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    consumer = AIOKafkaConsumer(**options, **own, fetch_max_wait_ms=wait_ms)
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, place: TopicPartition, reading: Reading) -> int:
    """Read on to the end, from the beginning if the consumer reads something else; return where the end is."""
    if place not in consumer.assignment():
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
    end: int = (await consumer.end_offsets([place]))[place]
    while await consumer.position(place) < end:
        for record in (await consumer.getmany(place, timeout_ms=200)).get(place, []):
            reading.take(record)
    position: int = await consumer.position(place)
    return max(end, position)


def starting_point(source: str, position: int | None, begin: int, end: int) -> int:
    """Return from where to read a source of which all before `position` was read (None: nothing).

    Raises:
        ChangelogError: the position is not in this topic, which must be another one than it was.
    """
    if position is None:
        return begin
    if position > end:
        raise ChangelogError(
            f"{source} ends at {end}, but was read up to {position} before: it has been made anew. Delete the "
            "changelog topic of notify too (what is open is forgotten), or set another notify.group"
        )
    if position < begin:
        log.warning("records were deleted before they were read", source=source, missing=begin - position)
    return max(position, begin)
