"""Days and what happens on them: local time in, records on their way into a topic out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stream_app.topics import InputTopic

MINUTE, HOUR = 60_000, 3_600_000  # ms
SATURDAY = 5


def seeded(*parts: object) -> Random:
    """A generator of its own for these parts, which draws the same on any machine."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - traffic, not secrets


class Happening(NamedTuple):
    """Something on its way into a topic. `at` is in ms since 1970-01-01 UTC."""

    at: int
    topic: InputTopic
    customer_id: str
    value: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDay:
    """A day in one time zone, the `index`-th of `days`; `midnight` is in ms since 1970-01-01 UTC."""

    day: date
    index: int
    days: int
    midnight: int
    name: str  # as ISO 8601 writes it
    offset: str

    @classmethod
    def of(cls, day: date, index: int, days: int, zone: str) -> "LocalDay":
        """The day by the clocks of `zone`, with the offset they show at noon."""
        noon = datetime.combine(day, time(12), ZoneInfo(zone))
        midnight = int(noon.astimezone(UTC).timestamp()) * 1000 - 12 * HOUR
        name, offset = day.isoformat(), noon.isoformat()[-6:]
        return cls(day=day, index=index, days=days, midnight=midnight, name=name, offset=offset)

    @property
    def is_weekend(self) -> bool:
        """Whether offices are closed."""
        return self.day.weekday() >= SATURDAY

    def stamp(self, ms: int) -> str:
        """The time so many ms after midnight, RFC 3339."""
        minutes, rest = divmod(ms, MINUTE)
        seconds, rest = divmod(rest, 1000)
        return f"{self.name}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{rest:03}{self.offset}"
