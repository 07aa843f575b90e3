"""Signs that a customer is looking at what they spend."""

from stream_app.core import signals
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY
from stream_app.core.pages import PageCategory
from stream_app.core.rule import Match, Windows, rule
from stream_app.core.state import CustomerState, Viewed


@rule(
    "budget.pricing-review",
    intent=Intent.BUDGET,
    severity=Severity.MEDIUM,
    polarity=Polarity.OPEN,
    cooldown=7 * DAY,
)
def pricing_review(view: Viewed, state: CustomerState, windows: Windows) -> Match | None:
    """Somebody who looks at prices without having bought anything new is most likely reviewing a budget."""
    if view.category is not PageCategory.PRICING or signals.new_purchases(state, view.occurred_at, windows.bought):
        return None
    return Match(
        reason="The customer looked at prices without a recent purchase: most likely a budget review, "
        "possibly doubt about value for money or an upgrade.",
        views=(view,),
    )
