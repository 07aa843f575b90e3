"""Notices that an input topic was deleted and made anew: its offsets begin again, and what is kept of them misleads.

What is new would be taken for what was applied long ago, and skipped. So the worker stops until somebody has said with
`stream-app topics recreated` that it is so. A topic is taken for new where it ends before what was read of it, where
records come again from before the position, and where its commits alone are gone: Kafka deletes those with a topic.
"""

from collections.abc import Collection, Mapping, Sequence

from faust.types import TP

from stream_app.codec.state import NOTHING_APPLIED, fence_of
from stream_app.workers.chunk import Chunk
from stream_app.workers.lanes import Lane
from stream_app.workers.stops import RecreatedError

_WAY_OUT = (
    "If it was made anew, stop all detect workers, run `stream-app topics recreated {topic}` and start them again: "
    "what is known of customers stays. If it was not, its end is lost: look after the broker first."
)


def check_assigned(
    lanes: Sequence[Lane], read: bytes | None, ends: Mapping[TP, int], uncommitted: Collection[TP]
) -> None:
    """Compare a partition's topics with what state says of them: `read`, the value of `encode_read`, if there is one.

    Raises:
        RecreatedError: one of them is not the topic that was read.
    """
    all_gone = all(lane.tp in uncommitted for lane in lanes)  # a group that was idle for a week has no commits at all
    for lane, last in zip(lanes, NOTHING_APPLIED if read is None else fence_of(read), strict=True):
        was = max(lane.position, last + 1)
        if ends[lane.tp] < was:
            raise _recreated(lane.tp, f"ends at offset {ends[lane.tp]}, and was read up to {was}")
        if last >= 0 and lane.tp in uncommitted and not all_gone:
            raise _recreated(lane.tp, f"has no commit any more, and was read up to {was}")


def check_chunk(chunk: Chunk) -> None:
    """Look whether records lie before the position that they were fetched from.

    Raises:
        RecreatedError: they do.
    """
    first = chunk.records[0].offset
    if first < chunk.start:
        raise _recreated(chunk.tp, f"begins again at offset {first}, and was read up to {chunk.start}")


def _recreated(tp: TP, what: str) -> RecreatedError:
    return RecreatedError(f"{tp.topic}[{tp.partition}] {what}. {_WAY_OUT.format(topic=tp.topic)}")
