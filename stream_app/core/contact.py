"""When to contact a customer: by e-mail in the hours of their place, by telephone when that does not disturb."""

from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.core.calendar import Calendar, Hours, zone_of
from stream_app.core.events import DAY, Micros

_EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_PLACES_KEPT = 256


class ContactHours(Struct, frozen=True, kw_only=True):
    """Customers' hours, each on the clock of their own place; ValueError for what leaves no time for a call.

    `timezone` is the place of whose `country` the holidays are, and where the closures hold: other places have only the
    days of the week. It also stands for customers whose zone is not known. `busy` and `do_not_call` are spans of each
    day, HH:MM-HH:MM, in which nobody is called.
    """

    timezone: str = "Asia/Tokyo"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0
    opens: str = "09:00"
    closes: str = "18:00"
    country: str = "JP"
    closures: tuple[str, ...] = ()
    busy: tuple[str, ...] = ("12:00-13:00",)
    do_not_call: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse hours that make no sense."""
        _place(self, self.timezone)
        if not _leaves_time(self):
            raise ValueError("busy and do_not_call leave no time for a call between opens and closes")


class ContactPlan(Struct, frozen=True, kw_only=True):
    """The two next good moments; the call is never before the e-mail."""

    mail_at: Micros
    call_at: Micros


def plan(at: Micros, zone: ZoneInfo, hours: ContactHours) -> ContactPlan:
    """Return when to write to a customer of this zone and when to call, `at` or later; raises NeverOpen."""
    place = _place(hours, zone.key)
    mail_at = call_at = place.hours.next_open(at)
    while (later := _past_quiet(call_at, place)) != call_at:
        call_at = later
    return ContactPlan(mail_at=mail_at, call_at=call_at)


def customer_zone(name: str, hours: ContactHours) -> ZoneInfo:
    """Return the zone that a profile names, or the one that stands for those not known."""
    try:
        return zone_of(name)
    except ValueError:
        return zone_of(hours.timezone)


def calendar_of(name: str, hours: ContactHours) -> Calendar:
    """Return the calendar of customers whose profile names this zone."""
    return _place(hours, customer_zone(name, hours).key).hours


class _Place(NamedTuple):
    hours: Calendar
    quiet: tuple[Calendar, ...]


@lru_cache(_PLACES_KEPT)
def _place(hours: ContactHours, zone: str) -> _Place:
    home = zone == hours.timezone
    there = Hours(
        timezone=zone,
        days=hours.days,
        opens=hours.opens,
        closes=hours.closes,
        country=hours.country if home else "",
        closures=hours.closures if home else (),
    )
    return _Place(Calendar(there), _quiet(hours, zone))


def _quiet(hours: ContactHours, zone: str) -> tuple[Calendar, ...]:
    return tuple(_span(text, zone) for text in (*hours.busy, *hours.do_not_call))


def _span(text: str, zone: str) -> Calendar:
    begins, _, ends = text.partition("-")
    try:
        return Calendar(Hours(timezone=zone, days=_EVERY_DAY, opens=begins, closes=ends, country=""))
    except ValueError:
        raise ValueError(f"{text!r} is no span of the day, write such as '12:00-13:00'") from None


def _past_quiet(at: Micros, place: _Place) -> Micros:
    """Return the first open moment after one of the spans that `at` lies in, or `at` itself."""
    span = next((one for one in place.quiet if one.is_open(at)), None)
    return at if span is None else place.hours.next_open(span.business_days_after(at, 0))


def _leaves_time(hours: ContactHours) -> bool:
    """Tell whether a call is possible on a day without switch of the clock; each span is passed once at most."""
    day = Hours(timezone="UTC", days=_EVERY_DAY, opens=hours.opens, closes=hours.closes, country="")
    place = _Place(Calendar(day), _quiet(hours, "UTC"))
    at = place.hours.next_open(0)
    for _ in place.quiet:
        at = _past_quiet(at, place)
    return at < DAY
