"""What a server means by `Retry-After`: seconds, or a date of HTTP."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def retry_after(header: str, now: float) -> float | None:
    """Return the seconds to wait, None where the header says nothing that can be followed."""
    said = header.strip()
    if _SECONDS.fullmatch(said):
        return float(said)
    try:
        date = parsedate_to_datetime(said)
        return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
