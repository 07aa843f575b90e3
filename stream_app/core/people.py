"""The people in customer success: where each is reached, when each is away, and who stands in."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.core.events import Micros, moment_of


class DaysAway(Struct, frozen=True, kw_only=True):
    """Whole days, the first and the last among them."""

    first: date
    last: date


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who is told; what is empty is not known. `deputy` is an e-mail address, days are those of `timezone`."""

    email: str
    name: str = ""  # as colleagues and customers read it
    slack: str = ""  # a Slack user; else looked up by e-mail
    crm: str = ""
    language: str = ""
    timezone: str = "Asia/Tokyo"
    away: tuple[DaysAway, ...] = ()
    deputy: str = ""

    def is_away(self, at: Micros) -> bool:
        """Tell whether `at` lies in a day away."""
        if not self.away:
            return False
        today = moment_of(at).astimezone(ZoneInfo(self.timezone)).date()
        return any(days.first <= today <= days.last for days in self.away)


People: TypeAlias = Mapping[str, Person]
"""Everybody in the settings by e-mail address in lower case."""


class NobodyReason(StrEnum):
    """Why nobody stands in for somebody who is away."""

    NO_DEPUTY = "no_deputy"
    DEPUTY_CYCLE = "deputy_cycle"


class StandIn(Struct, frozen=True, kw_only=True):
    """Who is there in somebody's place, or why nobody is; `absent` are those found away, in the order asked."""

    email: str = ""
    absent: tuple[str, ...] = ()
    nobody: NobodyReason | None = None


def person_key(email: str) -> str:
    """Return the address as the keys of `People` have it."""
    return email.strip().lower()


def stand_in(email: str, people: People, at: Micros) -> StandIn:
    """Return who is there: this person, else the deputy, else the deputy's deputy; who is not known is there."""
    absent: list[str] = []
    asked = person_key(email)
    while (person := people.get(asked)) is not None and person.is_away(at):
        absent.append(asked)
        asked = person_key(person.deputy)
        if not asked:
            return StandIn(absent=tuple(absent), nobody=NobodyReason.NO_DEPUTY)
        if asked in absent:
            return StandIn(absent=(*absent, asked), nobody=NobodyReason.DEPUTY_CYCLE)
    return StandIn(email=asked, absent=tuple(absent))


def deputy_cycles(people: People) -> tuple[tuple[str, ...], ...]:
    """Return who stand in for each other in a circle: all away together, they can tell nobody."""
    found = {_cycle(email, people) for email in people}
    return tuple(sorted(cycle for cycle in found if cycle))


def _cycle(email: str, people: People) -> tuple[str, ...]:
    """Return the circle that this person's deputies run into, the first by name in front; empty if none."""
    asked: list[str] = []
    while email in people and email not in asked:
        asked.append(email)
        email = people[email].deputy
    circle = asked[asked.index(email) :] if email in asked else []
    first = circle.index(min(circle)) if circle else 0
    return (*circle[first:], *circle[:first])
