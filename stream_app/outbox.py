"""What a worker says to Kafka: one record batch per topic-partition and round, and the proof that it arrived."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.structs import ConsumerRecord, RecordMetadata

from stream_app.codec import DecodeError, encode_dead_letter

Record: TypeAlias = tuple[bytes | None, bytes | None]
Headers: TypeAlias = Sequence[tuple[str, bytes]]

LARGEST_BATCH = 900_000
"""Bytes of a record batch: below the megabyte that a broker takes by default."""

LONGEST_KEY = 1_024
"""Bytes of a dead letter's key: a key may be as long as a record, and the letter would fit nowhere."""


class Outbox:
    """Collects records, sends them as batches, and knows which are not acknowledged yet."""

    def __init__(self, producer: Callable[[], AIOKafkaProducer], partitions: Mapping[str, int]) -> None:
        self._producer = producer
        self._partitions = {topic: list(range(n)) for topic, n in partitions.items()}
        self._partitioner = DefaultPartitioner()
        self._waiting: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)
        self._unacknowledged: set[asyncio.Future[Any]] = set()

    def add(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> None:
        """Put a record on its way; Kafka's own hash of the key chooses the partition, chance where there is none."""
        if partition is None:
            everyone = self._partitions[topic]
            partition = self._partitioner(key, everyone, everyone)
        self._waiting[topic, partition].append((key, value))

    async def flush(self, acknowledged: Callable[[], None] | None = None) -> None:
        """Send what was added; `acknowledged` is called when all of it has arrived."""
        waiting, self._waiting = self._waiting, defaultdict(list)
        sent = [await self._send(topic, partition, batch) for (topic, partition), batch in waiting.items()]
        futures = [future for part in sent for future, _ in part]
        if not futures:
            return
        arrived = asyncio.ensure_future(_all(futures, acknowledged))
        self._unacknowledged.add(arrived)
        arrived.add_done_callback(self._forget)

    def _forget(self, arrived: asyncio.Future[Any]) -> None:
        if not arrived.cancelled() and arrived.exception() is None:
            self._unacknowledged.discard(arrived)  # what failed stays: `sent` must meet it

    async def drain(self) -> None:
        """Return when everything sent has been acknowledged; raises as `sent` does."""
        while self._unacknowledged:
            await self.sent()

    def sent(self) -> Awaitable[object]:
        """Return what is done when everything sent until now has been acknowledged.

        Raises:
            KafkaError: something was not; the worker must stop, uncommitted.
        """
        return asyncio.gather(*self._unacknowledged)

    async def write(self, topic: str, partition: int, records: Iterable[Record], headers: Headers = ()) -> int:
        """Send records to one partition and wait for the acknowledgement; return the offset of the last."""
        last = -1
        for future, count in await self._send(topic, partition, records, headers):
            metadata: RecordMetadata = await future
            last = metadata.offset + count - 1
        return last

    async def _send(
        self, topic: str, partition: int, records: Iterable[Record], headers: Headers = ()
    ) -> list[tuple[Awaitable[RecordMetadata], int]]:
        producer, sent, said = self._producer(), [], list(headers)
        batch, count = producer.create_batch(), 0
        for key, value in records:
            if batch.append(key=key, value=value, timestamp=None, headers=said) is None:
                sent.append((await producer.send_batch(batch, topic, partition=partition), count))
                batch, count = producer.create_batch(), 0
                if batch.append(key=key, value=value, timestamp=None, headers=said) is None:
                    raise ValueError(f"a record of {len(value or b'')} bytes for {topic} is larger than a batch")
            count += 1
        if count:
            sent.append((await producer.send_batch(batch, topic, partition=partition), count))
        return sent


async def _all(futures: list[Awaitable[RecordMetadata]], acknowledged: Callable[[], None] | None) -> None:
    await asyncio.gather(*futures)
    if acknowledged is not None:
        acknowledged()


def dead_letter(record: ConsumerRecord, error: DecodeError) -> tuple[bytes, bytes]:
    """Return key and value of the dead letter for a record that cannot be used."""
    letter = encode_dead_letter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        reason=error.reason,
        detail=error.detail,
        key=record.key,
        value=record.value,
    )
    return (record.key or b"")[:LONGEST_KEY], letter
