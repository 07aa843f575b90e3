"""When to contact a customer: in a table, and against one who looks at the customer's clock every minute."""

from datetime import datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.calendar import Hours, NeverOpen
from stream_app.core.contact import ContactHours, ContactPlan, customer_zone, plan
from stream_app.core.events import SECOND
from tests.core.test_calendar_against_naive import PLACES, WALKED_DAYS, micros, minute_of, works_on

TOKYO, LONDON = "Asia/Tokyo", "Europe/London"


def at(text, zone=TOKYO):
    """Return a time on the clock of a place."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


def planned(text, zone=TOKYO, asked_in=None, **hours):
    """Return when to write and to call, as the customer's clock shows it then."""
    found = plan(at(text, asked_in or zone), ZoneInfo(zone), ContactHours(**hours))
    return tuple(
        datetime.fromtimestamp(moment // SECOND, ZoneInfo(zone)).strftime("%m-%d %H:%M")
        for moment in (found.mail_at, found.call_at)
    )


NEW_YEAR = {"closures": ("12-29/01-03",)}
PLANS = {
    "in hours, now": (planned("2026-06-01T10:00"), ("06-01 10:00", "06-01 10:00")),
    "at lunch, e-mail now": (planned("2026-06-01T12:00"), ("06-01 12:00", "06-01 13:00")),
    "a minute before lunch": (planned("2026-06-01T11:59"), ("06-01 11:59", "06-01 11:59")),
    "lunch is over": (planned("2026-06-01T13:00"), ("06-01 13:00", "06-01 13:00")),
    "before opening": (planned("2026-06-01T03:00"), ("06-01 09:00", "06-01 09:00")),
    "at the close": (planned("2026-06-01T18:00"), ("06-02 09:00", "06-02 09:00")),
    "over a weekend of three days": (planned("2026-09-18T18:30"), ("09-24 09:00", "09-24 09:00")),
    "a holiday there only": (planned("2026-09-21T10:00", LONDON), ("09-21 10:00", "09-21 10:00")),
    "closed at home only": (planned("2026-12-30T10:00", LONDON, **NEW_YEAR), ("12-30 10:00", "12-30 10:00")),
    "over the year's end": (planned("2026-12-28T18:00", **NEW_YEAR), ("01-04 09:00", "01-04 09:00")),
    "morning here, night there": (planned("2026-06-01T10:00", LONDON, TOKYO), ("06-01 09:00", "06-01 09:00")),
    "late here, noon there": (planned("2026-06-01T20:30", LONDON, TOKYO), ("06-01 12:30", "06-01 13:00")),
    "not to be called in the morning": (
        planned("2026-06-01T09:10", do_not_call=("09:00-10:30",)),
        ("06-01 09:10", "06-01 10:30"),
    ),
    "spans that touch": (
        planned("2026-06-01T12:10", do_not_call=("13:00-14:00", "16:00-18:00")),
        ("06-01 12:10", "06-01 14:00"),
    ),
    "no call till the close": (
        planned("2026-06-01T16:10", do_not_call=("13:00-14:00", "16:00-18:00")),
        ("06-01 16:10", "06-02 09:00"),
    ),
}


@pytest.mark.parametrize("case", PLANS)
def test_first_an_e_mail_then_a_call(case):
    found, expected = PLANS[case]

    assert expected == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (LONDON, LONDON),
        ("", TOKYO),
        ("Mars/Base", TOKYO),
        ("../../etc/passwd", TOKYO),
        ("Asia", TOKYO),
        ("\x00\ud800", TOKYO),
        ("x" * 10_000, TOKYO),
    ],
)
def test_a_zone_that_there_is_not_is_the_one_at_home(name, expected):
    assert ZoneInfo(expected) == customer_zone(name, ContactHours())


REFUSED = [
    ({"busy": ("12-13",)}, "'12-13' is no span of the day"),
    ({"busy": ("13:00-12:00",)}, "'13:00-12:00' is no span of the day"),
    ({"do_not_call": ("noon",)}, "'noon' is no span of the day"),
    ({"busy": ("00:00-24:00",)}, "leave no time for a call"),
    ({"busy": ("13:00-18:00",), "do_not_call": ("09:00-12:00", "11:59-13:00")}, "leave no time for a call"),
    ({"closes": "09:00"}, "closes: '09:00' is not later"),
    ({"timezone": "Nowhere"}, "timezone: 'Nowhere'"),
    ({"country": "XX"}, "country: the holidays of 'XX'"),
]


@pytest.mark.parametrize(("hours", "problem"), REFUSED, ids=str)
def test_hours_that_make_no_sense_are_refused(hours, problem):
    with pytest.raises(ValueError, match=problem):
        ContactHours(**hours)


def test_a_minute_is_time_for_a_call():
    found = planned("2026-06-01T10:00", busy=("09:00-12:00",), do_not_call=("12:01-18:00",))

    assert ("06-01 10:00", "06-01 12:00") == found


def test_hours_without_a_day_say_so():
    never = ContactHours(days=(0,), closures=("01-01/12-30",), country="")

    with pytest.raises(NeverOpen):
        plan(at("2026-06-01T10:00"), ZoneInfo(TOKYO), never)


CLOCKS = ("00:00", "01:00", "01:30", "02:15", "03:00", "09:00", "11:50", "12:00", "13:00", "17:00", "23:30", "24:00")
spans = st.lists(st.sampled_from(CLOCKS), min_size=2, max_size=2, unique=True).map(sorted)


@st.composite
def customers(draw):
    """Draw hours that can be kept, a zone near a switch of its clock, and a moment."""
    zone, day = draw(st.sampled_from(PLACES))
    opens, closes = draw(spans)
    fields = {
        "timezone": zone if draw(st.booleans()) else "UTC",
        "days": tuple(draw(st.sets(st.integers(0, 6), min_size=1))),
        "opens": opens,
        "closes": closes,
        "country": draw(st.sampled_from(("", "JP", "US"))),
        "busy": tuple(map("-".join, draw(st.lists(spans, max_size=2)))),
        "do_not_call": tuple(map("-".join, draw(st.lists(spans, max_size=1)))),
    }
    try:
        hours = ContactHours(**fields)
    except ValueError:
        hours = ContactHours(**fields | {"busy": (), "do_not_call": ()})
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(minutes=draw(st.integers(0, 3 * 24 * 60)))
    return hours, zone, start


def watched(hours, zone, start):
    """Return for every minute whether to write and whether to call; a clock put back shows nothing new at first."""
    home = zone == hours.timezone
    there = Hours(
        timezone=zone,
        days=hours.days,
        opens=hours.opens,
        closes=hours.closes,
        country=hours.country if home else "",
        closures=hours.closures if home else (),
    )
    moments = [start + timedelta(minutes=n) for n in range(-2 * 24 * 60, WALKED_DAYS * 24 * 60)]
    latest = accumulate((moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments), max)
    quiet = [tuple(map(minute_of, text.split("-"))) for text in (*hours.busy, *hours.do_not_call)]
    works = {}
    for now in list(latest)[2 * 24 * 60 :]:
        minute, day = now.hour * 60 + now.minute, now.date()
        works.setdefault(day, works_on(there, day))
        is_open = works[day] and minute_of(hours.opens) <= minute < minute_of(hours.closes)
        yield is_open, is_open and not any(begins <= minute < ends for begins, ends in quiet)


@settings(max_examples=8, deadline=None)
@given(customers())
def test_the_plan_is_that_of_a_watcher_of_the_clock(customer):
    hours, zone, start = customer
    seen = list(watched(hours, zone, start))
    mails, calls = ([n for n, minute in enumerate(seen) if minute[which]] for which in (0, 1))

    if calls:
        expected = ContactPlan(mail_at=micros(start, mails[0]), call_at=micros(start, calls[0]))
        assert expected == plan(micros(start, 0), ZoneInfo(zone), hours)
