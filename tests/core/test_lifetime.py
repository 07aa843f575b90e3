"""What a customer is worth, in one currency, as of a time."""

from decimal import Decimal
from itertools import permutations

import pytest
from msgspec.structs import replace

from stream_app.core.events import DAY, PurchaseKind
from stream_app.core.example import NOON
from stream_app.core.lifetime import YEAR, falls_to, is_high, lifetime_value, worth
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.core.tuning import Loyalty, Tuning
from tests.core.customers import LIMIT, TUNING, buys, profile, refunds, state_after

YEN = {"currency": "JPY"}


def test_the_worked_example():
    """3,000 yen × 60 % × 12 orders a year × 3 years − 50,000 yen for getting and keeping them."""
    found = lifetime_value(
        unit_price=Decimal(3_000),
        gross_margin=Decimal("0.6"),
        orders_a_year=Decimal(12),
        years=Decimal(3),
        costs=Decimal(50_000),
    )

    assert Decimal(14_800) == found


def test_the_worked_example_of_a_customer():
    """Twelve orders in the first year say the same, with margin and costs from the profile."""
    known = profile(
        gross_margin=Decimal("0.6"), acquisition_cost=Decimal(20_000), keeping_cost=Decimal(30_000), name="c"
    )
    state = state_after(known, *(buys(month * 30 * DAY, 3_000) for month in range(12)))

    assert Decimal(14_800) == worth(state, NOON + YEAR, TUNING).amount


CASES = {
    "one order is taken for one in 90 days": ([buys(0, 9_000)], 0, "JPY", 9_000 * 3 * 365 / Decimal(90)),
    "orders later than that do not count": (
        [buys(0, 900), buys(91 * DAY, 5_000)],
        90 * DAY,
        "JPY",
        900 * 3 * 365 / Decimal(90),
    ),
    "who stays longer is worth what they paid": ([buys(n * 365 * DAY, 100) for n in range(5)], 1460 * DAY, "JPY", 500),
    "most orders choose the currency": (
        [buys(0, 900), buys(0, 5, "USD"), buys(0, 7, "USD")],
        1095 * DAY,
        "USD",
        12,
    ),
    "of equal ones the alphabet does": ([buys(0, 5, "USD"), buys(0, 6, "EUR")], 1095 * DAY, "EUR", 6),
}


@pytest.mark.parametrize(("events", "after", "currency", "amount"), CASES.values(), ids=CASES)
def test_lifetime_value(events, after, currency, amount):
    found = worth(state_after(*events), NOON + after, TUNING)

    assert (currency, pytest.approx(Decimal(amount))) == (found.currency, found.amount)


@pytest.mark.parametrize(
    ("events", "expected"),
    {
        "enough": ([buys(0, LIMIT * 90 / 1095)], True),
        "not enough": ([buys(0, LIMIT * 90 / 1095 - 1)], False),
        "no amount is set for the currency": ([buys(0, 10**9, "CHF")], None),
    }.values(),
)
def test_high_is_an_amount_of_the_settings(events, expected):
    found = worth(state_after(*events), NOON, TUNING)

    assert (expected, expected is True) == (found.is_high, is_high(state_after(*events), NOON, TUNING))


def test_without_an_order_nothing_is_known():
    assert (None, False) == (worth(UNKNOWN_CUSTOMER, NOON, TUNING), is_high(UNKNOWN_CUSTOMER, NOON, TUNING))
    assert worth(state_after(buys(DAY)), NOON, TUNING) is None


def test_margin_and_duration_come_from_the_settings_where_the_profile_says_none():
    tuning = Tuning(loyalty=Loyalty(gross_margin=Decimal("0.5"), duration=YEAR))

    assert Decimal(500) == worth(state_after(buys(0, 1_000)), NOON + YEAR, tuning).amount


ORDERS = (buys(0, 100, order_id="a", campaign="x"), buys(DAY, 200, order_id="b"), buys(2 * DAY, 300, order_id="c"))


@pytest.mark.parametrize("undone", ["a", "b", "c"])
def test_what_is_refunded_was_never_bought(undone):
    """Whatever order things come in, to the first and last order and the campaigns."""
    left = [order for order in ORDERS if order.order_id != undone]
    expected = state_after(*left)

    for events in permutations((*ORDERS, refunds(3 * DAY, undone))):
        state = state_after(*events)
        assert expected.spent == replace(state.spent, refunds=())
        assert worth(expected, NOON + YEAR, TUNING) == worth(state, NOON + YEAR, TUNING)


def test_a_refund_lowers_the_lifetime_value():
    kept, undone = state_after(*ORDERS), state_after(*ORDERS, refunds(3 * DAY, "c"))

    assert worth(kept, NOON + YEAR, TUNING).amount > worth(undone, NOON + YEAR, TUNING).amount


def test_nothing_is_left_of_what_was_refunded_whole():
    state = state_after(buys(0, order_id="a"), refunds(DAY, "a"))

    assert UNKNOWN_CUSTOMER.spent == replace(state.spent, refunds=())


@pytest.mark.parametrize(("amount", "days"), [(100_000, 122), (300_000, 365), (900_000, 1095), (900_001, None)])
def test_when_it_falls_to_an_amount(amount, days):
    """Without another order the value comes down as the customer stays, until the years that were reckoned with."""
    state = state_after(buys(0, amount))
    at = falls_to(LIMIT * Decimal("0.9"), "JPY", state, TUNING)

    assert days == (None if at is None else (at - NOON + DAY - 1) // DAY)
    if at is not None:
        before, after = (worth(state, moment, TUNING).amount for moment in (at - 10, at))
        assert after <= LIMIT * Decimal("0.9") < before


def test_a_renewal_is_an_order():
    state = state_after(buys(0, 100), buys(DAY, 100, kind=PurchaseKind.RENEWED))

    assert 2 == state.spent.orders
    assert replace(worth(state, NOON + DAY, TUNING), amount=0) == replace(
        worth(state_after(buys()), NOON, TUNING), amount=0
    )
