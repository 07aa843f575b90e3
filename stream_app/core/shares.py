"""Shares of few: how far the true one may lie from the one that was counted."""

from math import sqrt

from msgspec import Struct

_Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations
_Z_AT_LEAST = 2.07  # so many that the corrected interval never holds the true share in less than 95 %


class Share(Struct, frozen=True):
    """So many of how many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of nobody."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval, in which the true share lies with 95 %, the mean of all shares; None of nobody."""
        if not self.whole:
            return None
        n, p, z2 = self.whole, self.part / self.whole, _Z * _Z
        middle, spread = p + z2 / (2 * n), _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, (middle - spread) / (1 + z2 / n)), min(1.0, (middle + spread) / (1 + z2 / n))

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Wilson's interval with continuity correction, with 95 % or more whatever the true share; None of nobody."""
        if not self.whole:
            return None
        return _lower(self.part, self.whole), 1.0 - _lower(self.whole - self.part, self.whole)


def _lower(part: int, whole: int) -> float:
    """Return the smaller root of Wilson's equation for half a count less."""
    if not part:
        return 0.0
    less, z2 = part - 0.5, _Z_AT_LEAST * _Z_AT_LEAST
    middle, spread = less + z2 / 2, _Z_AT_LEAST * sqrt(less * (1 - less / whole) + z2 / 4)
    return (middle - spread) / (whole + z2)
