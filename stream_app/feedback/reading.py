"""What `cs-feedback` says, from the topic or from files of its values."""

from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from aiokafka import TopicPartition

from stream_app.cluster import CREATE, ClusterError, describe_topics, explained
from stream_app.codec import DecodeError
from stream_app.codec.notify import decode_feedback
from stream_app.core.notify.feedback import Feedback
from stream_app.formats.lines import BadLine, numbered_lines
from stream_app.notify.changelog import reader
from stream_app.progress import Progress
from stream_app.settings import Settings
from stream_app.topics import NotifyTopic


async def of_topic(settings: Settings, progress: Progress) -> AsyncIterator[Feedback | None]:
    """Yield what the topic holds up to its end as it is now, None for what cannot be read; raises ClusterError."""
    topic = settings.topic(NotifyTopic.FEEDBACK)
    (state,) = [state for state in await describe_topics(settings) if state.spec.name == topic]
    if not state.exists:
        raise ClusterError(f"{topic}: is missing; {CREATE}")
    with explained(settings):
        async for value in _values(settings, [TopicPartition(topic, n) for n in range(state.partitions)], progress):
            yield _read(value)


def of_files(paths: Iterable[Path]) -> Iterator[Feedback | None]:
    """Yield what files of JSON lines hold, plain or gzip, None for what cannot be read; raises OSError."""
    for path in paths:
        for line in numbered_lines(path):
            if isinstance(line, BadLine):
                yield None
            elif line[1].strip():
                yield _read(line[1])


async def _values(settings: Settings, places: list[TopicPartition], progress: Progress) -> AsyncIterator[bytes | None]:
    async with reader(settings.client_options()) as consumer:
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        at, total = dict(begins), sum(ends.values()) - sum(begins.values())
        while at != ends:
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    if record.offset < ends[place]:
                        yield record.value
            at = {place: min(await consumer.position(place), ends[place]) for place in places}
            progress("Reading feedback", sum(at.values()) - sum(begins.values()), total)


def _read(value: bytes | None) -> Feedback | None:
    try:
        return decode_feedback(value)
    except DecodeError:
        return None
