"""A chunk of records, and the two sides that pass it on: Faust's, which fetches, and the detector's, which judges."""

from collections.abc import Mapping
from typing import Protocol

from aiokafka import ConsumerRecord
from faust.types import TP
from msgspec import Struct


class Chunk(Struct, frozen=True):
    """All records that one fetch brought for a topic-partition.

    `start` and `end` are positions: the offset that was next before and after. They count what holds no record too
    (compaction, transaction markers), so that the `end` of one chunk is the `start` of the next, always.
    """

    tp: TP
    epoch: int
    start: int
    end: int
    records: list[ConsumerRecord]


class Listener(Protocol):
    """Who is told when partitions come and go."""

    def assigned(self) -> None:
        """Partitions have come; their state is about to be restored."""

    def positioned(self, epoch: int, positions: Mapping[TP, int]) -> None:
        """State is restored and these source partitions are read from these offsets on."""

    async def revoked(self) -> None:
        """Partitions are about to go: make durable what was applied, drop the rest."""

    async def stop(self) -> None:
        """The worker ends: do the same, for good."""


class Source(Protocol):
    """What the detector's side needs of the consumer."""

    committable: dict[TP, int]

    def chunk_done(self, tp: TP) -> None:
        """A chunk's events have all been taken."""

    async def read_to(self, ends: Mapping[TP, int]) -> Mapping[TP, int]:
        """Return, of the partitions whose position has reached `ends`, up to where chunks were handed out."""

    async def commit(self) -> bool:
        """Commit `committable`."""

    def highwater(self, tp: TP) -> int | None:
        """Return the end of a partition as the last fetch saw it."""
