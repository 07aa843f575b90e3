"""What is made durable, in the order that loses nothing, while events are judged on.

Alerts, fates, dead letters acknowledged → changelog acknowledged → store written → offsets committed. A crash between
two steps repeats work: the fence in a customer's state knows what was applied, and a repeated alert has the same id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeAlias

from stream_app.workers.chunk import Source
from stream_app.workers.lanes import Lane
from stream_app.workers.partition import Partition

Changes: TypeAlias = Mapping[bytes, bytes | None]
Keep: TypeAlias = Callable[[int, Changes], Awaitable[None]]


class Checkpoint:
    """Partitions as they stand at one moment, between two events, when all that was judged is on its way."""

    def __init__(self, partitions: Iterable[Partition], said: Awaitable[object], keep: Keep) -> None:
        self._states = [(partition, partition.changes(), partition.committable()) for partition in partitions]
        self._said = said
        self._keep = keep

    async def write(self, source: Source) -> None:
        """Make it durable; `said` is done when all that was sent up to that moment has arrived."""
        await self._said
        await asyncio.gather(*(self._write_state(*state) for state in self._states))
        committable = {lane.tp: offset for *_, lanes in self._states for lane, offset in lanes.items()}
        source.committable.update(committable)
        if committable:
            await source.commit()

    async def _write_state(self, partition: Partition, changes: Changes, committable: Mapping[Lane, int]) -> None:
        if changes:
            await self._keep(partition.number, changes)
        partition.settled(committable)
