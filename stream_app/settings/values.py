"""Kinds of values in the settings: spans and moments as people write them, as whole microseconds inside."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator

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


Span: TypeAlias = Annotated[Micros, BeforeValidator(parse_span)]
AlertsFrom: TypeAlias = Annotated[Literal["start", "earliest"] | Micros, BeforeValidator(parse_alerts_from)]
