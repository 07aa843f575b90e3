"""The median of a few numbers, and how far chance may carry it."""

from collections.abc import Sequence
from random import Random

from msgspec import Struct

_RESAMPLES = 2_000
_SEED = 7


class Median(Struct, frozen=True, kw_only=True):
    """The lower median, and the 95 % interval of a bootstrap; None of fewer than two numbers."""

    value: int
    low: int | None
    high: int | None
    of: int


def median(numbers: Sequence[int]) -> Median | None:
    """Return the median of numbers with its interval, the same in each run; None of none."""
    if not numbers:
        return None
    found, middle = sorted(numbers), (len(numbers) - 1) // 2
    if len(found) < 2:
        return Median(value=found[middle], low=None, high=None, of=1)
    drawn = sorted(_resampled(found))
    low, high = drawn[int(_RESAMPLES * 0.025)], drawn[int(_RESAMPLES * 0.975)]
    return Median(value=found[middle], low=low, high=high, of=len(found))


def _resampled(found: Sequence[int]) -> list[int]:
    # The median of n draws with replacement is the number at a place that follows a beta distribution: drawing that
    # place is drawing the whole sample, at a price that does not grow with n.
    rng, n = Random(_SEED), len(found)  # noqa: S311  (no secret)
    rank = (n - 1) // 2 + 1
    return [found[min(n - 1, int(n * rng.betavariate(rank, n - rank + 1)))] for _ in range(_RESAMPLES)]
