"""What gap is nothing unusual, and from when on there has been more."""

from functools import reduce
from itertools import permutations

import pytest

from stream_app.core.activity import NEVER_ACTIVE, was_there
from stream_app.core.cadence import lost_days, silent_with, usual_gap
from stream_app.core.days import EVERY_DAY, Days
from stream_app.core.events import HOUR, Tier

DAYS = Days()
MONDAY = 20_605  # 1 June 2026


def active(*days):
    return reduce(was_there, days, NEVER_ACTIVE)


TABLE = [  # days with activity, tier, expected
    ("nothing but the first day", [0], None, 30),
    ("of a high tier sooner", [0], Tier.HIGH, 14),
    ("of a tech tier later", [0], Tier.TECH, 60),
    ("four gaps and the prior", [0, 7, 14, 21, 28], Tier.HIGH, 14),
    ("four gaps, one longer than the prior", [0, 7, 27, 34, 41], Tier.HIGH, 20),
    ("five gaps of a week", [0, 7, 14, 21, 28, 35], Tier.HIGH, 7),
    ("of nine the longest", [0, 7, 14, 21, 28, 35, 42, 49, 56, 86], None, 30),
    ("of ten the last but one", [0, 7, 14, 21, 28, 35, 42, 49, 56, 64, 94], None, 8),
    ("of eleven the last but one", [0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 72, 102], None, 9),
    ("never less than five", list(range(40)), None, 5),
    ("what is older than 400 days is forgotten", [0, 390, 397, 404, 411, 418, 425], None, 7),
]


@pytest.mark.parametrize(("days", "tier", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_usual_gap(days, tier, expected):
    assert expected == usual_gap(active(*days), EVERY_DAY, tier)


def test_the_order_of_days_does_not_count():
    found = {usual_gap(active(*days), EVERY_DAY, None) for days in permutations([0, 3, 17, 18, 30, 62])}
    assert {32} == found


def test_gaps_are_counted_in_business_days():
    """Each Friday to the next: seven days, five of them worked."""
    fridays = active(*range(MONDAY + 4, MONDAY + 46, 7))
    assert (5, 7) == (usual_gap(fridays, DAYS.workdays(""), None), usual_gap(fridays, EVERY_DAY, None))


LOST = [  # lost days after the last active one, expected day with which five are exceeded
    ([], 6),
    ([1], 7),
    ([0, 1, 2], 8),
    ([6], 7),
    ([6, 7], 8),
    ([7], 6),
    (list(range(1, 40)), 45),
]


@pytest.mark.parametrize(("lost", "expected"), LOST)
def test_lost_days_do_not_count(lost, expected):
    assert expected == silent_with(0, 5, EVERY_DAY, frozenset(lost) - {0})


def test_lost_weekends_had_not_counted_anyway():
    saturday = frozenset({MONDAY + 5})
    workdays = DAYS.workdays("")
    assert silent_with(MONDAY, 5, workdays) == silent_with(MONDAY, 5, workdays, saturday) == MONDAY + 8


def test_a_day_of_which_a_part_is_lost_is_lost():
    """Up to the day in question, for what is not over."""
    begins = DAYS.begins
    spans = ((begins(10) + HOUR, begins(10) + 2 * HOUR), (begins(12) + 20 * HOUR, begins(14)), (begins(20), 2**62))

    assert {10, 12, 13, 14, 20, 21, 22} == lost_days(spans, 5, 22, DAYS)
    assert {14, 20} == lost_days(spans, 13, 20, DAYS)
