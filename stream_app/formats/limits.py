"""What any text, id and time of an event may look like, whatever format it comes in."""

import re
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from stream_app.core.events import EPOCH, MINUTE, Micros
from stream_app.formats.errors import DeadLetterReason, DecodeError, invalid

MAX_VALUE_BYTES = 262_144
MAX_ID = 256
MAX_URL = 8_192
MAX_TEXT = 512  # titles and names: longer ones are cut, not refused
MAX_USER_AGENT = 1_024
MAX_AHEAD: Micros = 5 * MINUTE
FIRST_YEAR = 1970
LAST_YEAR = 9998

_MICROSECOND = timedelta(microseconds=1)
_END: Micros = (EPOCH.replace(year=LAST_YEAR + 1) - EPOCH) // _MICROSECOND
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACED = dict.fromkeys(map(ord, "\t\n\v\f\r\x85"), " ")
_WITHOUT_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]) | _SPACED


def has_controls(text: str) -> bool:
    """Tell whether `text` holds a control character (Unicode category Cc)."""
    # isprintable is much the faster and right for nearly all texts, but also refuses an ideographic space.
    return not text.isprintable() and _CONTROL.search(text) is not None


def clean(text: str, limit: int) -> str:
    """Return free text without control characters (tabs and line breaks become spaces), cut to `limit`."""
    text = text[:limit]
    return text.translate(_WITHOUT_CONTROLS) if has_controls(text) else text


def identifier(field: str, text: str) -> str:
    """Return an id (or nothing) as it is; raises DecodeError for a long one or one with control characters."""
    if len(text) > MAX_ID:
        raise invalid(field, f"longer than {MAX_ID} characters")
    if has_controls(text):
        raise invalid(field, "has control characters")
    return text


def required_id(field: str, text: str) -> str:
    """Return an id that must not be empty; raises DecodeError."""
    if not text:
        raise invalid(field, "missing")
    return identifier(field, text)


def made_id(*parts: str) -> str:
    """Return an id for what has none of its own: 32 hexadecimal digits, others for other parts."""
    return blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()


def web_address(field: str, text: str) -> str:
    """Return a URL without control characters; raises DecodeError if nothing is left or it is too long."""
    if len(text) > MAX_URL:
        raise invalid(field, f"longer than {MAX_URL} characters")
    url = _CONTROL.sub("", text) if has_controls(text) else text
    if not url:
        raise invalid(field, "missing")
    return url


def micros(field: str, moment: datetime) -> Micros:
    """Return an aware `moment` in microseconds since 1970; raises DecodeError for years that make no sense."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise invalid(field, f"not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return (moment - EPOCH) // _MICROSECOND


def within_years(field: str, at: Micros) -> Micros:
    """Return a time that came as microseconds; raises DecodeError for years that make no sense."""
    if not 0 <= at < _END:
        raise invalid(field, f"not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return at


def not_ahead(occurred_at: Micros, timestamp_ms: int) -> None:
    """Raise DecodeError for an event too far ahead of its record's time; a negative time is unknown."""
    if occurred_at > timestamp_ms * 1_000 + MAX_AHEAD and timestamp_ms >= 0:
        detail = "occurred_at: more than 5 minutes ahead of the record's timestamp"
        raise DecodeError(DeadLetterReason.FUTURE, detail)
