"""The topics of notify, read by a consumer of no group: from the days that count to the end, and on from there."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from stream_app.codec import DecodeError
from stream_app.codec.erasures import collected
from stream_app.codec.notify import decode_delivery, decode_feedback, decode_order
from stream_app.inbox.cases import Cases
from stream_app.notify.changelog import reader
from stream_app.progress import Progress
from stream_app.settings import Settings
from stream_app.topics import KEPT_ORDERS, NotifyTopic, OutputTopic

log = structlog.get_logger(__name__)

READ = (NotifyTopic.QUEUE, NotifyTopic.DELIVERIES, NotifyTopic.FEEDBACK)
PATIENCE_MS = 500
RECORDS_AT_ONCE = 500
AGAIN_AFTER = 2.0  # seconds, as all of these
TIDY_AFTER = 30.0
LOOK_AFTER = 5.0
ANSWERS_WITHIN = 3.0


class Told(Protocol):
    """Who is told that something was read."""

    async def all_read(self) -> None:
        """All is in the cases that stood in the topics at the start."""

    async def changed(self) -> None:
        """Some of the cases may have changed."""

    def erased(self) -> None:
        """People were erased."""

    def tidy(self) -> None:
        """Some time has passed."""


class Reading:
    """Reads for ever into the cases."""

    def __init__(self, settings: Settings, partitions: Mapping[str, int], cases: Cases, progress: Progress) -> None:
        self._options = settings.client_options()
        self._cases = cases
        self._progress = progress
        self._topics = {settings.topic(topic): topic for topic in (*READ, OutputTopic.ERASURES)}
        self._places = [TopicPartition(name, n) for name in self._topics for n in range(partitions[name])]
        self._begins: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._tidied_at = self._looked_at = 0.0
        self.connected = False
        self.caught_up = False
        """Whether everything has been read that stood there at the start."""

    @property
    def done(self) -> float:
        """How much of what stood there at the start has been read, 0 to 1."""
        total = sum(self._ends.values()) - sum(self._begins.values())
        read = sum(min(self._positions[place], end) - self._begins[place] for place, end in self._ends.items())
        return read / total if total else float(self.caught_up)

    async def run(self, told: Told) -> None:
        """Read; where the broker is gone, try again, and go on where it was. Raises ErasuresError."""
        while True:
            try:
                async with reader(self._options, PATIENCE_MS) as consumer:
                    await self._follow(consumer, told)
            except (KafkaError, OSError) as error:
                self.connected = False
                log.warning("the topics cannot be read, it is tried again", error=type(error).__name__)
                await asyncio.sleep(AGAIN_AFTER)

    async def _follow(self, consumer: AIOKafkaConsumer, told: Told) -> None:
        consumer.assign(self._places)
        if not self._positions:
            await self._start(consumer)
        for place, position in self._positions.items():
            consumer.seek(place, position)
        await self._erased_first(consumer, told)
        while True:
            await self._read(consumer, told)
            if not self.caught_up and not self._behind():
                await told.all_read()
                self.caught_up = self.connected = True
                log.info("the inbox is up", cases=len(self._cases))
            elif self.caught_up:
                await told.changed()
            await self._look(consumer, told)

    async def _start(self, consumer: AIOKafkaConsumer) -> None:
        since = time.time_ns() // 1_000_000 - KEPT_ORDERS // 1_000
        begins, ends = await consumer.beginning_offsets(self._places), await consumer.end_offsets(self._places)
        found = await consumer.offsets_for_times(dict.fromkeys(self._places, since))
        for place in self._places:
            later = found[place].offset if found[place] is not None else ends[place]
            self._begins[place] = begins[place] if self._is_of_erased(place) else later
        self._positions, self._ends = dict(self._begins), dict(ends)

    async def _erased_first(self, consumer: AIOKafkaConsumer, told: Told) -> None:
        """Read all of `erasures`: nobody is shown who was erased, in whatever order the other topics are read."""
        positions = {place: at for place, at in self._positions.items() if self._is_of_erased(place)}
        records: list[ConsumerRecord] = []
        while any(at < self._ends[place] for place, at in positions.items()):
            found = await consumer.getmany(*positions, timeout_ms=PATIENCE_MS)
            records += [record for each in found.values() for record in each]
            positions = {place: await consumer.position(place) for place in positions}
        self._erase(records, told)
        self._positions |= positions  # not before: what a broken connection took away is read again

    def _erase(self, records: Sequence[ConsumerRecord], told: Told) -> None:
        if records:
            self._cases.erase(collected(((one.key, one.value) for one in records), records[0].topic))
            told.erased()

    def _is_of_erased(self, place: TopicPartition) -> bool:
        return self._topics[place.topic] is OutputTopic.ERASURES

    def _behind(self) -> bool:
        return any(self._positions[place] < end for place, end in self._ends.items())

    async def _read(self, consumer: AIOKafkaConsumer, told: Told) -> None:
        found = await consumer.getmany(timeout_ms=PATIENCE_MS, max_records=RECORDS_AT_ONCE)
        for place, records in found.items():
            if self._is_of_erased(place):
                self._erase(records, told)
            else:
                for record in records:
                    self._take(record)
        for place in self._places:
            self._positions[place] = await consumer.position(place)
        if not self.caught_up:
            self._progress("Reading topics", round(self.done * 100), 100)

    def _take(self, record: ConsumerRecord) -> None:
        try:
            match self._topics[record.topic]:
                case NotifyTopic.QUEUE:
                    self._cases.order(decode_order(record.value))
                case NotifyTopic.DELIVERIES:
                    self._cases.delivery(decode_delivery(record.value))
                case NotifyTopic.FEEDBACK:
                    self._cases.feedback(decode_feedback(record.value))
        except DecodeError:
            return  # whose partition it is in makes it a dead letter

    async def _look(self, consumer: AIOKafkaConsumer, told: Told) -> None:
        """Tidy up now and then, and see whether the broker answers: a fetch that brings nothing does not tell."""
        now = time.monotonic()
        if now >= self._tidied_at + TIDY_AFTER:
            self._tidied_at = now
            told.tidy()
        if now >= self._looked_at + LOOK_AFTER:
            self._looked_at = now
            self.connected = await _answers(consumer, self._places)


async def _answers(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> bool:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            await consumer.end_offsets(places)
    except (KafkaError, TimeoutError):
        return False
    return True
