"""Plots as numbers: what a page draws, in shares of its width and height."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from stream_app.core.shares import Share

MOST_BARS = 100
"""Of more days a bar is a week, of more weeks four."""


class Piece(Struct, frozen=True):
    """A part of a bar, from the bottom up, in hundredths."""

    kind: str
    y: float
    height: float


class Bar(Struct, frozen=True):
    """One span of days."""

    first: date
    x: float
    width: float
    total: int
    pieces: tuple[Piece, ...]


class Plot(Struct, frozen=True):
    """Stacked bars; `top` is what the height stands for, `days` how many each bar does."""

    bars: tuple[Bar, ...]
    top: int
    days: int
    kinds: tuple[str, ...]


class Range(Struct, frozen=True):
    """A share and its interval, in hundredths."""

    at: float
    low: float
    high: float


def stacked(by_day: Mapping[date, Mapping[str, int]], kinds: Sequence[str]) -> Plot:
    """Return bars over all days, each as many days as keeps them few enough to be seen."""
    span = next(span for span in (1, 7, 28, 364, len(by_day)) if len(by_day) <= MOST_BARS * span)
    spans = [_summed(by_day, first, span) for first in list(by_day)[::span]]
    met = tuple(kind for kind in kinds if any(counts[kind] for _, counts in spans))
    top = _round_up(max((counts.total() for _, counts in spans), default=0))
    width = 100 / max(1, len(spans))
    bars = (Bar(first, n * width, width, c.total(), _pieces(c, met, top)) for n, (first, c) in enumerate(spans))
    return Plot(tuple(bars), top, span, met)


def interval(share: Share) -> Range | None:
    """Return where a share and its interval stand; None of nobody."""
    if share.value is None or share.interval is None:
        return None
    return Range(100 * share.value, 100 * share.interval[0], 100 * share.interval[1])


def _summed(by_day: Mapping[date, Mapping[str, int]], first: date, span: int) -> tuple[date, Counter[str]]:
    found: Counter[str] = Counter()
    for n in range(span):
        found.update(by_day.get(first + timedelta(n), {}))
    return first, found


def _pieces(counts: Mapping[str, int], kinds: Sequence[str], top: int) -> tuple[Piece, ...]:
    pieces, below = [], 0
    for kind in kinds:
        if n := counts[kind]:
            pieces.append(Piece(kind, round(100 - 100 * (below + n) / top, 2), round(100 * n / top, 2)))
            below += n
    return tuple(pieces)


def _round_up(most: int) -> int:
    """Return the next round number."""
    size = int("1" + "0" * (len(str(most)) - 1))
    return next(step * size for step in (1, 2, 3, 4, 5, 6, 8, 10) if most <= step * size)
