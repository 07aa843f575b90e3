"""What a customer is worth over the years: the lifetime value, from purchases and profile."""

from decimal import Context, Decimal
from math import ceil

from msgspec import Struct

from stream_app.core.events import DAY, NEVER, Micros
from stream_app.core.state import CustomerState
from stream_app.core.tuning import Tuning

YEAR = 365 * DAY
SHORTEST_TENURE = 90 * DAY
"""One early order would otherwise look like a hundred a year."""

_ROUNDED = Context(prec=20)  # a third three times is one, so that a limit can be met exactly


class Worth(Struct, frozen=True, kw_only=True):
    """A lifetime value; `high_from` is the amount from which it is high, None where the settings name none."""

    amount: Decimal
    currency: str
    high_from: Decimal | None

    @property
    def is_high(self) -> bool | None:
        """Whether it is high; None: not known."""
        return None if self.high_from is None else self.amount >= self.high_from


def lifetime_value(
    *, unit_price: Decimal, gross_margin: Decimal, orders_a_year: Decimal, years: Decimal, costs: Decimal
) -> Decimal:
    """Return unit price × gross margin × purchase frequency × duration − acquisition and keeping cost."""
    return _ROUNDED.plus(unit_price * gross_margin * orders_a_year * years - costs)


def worth(state: CustomerState, at: Micros, tuning: Tuning) -> Worth | None:
    """Return what a customer was worth at a time, None before the first order; a later order does not count."""
    spent = _spent(state, at)
    if not spent:
        return None
    currency, (orders, total) = min(spent.items(), key=lambda one: (-one[1][0], one[0]))
    tenure = max(at - state.spent.first_at, SHORTEST_TENURE)
    amount = lifetime_value(
        unit_price=total / orders,
        gross_margin=_margin(state, tuning),
        orders_a_year=Decimal(orders) * YEAR / tenure,
        years=Decimal(max(tuning.loyalty.duration, tenure)) / YEAR,
        costs=_costs(state),
    )
    return Worth(amount=amount, currency=currency, high_from=tuning.loyalty.high.get(currency))


def is_high(state: CustomerState, at: Micros, tuning: Tuning) -> bool:
    """Say whether the lifetime value is known to be high."""
    known = worth(state, at, tuning)
    return known is not None and known.is_high is True


def falls_to(amount: Decimal, currency: str, state: CustomerState, tuning: Tuning) -> Micros | None:
    """Return when the lifetime value comes down to an amount if nothing is bought any more; None for never."""
    duration = tuning.loyalty.duration
    earned = state.spent.by_currency.get(currency, (0, Decimal(0)))[1] * _margin(state, tuning)
    left = amount + _costs(state)
    if not 0 < earned <= left:  # who stays longer than is reckoned with earns no less than they did
        return None
    return state.spent.first_at + ceil(earned * duration / left)


def _spent(state: CustomerState, at: Micros) -> dict[str, tuple[int, Decimal]]:
    """Return (orders, sum) by currency up to a time."""
    spent = state.spent
    if spent.first_at == NEVER or at < spent.first_at:
        return {}
    if spent.last_at <= at:
        return spent.by_currency
    found = dict(spent.by_currency)
    for later in state.purchases:
        if later.occurred_at > at and not later.void:
            orders, total = found.get(later.currency, (0, Decimal(0)))
            found[later.currency] = (orders - 1, total - later.amount)
    return {currency: sums for currency, sums in found.items() if sums[0] > 0}


def _margin(state: CustomerState, tuning: Tuning) -> Decimal:
    margin = state.profile.gross_margin if state.profile is not None else None
    return tuning.loyalty.gross_margin if margin is None else margin


def _costs(state: CustomerState) -> Decimal:
    if state.profile is None:
        return Decimal(0)
    return (state.profile.acquisition_cost or Decimal(0)) + (state.profile.keeping_cost or Decimal(0))
