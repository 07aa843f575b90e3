"""Amounts as exact decimals: which spellings are taken, and the currencies there are."""

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import ClassVar

import iso4217

from stream_app.formats.errors import invalid

TOO_LARGE = 10**18
CURRENCIES: frozenset[str] = frozenset(code for code in iso4217.raw_table if code)

_MAX_FRACTION = 9
_LAST_PLACE = Decimal(1).scaleb(-_MAX_FRACTION)


class NumberText(str):
    """A JSON number with a point or an exponent, as it was written."""

    __slots__ = ()


class Amount(Decimal):
    """Any amount of money: what its text looks like, and its bounds as a number in the words of JSON Schema."""

    PATTERN: ClassVar[str] = r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?"
    BOUNDS: ClassVar[dict[str, int]] = {"exclusiveMinimum": -TOO_LARGE, "exclusiveMaximum": TOO_LARGE}


class Cost(Amount):
    """An amount of money that is not negative."""

    PATTERN = r"[0-9]{1,18}(?:\.[0-9]{1,9})?"
    BOUNDS: ClassVar[dict[str, int]] = {"minimum": 0, "exclusiveMaximum": TOO_LARGE}


class Share(Amount):
    """A part of a whole, 0 to 1."""

    PATTERN = r"0(?:\.[0-9]{1,9})?|1(?:\.0{1,9})?"
    BOUNDS: ClassVar[dict[str, int]] = {"minimum": 0, "maximum": 1}


_COMPARISONS: Mapping[str, Callable[[Decimal, int], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


def decode_amount(kind: type, value: object) -> object:
    """Make an Amount, Cost or Share of a decoded JSON value: msgspec's `dec_hook`, beside `float_hook=NumberText`.

    Raises ValueError, whose text never holds the value.
    """
    if not issubclass(kind, Amount) or isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("expected a decimal text or a number")
    if isinstance(value, int | NumberText):
        return kind(_from_number(kind, str(value)))
    return kind(plain_decimal(value, kind))


def plain_decimal(text: str, kind: type[Amount] = Amount) -> Decimal:
    """Return the number that `text` spells with digits and a point only; raises ValueError."""
    if not re.fullmatch(kind.PATTERN, text):
        raise ValueError("not a plain decimal number in its range, of at most 9 digits after the point")
    return Decimal(text)


def times(price: Decimal, quantity: Decimal) -> Decimal:
    """Return the amount for so many at that price, to nine places; raises ValueError if it is out of range."""
    return _from_number(Amount, str(price * quantity))


def currency(field: str, code: str) -> str:
    """Return a currency code of ISO 4217 as it is; raises DecodeError."""
    if code not in CURRENCIES:
        raise invalid(field, "not a currency of ISO 4217")
    return code


def _from_number(kind: type[Amount], literal: str) -> Decimal:
    try:
        number = Decimal(literal)
        if all(_COMPARISONS[word](number, bound) for word, bound in kind.BOUNDS.items()):
            return _rounded(number)
    except ArithmeticError:
        pass  # an exponent that no decimal can have
    raise ValueError("number out of range")


def _rounded(number: Decimal) -> Decimal:
    # Producers that reckon with binary floats send 0.30000000000000004: that noise must not cost the purchase.
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_MAX_FRACTION:
        number = number.quantize(_LAST_PLACE).normalize()
    return Decimal(f"{number:f}")
