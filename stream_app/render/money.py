"""Amounts of money as people read them."""

import re
from decimal import Decimal

from stream_app.render.shown import MAX_NAME, shown

_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_ANY_FRACTION = re.compile(r"-?\d{1,15}(?:\.\d{1,40})?", re.ASCII)


def amount(number: str, currency: str) -> str:
    """Return what was paid, to the last digit; what is no number as it is."""
    said = f"{Decimal(number):,f}" if _AMOUNT.fullmatch(number) else number
    return shown(f"{said} {currency}", MAX_NAME)


def about(number: str, currency: str) -> str:
    """Return what was computed, in whole units: no digit behind them is known."""
    said = f"{Decimal(number):,.0f}" if _ANY_FRACTION.fullmatch(number) else number
    return shown(f"{said} {currency}", MAX_NAME)
