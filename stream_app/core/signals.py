"""Numbers derived from a customer's state: one pure function each. Windows of W at time t are (t − W, t]."""

from stream_app.core.events import Micros
from stream_app.core.state import HELP, Bought, CustomerState, Viewed, is_renewal


def help_views(state: CustomerState, at: Micros, within: Micros) -> list[Viewed]:
    """Return the counted views of spec and support pages in the window, by time."""
    return [v for v in state.views if v.category in HELP and at - within < v.occurred_at <= at]


def new_purchases(state: CustomerState, at: Micros, within: Micros) -> list[Bought]:
    """Return what was bought in the window beyond a renewal and is not undone, by time."""
    return [
        p
        for p in state.purchases
        if not p.void and at - within < p.occurred_at <= at and not is_renewal(p, state.purchases)
    ]
