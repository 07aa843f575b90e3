"""Moments and days as the reader says them, in the reader's zone."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from stream_app.core.events import Micros, moment_of
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue


def local(moment: Micros, zone: ZoneInfo) -> datetime:
    """Return the reader's wall clock at a moment."""
    return moment_of(moment).astimezone(zone)


def told_times(moments: Sequence[Micros], zone: ZoneInfo, now: Micros, words: Catalogue) -> str:
    """Return moments in one text, the day only where it changes, the year only if it is not this one."""
    return words.between_times.join(_each(moments, zone, local(now, zone).year, words))


def told_renewal(day: str, zone: ZoneInfo, now: Micros, words: Catalogue) -> str:
    """Return a renewal day (ISO 8601) with the days to it, counted from the reader's today; empty for no such day."""
    try:
        renewal = date.fromisoformat(day)
    except ValueError:
        return ""
    days = (renewal - local(now, zone).date()).days
    texts = words.renewal
    named = {0: texts.today, 1: texts.tomorrow, -1: texts.yesterday}
    text = named.get(days, texts.ahead if days > 0 else texts.past)
    return fill(text, {"date": fill(texts.day, _parts(renewal, words)), "days": str(abs(days))})


def told_zone(zone: ZoneInfo, words: Catalogue) -> str:
    """Return what the reader calls the zone."""
    return words.zone.get(zone.key, zone.key)


def _each(moments: Sequence[Micros], zone: ZoneInfo, this_year: int, words: Catalogue) -> Iterator[str]:
    last: date | None = None
    for at in (local(moment, zone) for moment in moments):
        time = f"{at:%H:%M}"
        form = words.date.short if at.year == this_year else words.date.long
        yield time if at.date() == last else fill(form, {**_parts(at, words), "time": time})
        last = at.date()


def _parts(day: date, words: Catalogue) -> dict[str, str]:
    return {
        "year": str(day.year),
        "month": words.date.months[day.month - 1],
        "day": str(day.day),
        "weekday": words.date.weekdays[day.weekday()],
    }
