"""Shares of few: how far the true one may lie from the one that was counted."""

from math import sqrt

from msgspec import Struct

_Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations


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
        """Wilson's interval, in which the true share lies with 95 %; None of nobody."""
        if not self.whole:
            return None
        n, p, z2 = self.whole, self.part / self.whole, _Z * _Z
        middle, spread = p + z2 / (2 * n), _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, (middle - spread) / (1 + z2 / n)), min(1.0, (middle + spread) / (1 + z2 / n))
