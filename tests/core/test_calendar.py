"""When somebody works: hours, holidays, closures, and clocks that are put forward and back."""

import gzip
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from msgspec.structs import replace

from stream_app.core.calendar import DAYS_SEARCHED, Calendar, ClosedReason, Hours, NeverOpen
from stream_app.core.events import DAY, MINUTE, SECOND

DATA = Path(os.environ.get("STREAM_APP_DATA", Path(__file__).parents[3] / "shared" / "data"))
JAPAN = DATA / "holidays_jp.yml.gz"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ALL_DAYS = tuple(range(7))
TOKYO = Hours(closures=("12-29/01-03",))
NEW_YORK = Hours(timezone="America/New_York", country="US")
LONDON = Hours(timezone="Europe/London", country="GB-ENG")
NIGHT = Hours(timezone="America/New_York", country="", days=ALL_DAYS, opens="01:00", closes="04:00")


def at(text, hours=TOKYO):
    """Return a time on the clock of the place (or with its own offset) in microseconds."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(hours.timezone))
    return (moment - EPOCH) // timedelta(microseconds=1)


def shown(micros, hours=TOKYO):
    """Return a moment as the clock of the place shows it, with its offset where it has daylight saving."""
    local = (EPOCH + timedelta(microseconds=micros)).astimezone(ZoneInfo(hours.timezone))
    return local.strftime("%Y-%m-%d %H:%M") + ("" if hours is TOKYO else local.strftime(" %z"))


class TestTargets:
    @pytest.mark.parametrize(
        ("since", "minutes", "due"),
        [
            ("2026-07-17 18:30", 240, "2026-07-21 13:30"),  # Friday evening, Marine Day on Monday
            ("2026-07-17 17:00", 240, "2026-07-21 12:30"),  # one hour is left of Friday
            ("2026-07-17 14:00", 240, "2026-07-17 18:00"),  # used up with the day: its close, not the next opening
            ("2026-07-17 14:01", 240, "2026-07-21 09:31"),
            ("2026-07-17 18:00", 1, "2026-07-21 09:31"),  # at the close nobody is there any more
            ("2026-07-16 03:00", 240, "2026-07-16 13:30"),  # before the opening
            ("2026-07-16 09:30", 0, "2026-07-16 09:30"),
            ("2026-07-16 18:00", 0, "2026-07-17 09:30"),
            ("2026-07-16 09:30", 1020, "2026-07-17 18:00"),  # two full days
            ("2026-05-01 17:30", 240, "2026-05-07 13:00"),  # Golden Week with a substitute holiday on Wednesday
            ("2019-04-26 18:30", 240, "2019-05-07 13:30"),  # ten days at the accession
            ("2026-09-18 18:30", 240, "2026-09-24 13:30"),  # citizens' holiday between two others
            ("2026-12-28 17:00", 240, "2027-01-04 12:30"),  # the company's closure over the year's end
            ("2020-12-28 17:00", 60, "2020-12-28 18:00"),
        ],
    )
    def test_count_business_minutes(self, since, minutes, due):
        assert due == shown(Calendar(TOKYO).after(at(since), minutes))

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Tokyo", "UTC", "America/New_York", "Etc/GMT+12"])
    @pytest.mark.parametrize(("opens", "closes"), [("00:00", "03:00"), ("21:00", "24:00")])
    def test_do_not_mind_which_day_it_is_in_london(self, zone, opens, closes):
        hours = Hours(timezone=zone, country="", opens=opens, closes=closes)
        calendar, began = Calendar(hours), at(f"2026-07-15 {opens}", hours)

        for minute in (0, 59, 119):
            now = began + minute * MINUTE
            assert (True, now + 60 * MINUTE, 60) == (
                calendar.is_open(now),
                calendar.after(now, 60),
                calendar.minutes_between(now, now + 60 * MINUTE),
            )

    def test_keep_seconds_and_their_parts(self):
        began = at("2026-07-17 17:59:30.000001")

        assert at("2026-07-21 09:30:30.000001") == Calendar(TOKYO).after(began, 1)

    def test_refuse_to_count_backwards(self):
        with pytest.raises(ValueError, match=r"^minutes: -1 is negative$"):
            Calendar(TOKYO).after(0, -1)


class TestOpening:
    @pytest.mark.parametrize(
        ("now", "reason"),
        [
            ("2026-07-16 09:29:59.999999", ClosedReason.HOURS),
            ("2026-07-16 09:30", None),
            ("2026-07-16 17:59:59.999999", None),
            ("2026-07-16 18:00", ClosedReason.HOURS),
            ("2026-07-18 12:00", ClosedReason.WEEKEND),
            ("2026-07-20 12:00", ClosedReason.HOLIDAY),
            ("2026-07-20 03:00", ClosedReason.HOLIDAY),  # the day's reason before the hour's
            ("2026-12-29 12:00", ClosedReason.CLOSURE),
            ("2027-01-01 12:00", ClosedReason.HOLIDAY),  # closed as well: the first reason holds
            ("2027-01-02 12:00", ClosedReason.WEEKEND),
            ("2027-01-04 12:00", None),
            ("1969-12-26 12:00", None),  # before the epoch
        ],
    )
    def test_is_known_with_its_reason(self, now, reason):
        calendar = Calendar(TOKYO)

        assert (reason is None, reason) == (calendar.is_open(at(now)), calendar.closed_because(at(now)))

    @pytest.mark.parametrize(
        ("now", "opening"),
        [
            ("2026-07-16 12:34:56", "2026-07-16 12:34"),
            ("2026-07-16 05:00", "2026-07-16 09:30"),
            ("2026-07-17 18:00", "2026-07-21 09:30"),
            ("2025-12-26 18:00", "2026-01-05 09:30"),  # 29 December to 3 January and two weekends
        ],
    )
    def test_comes_next(self, now, opening):
        assert opening == shown(Calendar(TOKYO).next_open(at(now)))

    def test_may_last_all_day(self):
        """Each close is the next opening: never shut from Monday to Friday."""
        calendar = Calendar(replace(TOKYO, opens="00:00", closes="24:00"))

        assert [False, True, True, True, False] == [
            calendar.is_open(at(time))
            for time in ("2026-07-12 23:59", "2026-07-13 00:00", "2026-07-15 00:00", "2026-07-17 23:59", "2026-07-18")
        ]
        assert 5 * 24 * 60 == calendar.minutes_between(at("2026-07-11"), at("2026-07-20"))


class TestBusinessDays:
    @pytest.mark.parametrize(
        ("since", "days", "close"),
        [
            ("2026-07-15 10:00", 1, "2026-07-16 18:00"),
            ("2026-07-15 10:00", 3, "2026-07-21 18:00"),
            ("2026-07-17 10:00", 1, "2026-07-21 18:00"),  # over a three-day weekend
            ("2026-07-17 23:59", 1, "2026-07-21 18:00"),  # still Friday
            ("2026-07-18 00:00", 1, "2026-07-21 18:00"),
            ("2026-07-19 12:00", 2, "2026-07-22 18:00"),
            ("2026-07-15 00:30", 1, "2026-07-16 18:00"),  # Tuesday in UTC, Wednesday here
            ("2026-12-28 10:00", 3, "2027-01-06 18:00"),
            ("2026-07-17 23:00", 0, "2026-07-17 18:00"),
            ("2026-07-18 12:00", 0, "2026-07-21 18:00"),
        ],
    )
    def test_end_at_the_close(self, since, days, close):
        assert close == shown(Calendar(TOKYO).business_days_after(at(since), days))

    def test_refuse_to_count_backwards(self):
        with pytest.raises(ValueError, match=r"^days: -2 is negative$"):
            Calendar(TOKYO).business_days_after(0, -2)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-07-17 18:30", "2026-07-21 13:30", 240),
        ("2026-07-17 17:59:01", "2026-07-21 09:30:30", 1),  # 59 and 30 seconds
        ("2026-07-17 17:59:31", "2026-07-21 09:30:30", 0),
        ("2026-07-17 10:00", "2026-07-17 10:00", 0),
        ("2026-07-17 12:00", "2026-07-17 10:00", 0),
        ("2026-07-18 12:00", "2026-07-20 12:00", 0),
        ("2026-01-01", "2027-01-01", 240 * 510),  # 261 weekdays less 17 holidays, 29 to 31 December, 2 January
    ],
)
def test_minutes_between_are_whole_and_never_negative(start, end, minutes):
    assert minutes == Calendar(TOKYO).minutes_between(at(start), at(end))


class TestSummerTime:
    @pytest.mark.parametrize(
        ("hours", "day", "opening", "minutes"),
        [
            (NEW_YORK, "2026-03-06", "2026-03-06 09:30 -0500", 510),  # Friday before, Monday after
            (NEW_YORK, "2026-03-09", "2026-03-09 09:30 -0400", 510),
            (NEW_YORK, "2026-10-30", "2026-10-30 09:30 -0400", 510),
            (NEW_YORK, "2026-11-02", "2026-11-02 09:30 -0500", 510),
            (LONDON, "2026-03-27", "2026-03-27 09:30 +0000", 510),
            (LONDON, "2026-03-30", "2026-03-30 09:30 +0100", 510),
            (LONDON, "2026-10-23", "2026-10-23 09:30 +0100", 510),
            (LONDON, "2026-10-26", "2026-10-26 09:30 +0000", 510),
            (NIGHT, "2026-03-08", "2026-03-08 01:00 -0500", 120),  # 02:00 is 03:00
            (NIGHT, "2026-11-01", "2026-11-01 01:00 -0400", 240),  # 01:00 comes twice
            (replace(NIGHT, opens="02:30"), "2026-03-08", "2026-03-08 03:00 -0400", 60),  # no such time: the switch
            (replace(NIGHT, closes="02:30"), "2026-03-08", "2026-03-08 01:00 -0500", 60),
            (replace(NIGHT, opens="01:30"), "2026-11-01", "2026-11-01 01:30 -0400", 210),  # the first of two
            (replace(NIGHT, closes="01:30"), "2026-11-01", "2026-11-01 01:00 -0400", 30),  # and not opened again
            (replace(NIGHT, timezone="Europe/London"), "2026-03-29", "2026-03-29 02:00 +0100", 120),
            (replace(NIGHT, timezone="Europe/London"), "2026-10-25", "2026-10-25 01:00 +0100", 240),
            (replace(NIGHT, opens="00:00", closes="24:00"), "2026-03-08", "2026-03-08 00:00 -0500", 23 * 60),
            (replace(NIGHT, opens="00:00", closes="24:00"), "2026-11-01", "2026-11-01 00:00 -0400", 25 * 60),
            (replace(NIGHT, opens="00:00", timezone="America/Havana"), "2026-03-08", "2026-03-08 01:00 -0400", 180),
        ],
    )
    def test_opening_stays_on_the_clock_of_the_place(self, hours, day, opening, minutes):
        calendar = Calendar(hours)
        begins, ends = at(day, hours), at(str(date.fromisoformat(day) + timedelta(days=1)), hours)

        assert opening == shown(calendar.next_open(begins), hours)
        assert minutes == calendar.minutes_between(begins, ends)

    @pytest.mark.parametrize(
        ("hours", "since", "due"),
        [
            (NEW_YORK, "2026-03-06 17:00", "2026-03-09 12:30 -0400"),
            (NEW_YORK, "2026-10-30 17:00", "2026-11-02 12:30 -0500"),
            (LONDON, "2026-03-27 17:00", "2026-03-30 12:30 +0100"),
            (LONDON, "2026-10-23 17:00", "2026-10-26 12:30 +0000"),
            (replace(LONDON, days=ALL_DAYS, opens="00:00"), "2026-03-29 00:00", "2026-03-29 05:00 +0100"),
            (replace(LONDON, days=ALL_DAYS, opens="00:00"), "2026-10-25 00:00", "2026-10-25 03:00 +0000"),
        ],
    )
    def test_a_target_of_four_hours_is_four_real_hours(self, hours, since, due):
        assert due == shown(Calendar(hours).after(at(since, hours), 240), hours)

    def test_a_day_that_a_place_left_out_has_no_hours(self):
        """Samoa went from 29 to 31 December 2011 when it changed sides of the date line."""
        hours = Hours(timezone="Pacific/Apia", country="", days=ALL_DAYS)
        calendar, before = Calendar(hours), at("2011-12-29 18:00", Hours(timezone="Pacific/Apia"))

        assert "2011-12-31 09:30 +1400" == shown(calendar.next_open(before), hours)
        assert "2011-12-31 18:00 +1400" == shown(calendar.business_days_after(before, 1), hours)

    def test_a_clock_put_back_over_midnight_counts_no_minute_twice(self):
        """In Newfoundland 00:01 was followed by 23:01 of the day before."""
        hours = Hours(timezone="America/St_Johns", country="", days=ALL_DAYS, opens="00:00", closes="24:00")
        calendar, start = Calendar(hours), at("2006-10-28 12:00", hours)

        assert 2 * DAY // MINUTE == calendar.minutes_between(start, start + 2 * DAY)
        assert all(calendar.is_open(start + n * MINUTE) for n in range(24 * 60))


class TestHolidays:
    def test_of_japan_are_those_of_the_oracle(self):
        """All of 2000 to 2050, with substitute holidays and those between two others, and no day more."""
        if not JAPAN.exists():
            pytest.skip(f"needs {JAPAN.name}; STREAM_APP_DATA names the folder")
        oracle = set(yaml.safe_load(gzip.decompress(JAPAN.read_bytes())))
        calendar = Calendar(Hours(days=ALL_DAYS))
        first, last = date(2000, 1, 1), date(2050, 12, 31)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]

        assert {day for day in oracle if first <= day <= last} == {d for d in days if not calendar.is_business_day(d)}

    @pytest.mark.parametrize(
        ("hours", "day", "open_then"),
        [
            (TOKYO, "2026-05-06", False),  # Wednesday, for the Sunday before
            (TOKYO, "2026-09-22", False),  # Tuesday between two holidays
            (TOKYO, "2019-04-30", False),
            (TOKYO, "2020-07-24", False),  # moved for the Games
            (TOKYO, "2020-10-12", True),  # whence it was moved
            (TOKYO, "2026-12-28", True),
            (TOKYO, "2027-01-02", False),
            (replace(TOKYO, country=""), "2026-05-06", True),
            (replace(TOKYO, country="", closures=()), "2026-01-01", True),
            (NEW_YORK, "2026-11-26", False),
            (NEW_YORK, "2026-07-03", False),  # Independence Day falls on a Saturday
            (NEW_YORK, "2021-12-31", False),  # for New Year of the next year
            (LONDON, "2026-04-06", False),  # Easter Monday, of England alone
            (replace(LONDON, country="GB"), "2026-04-06", True),
        ],
    )
    def test_close_the_place_they_belong_to(self, hours, day, open_then):
        assert open_then is Calendar(hours).is_business_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("closure", "closed", "open_beside"),
    [
        ("12-29/01-03", ("2026-12-29", "2026-12-31", "2027-01-01", "2030-01-03"), ("2026-12-28", "2027-01-04")),
        ("08-13/08-15", ("2026-08-13", "2031-08-15"), ("2026-08-12", "2026-08-16")),
        ("08-13", ("2026-08-13", "2027-08-13"), ("2026-08-12", "2026-08-14")),
        ("2026-08-13", ("2026-08-13",), ("2025-08-13", "2027-08-13")),
        ("2026-08-13/2026-08-15", ("2026-08-13", "2026-08-15"), ("2026-08-12", "2026-08-16", "2027-08-14")),
        ("2026-12-29/2027-01-03", ("2026-12-31", "2027-01-03"), ("2026-01-02", "2027-12-29")),
        ("02-29", ("2028-02-29",), ("2027-02-28", "2027-03-01", "2028-03-01")),
        ("02-28/03-01", ("2027-02-28", "2027-03-01", "2028-02-29"), ("2028-03-02",)),
    ],
)
def test_closures_take_the_days_they_name(closure, closed, open_beside):
    calendar = Calendar(Hours(country="", days=ALL_DAYS, closures=(closure,)))
    asked = [date.fromisoformat(day) for day in (*closed, *open_beside)]

    assert [False] * len(closed) + [True] * len(open_beside) == [calendar.is_business_day(day) for day in asked]


@pytest.mark.parametrize(
    ("nonsense", "said"),
    [
        ({"timezone": "Mars/Base"}, "timezone: 'Mars/Base' is not"),
        ({"timezone": ""}, "timezone: '' is not"),
        ({"timezone": "Asia"}, "timezone: 'Asia' is not"),
        ({"timezone": "../Tokyo"}, "timezone: '../Tokyo' is not"),
        ({"opens": "18:00", "closes": "09:30"}, "closes: '09:30' is not later than opens, '18:00'"),
        ({"opens": "18:00"}, "closes: '18:00' is not later"),
        ({"opens": "9:30"}, "opens: '9:30' is no time of the day"),
        ({"opens": "09:60"}, "opens: '09:60' is no time"),
        ({"opens": "24:00"}, "closes: '18:00' is not later"),
        ({"closes": "24:01"}, "closes: '24:01' is no time"),
        ({"closes": "１８:００"}, "closes: '１８:００' is no time"),
        ({"country": "XX"}, "country: the holidays of 'XX' are not known"),
        ({"country": "jp"}, "country: the holidays of 'jp'"),
        ({"country": "JP-13"}, "country: the holidays of 'JP-13'"),
        ({"country": "GB-"}, "country: the holidays of 'GB-'"),
        ({"country": "-"}, "country: the holidays of '-'"),
        ({"days": ()}, r"days: \[\] must name at least one"),
        ({"days": (0, 7)}, r"days: \[0, 7\] must name"),
        ({"days": (-1,)}, r"days: \[-1\] must name"),
        ({"closures": ("",)}, "closures: '' must be a day"),
        ({"closures": ("summer",)}, "closures: 'summer' must be"),
        ({"closures": ("8-13",)}, "closures: '8-13' must be"),
        ({"closures": ("08-13/",)}, "closures: '08-13/' must be"),
        ({"closures": ("08-13/08-14/08-15",)}, "closures: '08-13/08-14/08-15' must be"),
        ({"closures": ("2026-08-13/08-15",)}, "closures: '2026-08-13/08-15' must be"),
        ({"closures": ("02-30",)}, "closures: '02-30' names a day that there is not"),
        ({"closures": ("2027-02-29",)}, "closures: '2027-02-29' names a day"),
        ({"closures": ("0000-01-01",)}, "closures: '0000-01-01' names a day"),
        ({"closures": ("2026-08-15/2026-08-13",)}, "closures: '2026-08-15/2026-08-13' ends before it begins"),
        ({"closures": ("01-01/12-31",)}, "closures: they leave no day"),
        ({"closures": ("03-01/08-31", "09-01/02-29")}, "closures: they leave no day"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_hours_that_make_no_sense_are_refused(nonsense, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        Calendar(Hours(**nonsense))


class TestClosedForYears:
    HOURS = Hours(country="", closures=("2026-01-01/2099-12-31",))

    @pytest.mark.parametrize(
        "ask",
        [
            lambda calendar, now: calendar.next_open(now),
            lambda calendar, now: calendar.after(now, 240),
            lambda calendar, now: calendar.business_days_after(now, 1),
        ],
        ids=["next_open", "after", "business_days_after"],
    )
    def test_is_an_error_not_a_search_without_end(self, ask):
        with pytest.raises(NeverOpen, match=r"^not enough open days within three years of 2026-07-16: "):
            ask(Calendar(self.HOURS), at("2026-07-16 12:00"))

    def test_says_so_for_more_than_three_years_of_work(self):
        calendar, now = Calendar(TOKYO), at("2026-07-16 12:00")

        with pytest.raises(NeverOpen):
            calendar.after(now, 10**15)
        with pytest.raises(NeverOpen):
            calendar.business_days_after(now, 10**30)

    def test_leaves_what_can_be_told(self):
        calendar, now = Calendar(self.HOURS), at("2026-07-16 12:00")

        assert (False, ClosedReason.CLOSURE) == (calendar.is_open(now), calendar.closed_because(now))
        assert 0 == calendar.minutes_between(now, now + 1000 * DAY)
        assert "2100-01-01 09:30" == shown(calendar.next_open(at("2098-01-01 12:00")))

    def test_begins_after_three_years(self):
        reopened = at("2029-01-01 09:30")
        calendar = Calendar(Hours(country="", closures=("2020-01-01/2028-12-31",)))

        assert reopened == calendar.next_open(reopened - (DAYS_SEARCHED - 5) * DAY)
        with pytest.raises(NeverOpen):
            calendar.next_open(reopened - (DAYS_SEARCHED + 5) * DAY)


def test_an_answer_stays_the_same_in_any_order_of_questions():
    """What is remembered of one day is not taken for another."""
    moments = [at("2026-07-13") + n * 7919 * SECOND for n in range(200)]
    calendar = Calendar(TOKYO)
    forwards = [calendar.closed_because(moment) for moment in moments]

    assert forwards == [calendar.closed_because(moment) for moment in reversed(moments)][::-1]
    assert forwards == [Calendar(TOKYO).closed_because(moment) for moment in moments]
