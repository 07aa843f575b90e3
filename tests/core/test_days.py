"""Numbers of days against the calendars they stand for."""

from datetime import date

import pytest

from stream_app.core.calendar import Hours
from stream_app.core.contact import ContactHours
from stream_app.core.days import EVERY_DAY, KINDS_OF_DAY, Days
from stream_app.core.events import EPOCH, HOUR, MINUTE

CUSTOMERS = ContactHours(closures=("08-13/08-16", "12-29/01-03"))
DAYS = Days(Hours(), CUSTOMERS)


def number(text):
    return date.fromisoformat(text).toordinal() - EPOCH.toordinal()


SPANS = [  # first, last, business days after the first up to the last: in Japan, in New York
    ("2026-06-01", "2026-06-01", 0, 0),
    ("2026-06-05", "2026-06-08", 1, 1),
    ("2026-06-06", "2026-06-07", 0, 0),
    ("2026-04-28", "2026-05-07", 3, 7),  # 29 April, 4 to 6 May are holidays
    ("2026-08-07", "2026-08-17", 3, 6),  # 11 August is a holiday, 13 to 16 closed
    ("2026-12-25", "2027-01-04", 2, 6),
]


@pytest.mark.parametrize(("first", "last", "at_home", "abroad"), SPANS)
def test_holidays_and_closures_are_those_of_customers_at_home(first, last, at_home, abroad):
    """Others have the days of the week alone; a zone that nobody knows is that at home."""
    home, away = DAYS.workdays("Asia/Tokyo"), DAYS.workdays("America/New_York")

    assert at_home == home.between(number(first), number(last))
    assert abroad == away.between(number(first), number(last))
    assert at_home == DAYS.workdays("Mars/Olympus").between(number(first), number(last))


@pytest.mark.parametrize("count", [1, 5, 31, 300, 700])
def test_after_is_the_first_day_by_which_so_many_passed(count):
    workdays = DAYS.workdays("")
    for day in range(number("2026-04-20"), number("2026-05-10")):
        end = workdays.after(day, count)
        assert (count, count - 1) == (workdays.between(day, end), workdays.between(day, end - 1))


def test_counts_each_day_as_the_calendar_does():
    workdays, calendar = DAYS.workdays(""), DAYS.of("")
    first, last = number("2024-06-01"), number("2027-06-01")

    expected = sum(calendar.is_business_day(date.fromordinal(day + EPOCH.toordinal())) for day in range(first, last))
    assert expected == workdays.between(first - 1, last - 1)


def test_every_day_counts_where_nobody_looks_at_a_calendar():
    assert (365, number("2026-06-04")) == (EVERY_DAY.between(0, 365), EVERY_DAY.after(number("2026-06-01"), 3))


def test_a_day_begins_on_the_company_clock():
    """Also where the clock is put forward at midnight, and the day begins at one."""
    santiago = Days(Hours(timezone="America/Santiago", country=""))
    day = number("2026-09-06")

    assert day * 24 * HOUR + 4 * HOUR == santiago.begins(day)
    assert (day - 1, day) == (santiago.number(santiago.begins(day) - MINUTE), santiago.number(santiago.begins(day)))


KINDS = [
    ("2026-06-01", 0),
    ("2026-06-06", 5),
    ("2026-06-07", 6),
    ("2026-05-05", 7),
    ("2026-08-14", 7),
    ("2026-05-03", 7),
]


@pytest.mark.parametrize(("day", "expected"), KINDS)
def test_holidays_and_closures_are_a_kind_of_day_of_their_own(day, expected):
    assert expected == DAYS.kind(number(day)) < KINDS_OF_DAY


def test_customers_keep_the_days_of_the_company_where_nobody_says_otherwise():
    closed = Days(Hours(closures=("06-02",)))
    assert (7, 0) == (closed.kind(number("2026-06-02")), closed.workdays("").between(20_605, 20_606))
