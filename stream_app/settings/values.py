"""Kinds of values in the settings: spans and moments as people write them, as whole microseconds inside."""

import re
from datetime import MAXYEAR, date, datetime, time, timedelta
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from stream_app.core.events import DAY, EPOCH, HOUR, MINUTE, SECOND, Micros

_UNITS: dict[str, Micros] = {"ms": SECOND // 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_SPAN = re.compile(r"(\d{1,9})\s*(ms|s|m|h|d)", re.ASCII)


def parse_span(value: object) -> Micros:
    """Return a span such as `90s`, `10m`, `24h`, `7d` or 0 in microseconds."""
    text = str(value).strip()
    if text == "0":
        return 0
    if not isinstance(value, str) or (found := _SPAN.fullmatch(text)) is None:
        raise ValueError("must be a number with its unit, ms, s, m, h or d, such as '90s', '10m', '24h', '7d'")
    return int(found[1]) * _UNITS[found[2]]


def span(micros: Micros) -> str:
    """Return a span as it is written in the settings, in the largest unit that is exact."""
    unit, size = next((u, s) for u, s in reversed(_UNITS.items()) if micros % s == 0)
    return f"{micros // size}{unit}" if micros else "0"


def parse_alerts_from(value: object) -> str | Micros:
    """Return `start`, `earliest` or a moment in microseconds since 1970-01-01 UTC."""
    if isinstance(value, str) and value in ("start", "earliest"):
        return value
    try:
        return parse_moment(value)
    except ValueError as error:
        raise ValueError(str(error).replace("a time", "'start', 'earliest' or a time", 1)) from None


def parse_moment(value: object) -> Micros:
    """Return a moment, an aware datetime or its text in ISO 8601, in microseconds since 1970-01-01 UTC."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be a time with offset, such as '2026-04-01T00:00:00+09:00'")
    return (moment - EPOCH) // timedelta(microseconds=1)


def parse_until(value: object) -> date | Micros:
    """Return a day as it is, for only its place says when that ends, or a moment as `parse_moment` does."""
    try:
        day = value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        try:
            return parse_moment(value)
        except ValueError as error:
            raise ValueError(str(error).replace("a time", "a day such as '2026-12-31' or a time", 1)) from None
    if day.year == MAXYEAR:
        raise ValueError(f"must be before the year {MAXYEAR}")
    return day


def end_of(day: date, zone: ZoneInfo) -> Micros:
    """Return when the day after begins there."""
    return parse_moment(datetime.combine(day + timedelta(days=1), time(), zone))


Span: TypeAlias = Annotated[Micros, BeforeValidator(parse_span), PlainSerializer(span, when_used="json")]
AlertsFrom: TypeAlias = Annotated[Literal["start", "earliest"] | Micros, BeforeValidator(parse_alerts_from)]
Until: TypeAlias = Annotated[date | Micros, BeforeValidator(parse_until)]
