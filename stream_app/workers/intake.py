"""Records to events that can be judged; what cannot is told to the output."""

from collections.abc import Callable

from stream_app import codec
from stream_app.core.audience import IgnoredReason
from stream_app.core.events import Event, TimePassed
from stream_app.core.order import Waiting
from stream_app.topics import InputTopic
from stream_app.workers.chunk import Chunk
from stream_app.workers.floods import Flood
from stream_app.workers.output import Output


def decoded(
    chunk: Chunk, topic: InputTopic, output: Output, flood: Flood, erased: Callable[[str, int], bool]
) -> tuple[list[Waiting[Event]], int]:
    """Return a chunk's events, and up to which offset: to its end, unless too much cannot be read.

    Dead letters and what nobody needs to judge leave here, before topics are merged. `erased` says of a customer and
    an offset whether what stands there is: it must not be shown in a dead letter.
    """
    events: list[Waiting[Event]] = []
    for ahead, record in enumerate(chunk.records):
        try:
            event = codec.decode(topic, record.key, record.value, record.timestamp, record.headers)
        except codec.DecodeError as error:
            if record.key is not None and erased(record.key.decode(errors="replace"), record.offset):
                output.skipped(topic)
                continue
            output.dead_letter(topic, record, error)
            if flood.unreadable(ahead):
                return events, record.offset + 1
        except codec.IgnoredInput as error:
            output.ignored(topic, error.reason)
        else:
            if event.customer_id or isinstance(event, TimePassed):
                events.append(Waiting(event.occurred_at, chunk.arrival, record.offset, record.timestamp, event))
            else:
                output.ignored(topic, IgnoredReason.ANONYMOUS)
    flood.read(len(chunk.records))
    return events, chunk.end
