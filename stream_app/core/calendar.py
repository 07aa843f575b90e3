"""Business hours and holidays: when somebody works, and how much working time lies between two moments."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays import country_holidays, list_supported_countries
from msgspec import Struct

from stream_app.core.closures import Closures
from stream_app.core.events import DAY, EPOCH, MINUTE, SECOND, Micros, moment_of

DAYS_SEARCHED = 3 * 366
"""How far ahead an opening is looked for; nothing that anybody waits for lies beyond."""

_EPOCH_DAY = EPOCH.toordinal()
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|(24):(00)", re.ASCII)
_CACHED_DAYS = 4096


class ClosedReason(StrEnum):
    """Why nobody is there; the same word is the metric's label. Of several the first holds: weekend, …, hours."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    HOURS = "hours"


class NeverOpen(ValueError):
    """The hours leave too little open within three years; whoever wrote them must change them."""


class Hours(Struct, frozen=True, kw_only=True):
    """When a team or a person works. Times are HH:MM on the clock of the place; `closes` may be 24:00."""

    timezone: str = "Asia/Tokyo"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0
    opens: str = "09:30"
    closes: str = "18:00"
    country: str = "JP"  # public holidays, ISO 3166: "JP", or of a part "GB-ENG"; "" for none
    closures: tuple[str, ...] = ()  # "12-29/01-03" or "08-13" each year; "2026-08-13/2026-08-15" or "2026-08-13"


class _Stretch(NamedTuple):
    """From when until when a day is open, without the end; a day that never opens has an empty one."""

    opens: Micros
    closes: Micros


class Calendar:
    """Answers for one set of hours, made once; raises ValueError for hours that make no sense.

    A business day has one stretch: it opens, and closes, when the clock of the place first shows that time or a later
    one. So a clock that is put back neither closes an open office nor opens it again, and an hour that is left out is
    not worked. Time is counted in real minutes: on the day of a switch 01:00–04:00 may be two hours or four.
    """

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self._zone = zone_of(hours.timezone)
        self._days = _days(hours.days)
        self._opens, self._closes = _clock("opens", hours.opens), _clock("closes", hours.closes)
        if self._closes <= self._opens:
            raise ValueError(f"closes: {hours.closes!r} is not later than opens, {hours.opens!r}")
        _check_country(hours.country)
        self._closures = Closures(hours.closures)
        self._stretch = lru_cache(_CACHED_DAYS)(self._make_stretch)
        self._switches = lru_cache(_CACHED_DAYS)(self._find_switches)

    def is_open(self, at: Micros) -> bool:
        """Say whether somebody is there: from the opening on, no longer at the close."""
        return bisect_right(self._switches(at // DAY), at) % 2 == 1

    def is_business_day(self, day: date) -> bool:
        """Say whether this day of the place is one of the days, and neither holiday nor closure."""
        return self._day_off(day.toordinal()) is None

    def closed_because(self, at: Micros) -> ClosedReason | None:
        """Return why nobody is there, or None: it is open."""
        return None if self.is_open(at) else self._day_off(self._local_day(at)) or ClosedReason.HOURS

    def day_number(self, at: Micros) -> int:
        """Return the place's day at that moment, counted from 1970-01-01."""
        return self._local_day(at) - _EPOCH_DAY

    def begins(self, day: int) -> Micros:
        """Return when a day of the place, counted from 1970-01-01, begins."""
        return self._first_shown(day + _EPOCH_DAY, 0)

    def next_open(self, at: Micros) -> Micros:
        """Return `at` itself if open, else the next opening; raises NeverOpen."""
        return self.after(at, 0)

    def after(self, at: Micros, minutes: int) -> Micros:
        """Return the first moment when so many business minutes have passed since `at`; raises NeverOpen.

        Counting starts at next_open. Time that is used up with the day ends at its close, not at the next opening;
        only 0 minutes always end in an open moment, that is next_open.
        """
        left = _not_negative("minutes", minutes) * MINUTE
        for opens, closes in self._open_days(at // DAY + _EPOCH_DAY - 1):
            begins = max(opens, at)
            if begins < closes and begins + left <= closes:
                return begins + left
            left -= max(closes - begins, 0)
        raise _never_open(at)

    def business_days_after(self, at: Micros, days: int) -> Micros:
        """Return the close of the business day that comes so many after the day of `at`; raises NeverOpen.

        The day of `at` is the one that the place's calendar shows then. It is never counted, open or not: 1 is the
        close of the next business day, from Friday as from Saturday that of Monday. 0 is the close of the day itself,
        even if past, or of the next business day if the day is none.
        """
        skipped = _not_negative("days", days) - 1 if days else 0
        open_days = self._open_days(self._local_day(at) + (1 if days else 0))
        found = next(islice(open_days, min(skipped, DAYS_SEARCHED), None), None)
        if found is None:
            raise _never_open(at)
        return found.closes

    def minutes_between(self, start: Micros, end: Micros) -> int:
        """Return the business minutes from `start` to `end`, the last broken one left out; 0 if `end` comes first."""
        days = range(start // DAY + _EPOCH_DAY - 1, end // DAY + _EPOCH_DAY + 2)
        stretches = map(self._stretch, days)
        return sum(max(min(closes, end) - max(opens, start), 0) for opens, closes in stretches) // MINUTE

    def _open_days(self, first: int) -> Iterator[_Stretch]:
        stretches = map(self._stretch, range(first, first + DAYS_SEARCHED))
        return (one for one in stretches if one.opens < one.closes)

    def _find_switches(self, utc_day: int) -> tuple[Micros, ...]:
        """Return opening, close, opening … around a day of UTC: the place's day may begin a day sooner or later."""
        day = utc_day + _EPOCH_DAY
        return tuple(chain.from_iterable(map(self._stretch, (day - 1, day, day + 1))))

    def _make_stretch(self, day: int) -> _Stretch:
        opens = self._first_shown(day, self._opens)
        return _Stretch(opens, opens if self._day_off(day) else self._first_shown(day, self._closes))

    def _first_shown(self, day: int, minute: int) -> Micros:
        """Return when the place's clock first shows this minute of this day, or a later time."""
        wall = datetime.combine(date.fromordinal(day), time(), self._zone) + timedelta(minutes=minute)
        second = _since_epoch(wall)
        if self._wall(second) != wall:  # left out when the clock was put forward: the switch itself is the moment
            seconds = range(_since_epoch(wall.replace(fold=1)), second)
            second = seconds.start + bisect_left(seconds, True, key=lambda one: self._wall(one) >= wall)
        return second * SECOND

    def _wall(self, second: int) -> datetime:
        return (EPOCH + timedelta(seconds=second)).astimezone(self._zone)

    def _local_day(self, at: Micros) -> int:
        return self._wall(at // SECOND).toordinal()

    def _day_off(self, day: int) -> ClosedReason | None:
        as_date = date.fromordinal(day)
        if as_date.weekday() not in self._days:
            return ClosedReason.WEEKEND
        if day in _holidays(self.hours.country, as_date.year):
            return ClosedReason.HOLIDAY
        return ClosedReason.CLOSURE if self._closures.cover(as_date) else None


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of this name; raises ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, or a name too long, is an OSError
        raise ValueError(f"timezone: {name!r} is not in the IANA database, write such as 'Asia/Tokyo'") from None


@lru_cache(1024)
def _holidays(country: str, year: int) -> frozenset[int]:
    """Return the days of a year's public holidays, those moved or put between among them."""
    if not country:
        return frozenset()
    code, _, part = country.partition("-")
    return frozenset(day.toordinal() for day in country_holidays(code, subdiv=part or None, years=year))


def _check_country(country: str) -> None:
    code, dash, part = country.partition("-")
    known = list_supported_countries()
    if country and (code not in known or (dash and part not in known[code])):
        raise ValueError(f"country: the holidays of {country!r} are not known; write ISO 3166 such as 'JP' or 'GB-ENG'")


def _days(days: tuple[int, ...]) -> frozenset[int]:
    if not days or not all(0 <= day <= 6 for day in days):
        raise ValueError(f"days: {list(days)} must name at least one of 0 (Monday) to 6 (Sunday), and nothing else")
    return frozenset(days)


def _clock(field: str, text: str) -> int:
    """Return the minute of the day."""
    if (found := _CLOCK.fullmatch(text)) is None:
        raise ValueError(f"{field}: {text!r} is no time of the day, write HH:MM such as '09:30'")
    hour, minute = (int(part) for part in found.groups() if part)
    return hour * 60 + minute


def _since_epoch(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)


def _not_negative(name: str, count: int) -> int:
    if count < 0:
        raise ValueError(f"{name}: {count} is negative")
    return count


def _never_open(at: Micros) -> NeverOpen:
    day = moment_of(at).date()
    return NeverOpen(f"not enough open days within three years of {day}: see days, holidays and closures of the hours")
