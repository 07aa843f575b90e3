"""How far chance may carry a share: by hand, and how often the true one lies within, reckoned exactly."""

from math import comb

import pytest

from stream_app.core.shares import Share


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(5, 10, (0.2366, 0.7634)), (10, 10, (0.7225, 1.0)), (0, 10, (0.0, 0.2775)), (8, 8, (0.6756, 1.0))],
)
def test_the_interval_is_wilsons(part, whole, expected):
    assert expected == pytest.approx(Share(part, whole).interval, abs=5e-5)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(5, 10, (0.1921, 0.8079)), (10, 10, (0.6348, 1.0)), (0, 10, (0.0, 0.3652)), (0, 1, (0.0, 0.9502))],
)
def test_the_bounds_are_wilsons_corrected(part, whole, expected):
    assert expected == pytest.approx(Share(part, whole).bounds, abs=5e-5)


def test_of_nobody_there_is_no_share():
    nobody = Share(0, 0)

    assert (None, None, None) == (nobody.value, nobody.interval, nobody.bounds)


def coverage(ranges, share):
    """Return how often one of these ranges, by how many were counted, holds the true share: the sum of a binomial."""
    n = len(ranges) - 1
    holding = [part for part, (low, high) in enumerate(ranges) if low <= share <= high]
    return sum(comb(n, part) * share**part * (1 - share) ** (n - part) for part in holding)


def worst(ranges):
    """Return the smallest coverage of any true share: it lies just beside an end of one of the ranges."""
    beside = (end + step for ends in ranges for end in ends for step in (-1e-9, 1e-9))
    return min(coverage(ranges, share) for share in beside if 0 < share < 1)


@pytest.mark.parametrize("whole", [*range(1, 21), 30, 50, 100, 200])
def test_the_bounds_hold_whatever_the_true_share_is_and_plain_wilson_does_not(whole):
    shares = [Share(part, whole) for part in range(whole + 1)]

    assert 0.95 <= worst([share.bounds for share in shares]) < 0.96
    assert worst([share.interval for share in shares]) < 0.85
