"""Amounts: exact, plain and in bounds."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.formats.money import CURRENCIES, Amount, NumberText, decode_amount, plain_decimal


@settings(max_examples=200, deadline=None)
@given(number=st.decimals(-(10**17), 10**17, places=9))
def test_every_plain_decimal_is_exact(number):
    """As text and as a number of JSON."""
    text = f"{number:f}"
    assert (number, number) == (plain_decimal(text), decode_amount(Amount, NumberText(text)))


@settings(max_examples=200, deadline=None)
@given(number=st.floats(-1e15, 1e15))
def test_every_float_is_within_a_billionth(number):
    """Only what lies beyond the ninth place is rounded."""
    assert abs(decode_amount(Amount, NumberText(repr(number))) - Decimal(repr(number))) <= Decimal("5e-10")


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=8) | st.from_regex(r"[-+]?[0-9_]{0,4}[.,e]?[-+]?[0-9]{0,4}\n?", fullmatch=True))
def test_text_is_a_plain_decimal_or_refused(text):
    """What is taken is what Decimal takes, written with ASCII digits, a point and a minus only."""
    try:
        number = plain_decimal(text)
    except ValueError:
        return
    assert set(text) <= set("0123456789.-")
    assert Decimal(text) == number


@pytest.mark.parametrize("value", [True, None, 1.5, [], {}, b"1"])
def test_other_values_are_no_amounts(value):
    """Not even a float: the number's own text is there to be read."""
    with pytest.raises(ValueError, match="expected a decimal text or a number"):
        decode_amount(Amount, value)


def test_currencies():
    """Those of ISO 4217 that are in use."""
    assert {"JPY", "USD", "EUR", "GBP"} <= CURRENCIES
    assert 150 < len(CURRENCIES) < 220
    assert {3} == {len(code) for code in CURRENCIES}
