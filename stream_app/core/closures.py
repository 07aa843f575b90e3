"""Days on which a company is closed, as people write them: once, or every year."""

import re
from datetime import date

_LEAP_YEAR = 2000  # days that come every year are kept as days of this one: 29 February is one of them
_YEAR = range(date(_LEAP_YEAR, 1, 1).toordinal(), date(_LEAP_YEAR, 12, 31).toordinal() + 1)
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)", re.ASCII)


class Closures:
    """Days, or first/last: MM-DD each year (also over its end), YYYY-MM-DD once; raises ValueError for other texts."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._each_year: list[range] = []
        self._once: list[range] = []
        for text in texts:
            self._add(text)
        if all(_in(self._each_year, day) for day in _YEAR):
            raise ValueError("closures: they leave no day of the year")

    def cover(self, day: date) -> bool:
        """Say whether this day is closed."""
        same_day = day.replace(year=_LEAP_YEAR).toordinal()
        return _in(self._once, day.toordinal()) or _in(self._each_year, same_day)

    def _add(self, text: str) -> None:
        once, first, last = _first_and_last(text)
        if first <= last:
            (self._once if once else self._each_year).append(range(first, last + 1))
        elif once:
            raise ValueError(f"closures: {text!r} ends before it begins")
        else:
            self._each_year += [range(first, _YEAR.stop), range(_YEAR.start, last + 1)]


def _first_and_last(text: str) -> tuple[bool, int, int]:
    """Return whether it is for once, and the numbers of its first and last day."""
    parts = [_DAY.fullmatch(part) for part in text.split("/")]
    found = [part for part in parts if part]
    if len(found) != len(parts) or len(found) > 2 or len({part[1] is None for part in found}) > 1:
        raise ValueError(f"closures: {text!r} must be a day or first/last, as MM-DD each year or as YYYY-MM-DD once")
    try:
        days = [date(int(part[1] or _LEAP_YEAR), int(part[2]), int(part[3])).toordinal() for part in found]
    except ValueError:
        raise ValueError(f"closures: {text!r} names a day that there is not") from None
    return found[0][1] is not None, days[0], days[-1]


def _in(ranges: list[range], day: int) -> bool:
    return any(day in days for days in ranges)
