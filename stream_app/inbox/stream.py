"""What changed, for those who follow: of each case the newest event, of the cases that changed last.

Who follows holds nothing here but a place in it. Who falls behind further than what is kept reads all anew.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator

from msgspec import Struct

KEPT = 2_000
"""Cases whose newest event is kept."""


class Behind(Exception):
    """What came after that place is no longer all there."""


class Place(Struct, frozen=True, order=True):
    """Up to where somebody has read: of which start of the server, and how many events of it."""

    started: int
    number: int

    def __str__(self) -> str:
        """Return it as an event's id."""
        return f"{self.started}-{self.number}"


class Event(Struct, frozen=True, kw_only=True):
    """A card as it is now, or that a case is gone."""

    place: Place
    kind: str
    body: bytes

    def encoded(self) -> bytes:
        """Return it as it goes over the wire; the body is one line."""
        return f"id: {self.place}\nevent: {self.kind}\ndata: ".encode() + self.body + b"\n\n"


class Stream:
    """The newest events, by case; `started` grows with each start of the server."""

    def __init__(self, started: int, kept: int = KEPT) -> None:
        self._started = started
        self._kept = kept
        self._number = 0
        self._whole_from = 0  # all that came after this number is there
        self._newest: OrderedDict[str, Event] = OrderedDict()
        self._news = asyncio.Condition()

    @property
    def end(self) -> Place:
        """Up to where one has read who knows everything."""
        return Place(self._started, self._number)

    def put(self, case_id: str, kind: str, body: bytes) -> None:
        """Take in an event; what was said of the case before is no longer there for anybody."""
        self._number += 1
        self._newest[case_id] = Event(place=self.end, kind=kind, body=body)
        self._newest.move_to_end(case_id)
        if len(self._newest) > self._kept:
            _, dropped = self._newest.popitem(last=False)
            self._whole_from = dropped.place.number

    async def wake(self) -> None:
        """Let those who follow look again."""
        async with self._news:
            self._news.notify_all()

    def place_of(self, text: str) -> Place | None:
        """Return a place of this start from which all can still be told, as `Place` is written; None for any other."""
        started, _, number = text.partition("-")
        if started != str(self._started) or not (number.isascii() and number.isdecimal()) or len(number) > 15:
            return None
        place = Place(self._started, int(number))
        return place if self._whole_from <= place.number <= self._number else None

    def after(self, place: Place) -> list[Event]:
        """Return what came after a place, in order; raises Behind."""
        if place.number < self._whole_from:
            raise Behind
        found: list[Event] = []
        for event in reversed(self._newest.values()):
            if event.place.number <= place.number:
                break
            found.append(event)
        return found[::-1]

    async def follow(self, place: Place, patience: float) -> AsyncIterator[list[Event]]:
        """Yield what comes after a place, for ever; nothing where so many seconds bring nothing. Raises Behind."""
        while True:
            try:
                async with asyncio.timeout(patience), self._news:
                    await self._news.wait_for(lambda: self._number > place.number)  # noqa: B023  (waited for here)
            except TimeoutError:
                yield []
                continue
            found = self.after(place)
            place = self.end
            yield found
