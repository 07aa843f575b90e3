"""Leaves a sink alone for a while after failures in a row.

Not a library's: those at hand read a wall clock of their own and let everybody pass at once when it has run out, and
what is wanted is the worker's clock and one probe.
"""

import asyncio

from stream_app.core.events import SECOND, Micros

FAILURES = 5
REST = 30 * SECOND


class Breaker:
    """One sink's circuit: closed while it works, open for 30 seconds after five failures, then one may try."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until: Micros | None = None
        self.works = asyncio.Event()
        self.works.set()

    @property
    def is_open(self) -> bool:
        """Whether the sink is left alone, but for a probe now and then."""
        return self._open_until is not None

    def opens_at(self, now: Micros) -> Micros:
        """Return from when on somebody may try: `now` if at once."""
        return max(now, self._open_until or now)

    def trying(self, now: Micros) -> None:
        """Somebody tries: while the circuit is open, nobody else does until that is over."""
        if self.is_open:
            self._open_until = now + REST

    def failed(self, now: Micros) -> None:
        """Count a failure."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_until = now + REST
            self.works.clear()

    def answered(self) -> None:
        """The sink spoke to us, whatever it said."""
        self._failures, self._open_until = 0, None
        self.works.set()
