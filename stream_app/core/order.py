"""In which order the events of a partition are judged; live and in replay alike."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from stream_app.core.events import Micros

E = TypeVar("E")

ALWAYS = 2**63
"""A lane that ended for good: nothing will ever follow."""

NOT_KNOWN = -1
"""Nobody has seen the end of the lane."""


class Waiting(NamedTuple, Generic[E]):
    """An event that waits for its turn; `arrival` counts what came before it, in any lane."""

    at: Micros  # what the order goes by: the event's time
    arrival: int
    offset: int
    timestamp_ms: int  # of the record
    event: E


def merge(lanes: Sequence[deque[Waiting[E]]], ended: Sequence[int]) -> Iterator[tuple[int, Waiting[E]]]:
    """Take events off the lanes in order, as long as their order is known; yield (lane, event).

    A lane is one topic's events as they stand. The head with the smallest time goes first, of equal ones that of the
    first lane. An event may go only if every empty lane is known to have been at its end when the event had arrived:
    `ended[i]` is the arrival up to which lane i is known to hold nothing more. An event leaves its lane just before
    it is yielded; both arguments may change between two steps.
    """
    while (lane := first(lanes, ended)) >= 0:
        yield lane, lanes[lane].popleft()


def first(lanes: Sequence[deque[Waiting[E]]], ended: Sequence[int]) -> int:
    """Return the lane whose head goes next in `merge`, less than 0 if none may."""
    found, known = -1, ALWAYS
    for i, lane in enumerate(lanes):
        if lane:
            if found < 0 or lane[0].at < lanes[found][0].at:
                found = i
        elif ended[i] < known:
            known = ended[i]
    return found if found >= 0 and lanes[found][0].arrival <= known else -1
