"""Who was erased, read from the first record on: nobody is told of anything before that is known."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from msgspec import Struct

from stream_app.codec.erasures import ErasuresError, decode_erasure
from stream_app.core.erasure import Erasure, Erasures
from stream_app.notify.changelog import ChangelogError, reader

PATIENCE_MS = 500


class Taken(Struct, frozen=True, kw_only=True):
    """An erasure and where it stands."""

    source: str
    offset: int
    erasure: Erasure


class ErasuresTopic:
    """All partitions of `erasures`; every worker reads all. `known` holds them before anybody hears of them.

    `positions`: up to where it is read, under the names that these partitions have among the positions of a changelog.
    """

    def __init__(self, topic: str, partitions: int, known: Erasures) -> None:
        self.places = [TopicPartition(topic, number) for number in range(partitions)]
        self.positions: dict[str, int] = {}
        self._known = known
        self._taken: list[Taken] = []
        self._damaged: dict[bytes | None, ErasuresError] = {}
        self._news = asyncio.Condition()

    async def follow(self, options: Mapping[str, Any], hear: Callable[[Erasures], Awaitable[None]]) -> None:
        """Read for ever, and let what is new be heard; ErasuresError for what is damaged and not made void."""
        async with reader(options, PATIENCE_MS) as consumer:
            consumer.assign(self.places)
            await consumer.seek_to_beginning(*self.places)
            ends = await consumer.end_offsets(self.places)
            found: Mapping[TopicPartition, list[ConsumerRecord]] = {}
            while True:
                new = [erasure for records in found.values() for erasure in map(self._take, records) if erasure]
                for place in self.places:
                    self.positions[source_of(place)] = await consumer.position(place)
                self._complain(ends)
                if new:
                    await hear(Erasures(new))
                async with self._news:
                    self._news.notify_all()
                found = await consumer.getmany(timeout_ms=PATIENCE_MS)

    async def read_up_to(self, ends: Mapping[TopicPartition, int]) -> None:
        """Return when everything before these ends has been read."""
        async with self._news:
            await self._news.wait_for(
                lambda: all(self.positions.get(source_of(place), -1) >= ends[place] for place in self.places)
            )

    def since(self, positions: Mapping[str, int]) -> Erasures:
        """Return those that a partition does not know of that has taken all before these positions.

        Raises:
            ChangelogError: it has taken more than there is.
        """
        for source, read in self.positions.items():
            if positions.get(source, 0) > read:
                raise ChangelogError(
                    f"{source} ends at {read}, but was read up to {positions[source]} before: who was erased is not "
                    "known any more. Put back what stood there; with an empty topic people who were erased come back"
                )
        return Erasures(each.erasure for each in self._taken if each.offset >= positions.get(each.source, 0))

    def _complain(self, ends: Mapping[TopicPartition, int]) -> None:
        """Raise what is wrong once all is read that could make it void."""
        if self._damaged and all(self.positions[source_of(place)] >= end for place, end in ends.items()):
            raise next(iter(self._damaged.values()))

    def _take(self, record: ConsumerRecord) -> Erasure | None:
        place = TopicPartition(record.topic, record.partition)
        if record.value is None:
            self._damaged.pop(record.key, None)
            return None
        try:
            erasure = decode_erasure(record.value, f"{source_of(place)} at {record.offset}")
        except ErasuresError as error:
            self._damaged[record.key] = error
            return None
        self._taken.append(Taken(source=source_of(place), offset=record.offset, erasure=erasure))
        return self._known.add(erasure)


def source_of(place: TopicPartition) -> str:
    """Return the name of a partition among the positions of a changelog."""
    return f"{place.topic}[{place.partition}]"
