"""What people say of each rule's alerts, as metrics: all of `cs-feedback`, whichever partitions are ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app.codec import DecodeError
from stream_app.codec.notify import decode_feedback
from stream_app.core.events import HOUR, SECOND, Micros
from stream_app.core.notify.verdicts import LastWords
from stream_app.notify.changelog import reader
from stream_app.notify.clock import Clock
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.worker import PATIENCE_MS, Place
from stream_app.topics import KEPT_FEEDBACK

log = structlog.get_logger(__name__)

TRIED_AGAIN_AFTER = 30 * SECOND
LOOKS_AFTER_MS = 60_000  # where nobody says anything


@asynccontextmanager
async def verdicts_measured(place: Place, metrics: NotifyMetrics, clock: Clock) -> AsyncIterator[None]:
    """Keep the metrics up to date for as long as the block runs; it belongs to no group, and writes nothing."""
    following = asyncio.ensure_future(_follow(place, metrics, clock))
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _follow(place: Place, metrics: NotifyMetrics, clock: Clock) -> None:
    while True:
        try:
            async with reader(place.options, PATIENCE_MS) as consumer:
                await _read(consumer, place, metrics, clock)
        except Exception:  # nobody is told less because a metric stands still
            log.exception("feedback cannot be measured, is tried again")
        await clock.sleep_until(clock.now() + TRIED_AGAIN_AFTER, asyncio.Event())


async def _read(consumer: AIOKafkaConsumer, place: Place, metrics: NotifyMetrics, clock: Clock) -> None:
    topic = place.topics.feedback
    places = [TopicPartition(topic, number) for number in range(place.partitions[topic])]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends = await consumer.end_offsets(places)
    words, forgotten_at = LastWords(), clock.now()
    while True:
        found = await consumer.getmany(timeout_ms=LOOKS_AFTER_MS)
        for records in found.values():
            for record in records:
                _hear(words, record.value)
        forgotten_at = _forget(words, forgotten_at, clock.now())
        if all([await consumer.position(each) >= ends[each] for each in places]):  # half of it would mislead
            metrics.said(words.by_rule())


def _hear(words: LastWords, value: bytes | None) -> None:
    try:
        words.take(decode_feedback(value))
    except DecodeError:
        return  # whose partition it is in makes it a dead letter


def _forget(words: LastWords, forgotten_at: Micros, now: Micros) -> Micros:
    """Drop now and then what the topic keeps no longer: a worker that starts now counts the same."""
    if now < forgotten_at + HOUR:
        return forgotten_at
    words.forget(now - KEPT_FEEDBACK)
    return now
