"""The calendar against one that walks through the minutes and looks at a clock on the wall."""

from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import accumulate
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.calendar import Calendar, Hours
from stream_app.core.events import MINUTE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALKED_DAYS = 8

SWITCHES = {
    "America/New_York": ("2026-03-08", "2026-11-01", "2030-03-10"),
    "Europe/London": ("2026-03-29", "2026-10-25", "1999-10-31"),
    "Asia/Tokyo": ("2026-05-01", "2026-09-19", "2026-12-30"),
    "Asia/Kolkata": ("2026-08-15",),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # by half an hour
    "America/Havana": ("2026-03-08", "2026-11-01"),  # at midnight
    "America/Santiago": ("2026-04-04", "2026-09-06"),  # back over midnight
    "America/St_Johns": ("2006-04-02", "2006-10-29"),  # at one minute past midnight
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),  # winter time in Ramadan
    "Pacific/Apia": ("2011-12-30",),  # no such day
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),  # by two hours
}
PLACES = [(zone, day) for zone, days in SWITCHES.items() for day in days]
CLOCKS = ("00:00", "00:30", "01:00", "01:30", "02:00", "02:15", "03:00", "04:00", "09:30", "18:00", "23:30", "24:00")
CLOSURES = ("12-29/01-03", "03-20/04-02", "10-26", "11-01/11-02", "2026-03-08", "2026-03-10/2026-03-12", "02-29")


def names(closure, day):
    """Say whether a closure names the day; days are compared as text."""
    first, _, last = closure.partition("/")
    day = day[-len(first) :]
    last = last or first
    return first <= day <= last if first <= last else day >= first or day <= last


def works_on(hours, day):
    """Say whether somebody works on this day at all."""
    country = hours.country
    return not (
        day.weekday() not in hours.days
        or any(names(closure, str(day)) for closure in hours.closures)
        or (country and day in holidays_of(country, day.year))
    )


@cache
def holidays_of(country, year):
    return holidays.country_holidays(country, years=year)


def walk(hours, start):
    """Return for every minute the clock's day and whether it is open; a clock put back shows nothing new at first."""
    zone, works = ZoneInfo(hours.timezone), cache(partial(works_on, hours))
    moments = [start + timedelta(minutes=n) for n in range(-2 * 24 * 60, WALKED_DAYS * 24 * 60)]
    latest = accumulate((moment.astimezone(zone).replace(tzinfo=None) for moment in moments), max)
    opens, closes = minute_of(hours.opens), minute_of(hours.closes)
    seen = [(now.date(), opens <= now.hour * 60 + now.minute < closes and works(now.date())) for now in latest]
    return seen[2 * 24 * 60 :]


def minute_of(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


def micros(start, minute):
    return (start + timedelta(minutes=minute) - EPOCH) // timedelta(microseconds=1)


@st.composite
def all_hours(draw):
    zone, day = draw(st.sampled_from(PLACES))
    opens, closes = sorted(draw(st.lists(st.sampled_from(CLOCKS), min_size=2, max_size=2, unique=True)))
    hours = Hours(
        timezone=zone,
        days=tuple(draw(st.sets(st.integers(0, 6), min_size=1))),
        opens=opens,
        closes=closes,
        country=draw(st.sampled_from(("", "JP", "US", "GB"))),
        closures=tuple(draw(st.lists(st.sampled_from(CLOSURES), max_size=2))),
    )
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(minutes=draw(st.integers(0, 5 * 24 * 60)))
    return hours, start


LAST = WALKED_DAYS * 24 * 60 - 1


@settings(max_examples=30, deadline=None)
@given(all_hours(), st.integers(0, LAST), st.integers(0, LAST), st.integers(0, 900), st.integers(1, MINUTE - 1))
def test_calendar_says_what_a_watcher_of_the_clock_says(place, one, other, minutes, later):
    hours, start = place
    calendar, seen = Calendar(hours), walk(hours, start)
    watched = [is_open for _, is_open in seen]

    assert watched == [calendar.is_open(micros(start, n)) for n in range(len(seen))]
    assert watched[one] is calendar.is_open(micros(start, one) + later)
    assert watched[one] is (calendar.closed_because(micros(start, one)) is None)
    assert sum(watched[one:other]) == calendar.minutes_between(micros(start, one), micros(start, other))
    open_from_one = [n for n in range(one, len(seen)) if watched[n]]
    if open_from_one:
        assert micros(start, open_from_one[0]) == calendar.next_open(micros(start, one))
    if 0 < minutes <= len(open_from_one):
        assert micros(start, open_from_one[minutes - 1] + 1) == calendar.after(micros(start, one), minutes)


@settings(max_examples=30, deadline=None)
@given(all_hours(), st.integers(0, LAST), st.integers(1, 5))
def test_business_days_end_with_the_last_open_minute_of_a_later_day(place, one, days):
    hours, start = place
    calendar, seen = Calendar(hours), walk(hours, start)
    today = (start + timedelta(minutes=one)).astimezone(ZoneInfo(hours.timezone)).date()
    last_open = {day: n for n, (day, is_open) in enumerate(seen) if is_open and day > today}
    closes = sorted(last_open.values())

    if len(closes) > days:  # the last day walked may be cut
        assert micros(start, closes[days - 1] + 1) == calendar.business_days_after(micros(start, one), days)
