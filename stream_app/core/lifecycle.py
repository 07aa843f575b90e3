"""Where a customer stands in the relationship: whether they are still beginning."""

from stream_app.core.events import Micros, PurchaseKind, Stage
from stream_app.core.state import CustomerState
from stream_app.core.tuning import Tuning


def onboarding(state: CustomerState, at: Micros, tuning: Tuning) -> bool:
    """Say whether a customer is new: the profile says so, or the first purchase was lately."""
    if state.profile is not None and state.profile.stage is Stage.ONBOARDING:
        return True
    first = state.spent.first_at
    return state.spent.orders > 0 and first <= at < first + tuning.waits.onboarding and not _went_on(state, first)


def _went_on(state: CustomerState, first: Micros) -> bool:
    """Say whether the first purchase known renews one that is not: that customer is not new."""
    return any(p.occurred_at == first and p.kind is PurchaseKind.RENEWED for p in state.purchases)
