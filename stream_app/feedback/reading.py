"""What `cs-feedback` says, from the topic or from files of its values."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path

from aiokafka import TopicPartition

from stream_app.cluster import CREATE, ClusterError, describe_topics
from stream_app.codec import DecodeError
from stream_app.codec.notify import decode_feedback
from stream_app.core.notify.feedback import Feedback
from stream_app.formats.lines import BadLine, numbered_lines
from stream_app.progress import Progress
from stream_app.recorded import records_of
from stream_app.settings import Settings
from stream_app.topics import NotifyTopic


async def of_topic(settings: Settings, progress: Progress) -> AsyncIterator[Feedback | None]:
    """Yield what the topic holds up to its end as it is now, None for what cannot be read; raises ClusterError."""
    topic = settings.topic(NotifyTopic.FEEDBACK)
    (state,) = [state for state in await describe_topics(settings) if state.spec.name == topic]
    if not state.exists:
        raise ClusterError(f"{topic}: is missing; {CREATE}")
    places = [TopicPartition(topic, number) for number in range(state.partitions)]
    async with aclosing(records_of(settings, places, progress, "Reading feedback")) as fetched:
        async for records in fetched:
            for record in records:
                yield _read(record.value)


def of_files(paths: Iterable[Path]) -> Iterator[Feedback | None]:
    """Yield what files of JSON lines hold, plain or gzip, None for what cannot be read; raises OSError."""
    for path in paths:
        for line in numbered_lines(path):
            if isinstance(line, BadLine):
                yield None
            elif line[1].strip():
                yield _read(line[1])


def _read(value: bytes | None) -> Feedback | None:
    try:
        return decode_feedback(value)
    except DecodeError:
        return None
