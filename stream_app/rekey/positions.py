"""Where a source is read on: at what was committed with what was written, or where what was written says it is from."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app.recorded import records_of
from stream_app.rekey.lanes import NOTHING_COMMITTED, SourceLane
from stream_app.rekey.turning import origin_of
from stream_app.settings import Settings

log = structlog.get_logger(__name__)


class SourceRecreatedError(Exception):
    """A source ends before what was read of it: it is another topic."""


async def begun(
    settings: Settings, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition], written: Sequence[TopicPartition]
) -> list[SourceLane]:
    """Return the lanes of a source, positioned; `written` are the partitions of the internal topic.

    Raises:
        SourceRecreatedError: the source is not the topic that was read.
    """
    committed = {place: await consumer.committed(place) for place in places}
    known: Mapping[TopicPartition, int] = {place: offset for place, offset in committed.items() if offset is not None}
    if not known:  # nothing was ever written, or Kafka has forgotten the group: it keeps idle ones for a week
        known = await _origins(settings, written)
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    lanes = []
    for place in places:
        position = max(known.get(place, 0), begins[place])
        if position > ends[place]:
            raise SourceRecreatedError(
                f"{place.topic}[{place.partition}] ends at offset {ends[place]}, and was read up to {position}. If it "
                f"was made anew, stop all detect workers, run `stream-app topics recreated {place.topic}` and start "
                "them again. If it was not, its end is lost: look after the broker first."
            )
        if place in known and known[place] < position:
            log.warning("records were gone before they were rekeyed", place=str(place), records=position - known[place])
        said = committed[place]
        lanes.append(SourceLane(place, position, NOTHING_COMMITTED if said is None else said))
        consumer.seek(place, position)
    return lanes


async def _origins(settings: Settings, written: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
    found: dict[TopicPartition, int] = {}
    async with aclosing(records_of(settings, written)) as batches:
        async for records in batches:
            for record in records:
                if (origin := origin_of(record)) is not None:
                    place, offset = origin
                    found[place] = max(found.get(place, 0), offset + 1)
    return found
