"""Days as numbers: on the company's clock, in its customers' calendars, and how many of them are worked."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import accumulate

from stream_app.core.calendar import Calendar, Hours
from stream_app.core.contact import ContactHours, calendar_of
from stream_app.core.events import EPOCH, MINUTE, Micros

KINDS_OF_DAY = 8
"""Monday is 0; holidays and closures are the last: a shop that opens on Sundays need not open on them."""

_STEP = 15 * MINUTE  # every zone's offset is a multiple of it
_CACHED = 4096
_EPOCH_DAY = EPOCH.toordinal()
_ALL_WEEK = (0, 1, 2, 3, 4, 5, 6)
_BLOCK = 512  # days whose sums are kept together
_BLOCKS_SEARCHED = 4


class Workdays:
    """Counts the days that count, between numbers of days, without looking at each."""

    def __init__(self, counts: Callable[[int], bool]) -> None:
        self.counts = lru_cache(_CACHED)(counts)
        self._sums = lru_cache(_CACHED)(self._sum_up)

    def between(self, first: int, last: int) -> int:
        """Return how many days after `first` count, up to `last` with it; `last` is not before `first`."""
        block, place = divmod(first, _BLOCK)
        end, end_place = divmod(last, _BLOCK)
        whole = sum(self._sums(one)[-1] for one in range(block, end))
        return whole + self._sums(end)[end_place] - self._sums(block)[place]

    def after(self, day: int, count: int) -> int:
        """Return the day with which so many have passed after `day`; some far day where there are not so many."""
        block, place = divmod(day, _BLOCK)
        wanted, end = self._sums(block)[place] + count, block + _BLOCKS_SEARCHED
        while block < end and (known := self._sums(block)[-1]) < wanted:
            block, wanted = block + 1, wanted - known
        return block * _BLOCK + bisect_left(self._sums(block), wanted)

    def _sum_up(self, block: int) -> tuple[int, ...]:
        days = range(block * _BLOCK, (block + 1) * _BLOCK)
        return tuple(accumulate(int(self.counts(day)) for day in days))


EVERY_DAY = Workdays(lambda day: True)
"""For those who look at no calendar."""


class Days:
    """Counts days; a day's number is that of days since 1970-01-01.

    `hours` are the company's. `customers` are its customers' hours, each on their own clock; without them, they keep
    the company's days.
    """

    def __init__(self, hours: Hours = Hours(), customers: ContactHours | None = None) -> None:  # noqa: B008  (frozen)
        self.calendar = Calendar(hours)
        self.customers = customers or _as_the_company(hours)
        self._ordinary = Calendar(_all_week(self.customers))
        self._number = lru_cache(_CACHED)(self._look_up)
        self._begins = lru_cache(_CACHED)(self.calendar.begins)
        self._workdays = lru_cache(_CACHED)(self._make_workdays)
        self._kind = lru_cache(_CACHED)(self._find_kind)

    def number(self, at: Micros) -> int:
        """Return the day on which a moment falls."""
        return self._number(at // _STEP)

    def begins(self, day: int) -> Micros:
        """Return when a day begins; the one before is over then."""
        return self._begins(day)

    def kind(self, day: int) -> int:
        """Return the day of the week, or for a holiday or closure of the customers at home the last of the kinds."""
        return self._kind(day)

    def of(self, timezone: str) -> Calendar:
        """Return the calendar of a customer in this zone; of an unknown one that of the customers at home."""
        return calendar_of(timezone, self.customers)

    def workdays(self, timezone: str) -> Workdays:
        """Return the business days of a customer in this zone."""
        return self._workdays(timezone)

    def _look_up(self, step: int) -> int:
        return self.calendar.day_number(step * _STEP)

    def _make_workdays(self, timezone: str) -> Workdays:
        calendar = self.of(timezone)
        return Workdays(lambda day: calendar.is_business_day(_date(day)))

    def _find_kind(self, day: int) -> int:
        as_date = _date(day)
        return as_date.weekday() if self._ordinary.is_business_day(as_date) else KINDS_OF_DAY - 1


def _date(day: int) -> date:
    return date.fromordinal(day + _EPOCH_DAY)


def _as_the_company(hours: Hours) -> ContactHours:
    return ContactHours(
        timezone=hours.timezone,
        days=hours.days,
        opens=hours.opens,
        closes=hours.closes,
        country=hours.country,
        closures=hours.closures,
        busy=(),
    )


def _all_week(hours: ContactHours) -> Hours:
    return Hours(timezone=hours.timezone, days=_ALL_WEEK, country=hours.country, closures=hours.closures)
