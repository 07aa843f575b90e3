"""Where topics end and what stands in them, asked on a connection of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

import mode
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faust.types import TP

from stream_app.workers.ends import ASK_SECONDS

READ_MS = 1_000  # that a read waits for an answer before it asks again


class TopicEnds(mode.Service):
    """Asks where topics end, on a connection of its own: on the consumer's, the answer waits for a fetch to return.

    Also reads what stands somewhere in a topic.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__()
        self._options = options
        self._consumer: AIOKafkaConsumer | None = None

    async def on_start(self) -> None:
        """Connect."""
        # Less than the detector waits: only a request that runs out by itself gives up a dead connection.
        limit = int(ASK_SECONDS * 800)
        self._consumer = AIOKafkaConsumer(**self._options, enable_auto_commit=False, request_timeout_ms=limit)
        await self._consumer.start()

    async def on_stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def __call__(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Return the offsets that the next records will get."""
        assert self._consumer is not None, "asked before the start"
        ends = await self._consumer.end_offsets([TopicPartition(*tp) for tp in tps])
        return {TP(*tp): end for tp, end in ends.items()}

    async def read(self, topic: str, partition: int, first: int, last: int) -> list[ConsumerRecord]:
        """Return what stands from the first to the last of these offsets; compaction may have left less."""
        assert self._consumer is not None, "asked before the start"
        consumer, tp, found = self._consumer, TopicPartition(topic, partition), list[ConsumerRecord]()
        consumer.assign([tp])
        consumer.seek(tp, max(first, (await consumer.beginning_offsets([tp]))[tp]))
        while await consumer.position(tp) <= last:
            fetched = await consumer.getmany(tp, timeout_ms=READ_MS)
            found += [record for record in fetched.get(tp, ()) if record.offset <= last]
        consumer.unsubscribe()
        return found
