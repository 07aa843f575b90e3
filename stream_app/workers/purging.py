"""How those who were erased leave a RocksDB: in its files they stay until these are compacted.

Only the name of a key may stay behind then, as a bound in RocksDB's list of files, which is written anew when the
database is opened next.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

import structlog

if TYPE_CHECKING:
    from rocksdict import Rdict  # an optional extra

log = structlog.get_logger(__name__)

TO_PURGE = b"\x00to-purge"
"""Where it lies, as a changelog offset, up to where there is something to purge; whoever writes puts it there."""

_PURGED = b"\x00purged"  # the same as purged last; another key, as it is written by another thread


def purge_of(database: "Rdict", prefix: bytes, time_size: int) -> Callable[[], None] | None:
    """Return what purges a database, if that is asked for: due moments, see `_purge_dues`, and files."""
    asked = cast(bytes | None, database.get(TO_PURGE))
    if asked is None or asked == database.get(_PURGED):
        return None
    return partial(_purge, database, prefix, time_size, asked)


def _purge(database: "Rdict", prefix: bytes, time_size: int, asked: bytes) -> None:
    _purge_dues(database, prefix, len(prefix) + time_size)
    _compact(database)
    database.put(_PURGED, asked)


def _purge_dues(database: "Rdict", prefix: bytes, head: int) -> None:
    """Delete the due moments of customers who are not there, as a restore leaves them; behind `head` stands who it is.

    Meanwhile somebody may come back: what was deleted wrongly is put back, and one that does not hold goes when met.
    """
    for entry in cast(Iterator[bytes], database.keys(from_key=prefix)):
        if not entry.startswith(prefix):
            return
        if database.get(entry[head:]) is None:
            database.delete(entry)
            if database.get(entry[head:]) is not None:
                database.put(entry, b"")


def _compact(database: "Rdict") -> None:
    """Write all files anew: a range would stand in RocksDB's own log, and name who was deleted."""
    import rocksdict

    options = rocksdict.CompactOptions()
    options.set_bottommost_level_compaction(rocksdict.BottommostLevelCompaction.force())
    database.compact_range(None, None, options)


class Purging:
    """Purges in the background, one partition after the other; what fails is tried again the next time."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def begin(self, asked: Callable[[], Collection[Callable[[], None]]]) -> None:
        """Purge what is asked for now, if nothing is being purged."""
        if (self._task is None or self._task.done()) and (purges := asked()):
            self._task = asyncio.create_task(_purged(purges))

    async def done(self) -> None:
        """Return when nothing is being purged."""
        if self._task is not None:
            await self._task


async def _purged(purges: Collection[Callable[[], None]]) -> None:
    for purge in purges:
        try:
            await asyncio.to_thread(purge)
        except Exception as error:
            log.warning("what was erased could not be purged from the disk yet", error=str(error))
