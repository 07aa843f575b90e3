"""When a site's customers come: how many are first seen in which hour of which kind of day, over four weeks."""

from typing import TypeAlias

from msgspec import Struct

from stream_app.core.days import KINDS_OF_DAY, Days
from stream_app.core.events import HOUR, MINUTE, Micros

WEEKS = 4
"""Of how many days of a kind the counts are kept; what stands in sums over them is as many times the mean."""

_HOURS = 24
_LONGEST_QUIET = WEEKS * 7 * _HOURS

Weeks: TypeAlias = tuple[tuple[int, ...], ...]
"""For each hour of each kind of day the last counts, at most four; empty before the first."""


class Seen(Struct, frozen=True, array_like=True):
    """An hour with events, to be judged once it is over: customers new on the day, minutes of first and last event."""

    hour: int  # since 1970-01-01
    customers: int
    first: Micros
    last: Micros


def seen_more(hours: tuple[Seen, ...], at: Micros, customers: int) -> tuple[Seen, ...]:
    """Return the hours, by time, with an event more; the same value where it tells nothing new, as most do."""
    last, minute = hours[-1] if hours else None, at - at % MINUTE
    if last is None or minute >= last.hour * HOUR + HOUR:
        return (*hours, Seen(at // HOUR, customers, minute, minute))
    if minute < last.hour * HOUR:
        return (*seen_more(hours[:-1], at, customers), last)
    if not customers and last.first <= minute <= last.last:
        return hours
    return (*hours[:-1], Seen(last.hour, last.customers + customers, min(last.first, minute), max(last.last, minute)))


def counted(weeks: Weeks, seen: Seen, quiet_from: int, days: Days) -> Weeks:
    """Return the record with an hour, and with those from `quiet_from` to it as hours in which nobody came."""
    kept = list(weeks) or [()] * (KINDS_OF_DAY * _HOURS)
    for hour in range(max(quiet_from, seen.hour - _LONGEST_QUIET), seen.hour):
        _count(kept, _slot(hour, days), 0)
    _count(kept, _slot(seen.hour, days), seen.customers)
    return tuple(kept)


def expected(weeks: Weeks, hour: int, days: Days) -> int:
    """Return how many customers usually are first seen in this hour, as the sum over the weeks."""
    return sum(weeks[_slot(hour, days)]) if weeks else 0


def most_in_a_day(weeks: Weeks) -> int:
    """Return how many come on the busiest kind of day, as the sum over the weeks."""
    each = [sum(counts) for counts in weeks]
    return max((sum(each[day : day + _HOURS]) for day in range(0, len(each), _HOURS)), default=0)


def _count(kept: list[tuple[int, ...]], slot: int, customers: int) -> None:
    kept[slot] = (*kept[slot], customers)[-WEEKS:]


def _slot(hour: int, days: Days) -> int:
    day = days.number(hour * HOUR)
    of_day = (hour * HOUR - days.begins(day)) // HOUR
    return days.kind(day) * _HOURS + min(max(of_day, 0), _HOURS - 1)
