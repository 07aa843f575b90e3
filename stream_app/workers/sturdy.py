"""A RocksDB that may be damaged, or whose disk may be full.

Every block carries a checksum, so RocksDB notices when it opens or reads one that changed. What is damaged is thrown
away: the changelog has all of it. RocksDB tells its errors apart only in words.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import structlog

from stream_app.core.events import Micros
from stream_app.workers.stops import NoRoomError
from stream_app.workers.stores import RocksStore

if TYPE_CHECKING:
    from rocksdict import Rdict  # an optional extra

log = structlog.get_logger(__name__)

_DAMAGED = ("Corruption:", "IO error: No such file or directory:")
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")


class DamagedError(Exception):
    """A partition's database cannot be read; it is gone now, and restored from the changelog at the next start."""


class SturdyRocksStore(RocksStore):
    """Wipes a database that is damaged; found at opening it is restored at once, else after a restart.

    Raises:
        DamagedError: what was read last cannot be trusted.
        NoRoomError: the disk is full; what is on it is as good as before.
    """

    def fetch(self, partition: int, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        try:
            return super().fetch(partition, key)
        except Exception as error:
            self._give_up(partition, error)

    def write(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Store values (None deletes) and the offset that the changelog has them at, all or nothing."""
        try:
            super().write(partition, values, changelog_offset)
        except Exception as error:
            self._give_up(partition, error)

    def restore(self, partition: int, values: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Do the same with what a changelog says."""
        try:
            super().restore(partition, values, changelog_offset)
        except Exception as error:
            self._give_up(partition, error)

    def dues(self, partition: int) -> Iterator[tuple[Micros, bytes]]:
        """Yield when customers are due, the earliest first, until the next write."""
        try:
            yield from super().dues(partition)
        except Exception as error:
            self._give_up(partition, error)

    def _database(self, partition: int) -> "Rdict":
        if partition in self._open:
            return self._open[partition]
        try:
            return super()._database(partition)
        except Exception as error:
            _look_for_room(self._folder, error)
            if not str(error).startswith(_DAMAGED):
                raise
            self._wipe(partition, error)
            return super()._database(partition)

    def _give_up(self, partition: int, error: Exception) -> NoReturn:
        _look_for_room(self._folder, error)
        if str(error).startswith(_DAMAGED):
            self._wipe(partition, error)
            raise DamagedError(f"state of partition {partition} was damaged: {error}") from error
        raise error

    def _wipe(self, partition: int, error: Exception) -> None:
        folder = self._path(partition)
        log.error("damaged state is wiped, and restored from the changelog", folder=str(folder), error=str(error))
        with suppress(Exception):  # it fails the same way
            self.close(partition)
        shutil.rmtree(folder)


def _look_for_room(folder: Path, error: Exception) -> None:
    if any(words in str(error) for words in _FULL):
        raise NoRoomError(
            f"there is no room for state in {folder} ({error}). Give the disk room, then start again: nothing was "
            "committed that is not kept"
        ) from error
