"""What a worker knows of erasures when it begins with a partition: all that stands on the topic, or it stops.

Beside state stands how many were known: a topic that holds fewer has lost some, and those people would come back.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from aiokafka import ConsumerRecord
from faust.types import TP
from msgspec import Struct

from stream_app.codec.erasures import ErasuresError, collected, decode_erasure
from stream_app.core.erasure import SALT_BYTES, Erasure, Erasures

_LOST = (
    "{where} holds {found} erasures, and {known} were known: it was deleted or made anew. Put back what it held, or "
    "stop all detect workers, run `stream-app topics recreated {topic}`, start them again and erase again who "
    "was erased"
)


class Known(Struct, frozen=True):
    """Who was erased in a partition, the salt to go on with, and what has to be written again."""

    erasures: Erasures
    salt: str
    amends: list[Erasure]


class ErasuresRead:
    """Reads a partition of `erasures` to its end."""

    def __init__(
        self,
        topic: str,
        ends: Callable[[Iterable[TP]], Awaitable[Mapping[TP, int]]],
        read: Callable[[str, int, int, int], Awaitable[Sequence[ConsumerRecord]]],
    ) -> None:
        self._topic = topic
        self._ends = ends
        self._read = read

    async def __call__(self, partition: int, remembered: bytes | None) -> Known:
        """Return who was erased; `remembered` is what state says of it, the value of `remember`.

        Raises:
            ErasuresError: it cannot be told.
        """
        place = TP(self._topic, partition)
        end = (await self._ends([place]))[place]
        records = await self._read(self._topic, partition, 0, end - 1) if end else []
        where = f"{self._topic}[{partition}]"
        found, known = collected(((each.key, each.value) for each in records), where), known_of(remembered)[0]
        if len(found) < known:
            raise ErasuresError(_LOST.format(where=where, found=len(found), known=known, topic=self._topic))
        salt = found.salt or secrets.token_hex(SALT_BYTES)
        return Known(erasures=found, salt=salt, amends=_amends(records, found, where))


def _amends(records: Sequence[ConsumerRecord], found: Erasures, where: str) -> list[Erasure]:
    """Return those whose last record says less than the ones before: compaction would keep that one alone."""
    last = {record.key: record.value for record in records}
    return [one for one in found if decode_erasure(last[one.hash.encode()], where) != one]


def remember(known: int, times: int) -> bytes:
    """Return the value that says how many are known, and how often somebody was erased."""
    return b"%d %d" % (known, times)


def known_of(remembered: bytes | None) -> tuple[int, int]:
    """Return what `remember` was told; nothing if there is no value."""
    known, times = (remembered or b"0 0").split()
    return int(known), int(times)
