"""A chunk of records, and the two sides that pass it on: Faust's, which fetches, and the detector's, which judges."""

from collections.abc import Collection, Mapping
from typing import Protocol

import faust
from aiokafka import ConsumerRecord
from faust.types import TP
from msgspec import Struct


class Chunk(Struct, frozen=True):
    """All records that one fetch brought for a topic-partition.

    `start` and `end` are positions: the offset that was next before and after. They count what holds no record too
    (compaction, transaction markers), so that the `end` of one chunk is the `start` of the next, always. `arrival`
    counts the fetches: what has a smaller one came earlier, in whatever topic-partition.
    """

    tp: TP
    epoch: int
    start: int
    end: int
    records: list[ConsumerRecord]
    arrival: int = 0


class Listener(Protocol):
    """Who is told when partitions come and go."""

    def assigned(self) -> None:
        """Partitions have come; their state is about to be restored."""

    def positioned(self, epoch: int, positions: Mapping[TP, int]) -> None:
        """State is restored and these source partitions are read from these offsets on."""

    def ended(self, epoch: int, arrival: int, ends: Mapping[TP, int]) -> None:
        """What came up to this arrival is all there was then: the partitions hold nothing from these offsets on."""

    async def revoked(self) -> None:
        """Partitions are about to go: make durable what was applied, drop the rest."""

    async def stop(self) -> None:
        """The worker ends: do the same, for good."""


class ListeningApp(faust.App):
    """An app whose detector hears of partitions and of the end."""

    listener: Listener

    async def on_stop(self) -> None:
        """Let the detector finish, then stop as Faust does."""
        await self.listener.stop()
        await super().on_stop()


class Source(Protocol):
    """What the detector's side needs of the consumer."""

    committable: dict[TP, int]
    uncommitted: Collection[TP]
    """Of what was committed nothing when its partition came."""

    @property
    def generation(self) -> int:
        """The group's generation in which partitions were assigned; it grows with each rebalance."""

    def owns(self) -> bool:
        """Whether the group still counts on this worker, as far as it has heard."""

    def chunk_done(self, tp: TP) -> None:
        """A chunk's events have all been taken."""

    async def read_to(self, ends: Mapping[TP, int]) -> Mapping[TP, int]:
        """Return, of the partitions whose position has reached `ends`, up to where chunks were handed out."""

    async def commit(self) -> bool:
        """Commit `committable`."""

    def highwater(self, tp: TP) -> int | None:
        """Return the end of a partition as the last fetch saw it."""
