"""The order of a partition: the earliest head first, and only when it is known to be the earliest."""

from collections import deque

import pytest

from stream_app.core.order import ALWAYS, NOT_KNOWN, Waiting, merge


def lane(*events: tuple[int, int]) -> deque[Waiting]:
    """Return a lane of (time, arrival); the offset is the place in the lane."""
    return deque(Waiting(at, arrival, i, 0, None) for i, (at, arrival) in enumerate(events))


def order(lanes, ended):
    return [(number, waiting.offset) for number, waiting in merge(lanes, ended)]


ORDERS = [
    ("the earliest head goes first", [[(2, 0), (4, 0)], [(1, 0), (3, 0)]], [(1, 0), (0, 0), (1, 1), (0, 1)]),
    ("of equal times that of the first lane", [[(1, 0), (1, 0)], [(1, 0)]], [(0, 0), (0, 1), (1, 0)]),
    ("inside a lane nothing moves", [[(9, 0), (1, 0)], [(5, 0)]], [(1, 0), (0, 0), (0, 1)]),
    ("empty lanes that have ended hold nothing up", [[], [(1, 0)], []], [(1, 0)]),
    ("nothing comes of nothing", [[], []], []),
]


@pytest.mark.parametrize(("sentence", "lanes", "expected"), ORDERS, ids=[row[0] for row in ORDERS])
def test_order(sentence, lanes, expected):
    assert expected == order([lane(*events) for events in lanes], [ALWAYS] * len(lanes))


@pytest.mark.parametrize(("known", "expected"), [(NOT_KNOWN, []), (6, []), (7, [(0, 0)]), (8, [(0, 0), (0, 1)])])
def test_an_event_goes_only_if_the_empty_lanes_ended_after_its_arrival(known, expected):
    assert expected == order([lane((1, 7), (2, 8)), lane()], [NOT_KNOWN, known])


def test_all_empty_lanes_must_have_ended():
    assert [] == order([lane((1, 5)), lane(), lane()], [NOT_KNOWN, 9, 4])


def test_a_lane_that_runs_empty_stops_the_merge_until_its_end_is_known():
    assert [(1, 0)] == order([lane((2, 5)), lane((1, 5))], [NOT_KNOWN, NOT_KNOWN])


def test_what_arrives_between_two_steps_is_seen():
    lanes = [lane((1, 0), (5, 0)), lane((9, 0))]
    steps = merge(lanes, [ALWAYS, ALWAYS])
    next(steps)
    lanes[1].appendleft(Waiting(3, 0, 7, 0, None))
    assert [(1, 7), (0, 1), (1, 0)] == [(number, waiting.offset) for number, waiting in steps]
