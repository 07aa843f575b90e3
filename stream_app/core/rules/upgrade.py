"""Signs that a customer wants more."""

from stream_app.core import signals
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY
from stream_app.core.pages import PageCategory
from stream_app.core.rule import Match, Windows, rule
from stream_app.core.state import CustomerState, Viewed


@rule(
    "upgrade.pricing-after-purchase",
    intent=Intent.UPGRADE,
    severity=Severity.MEDIUM,
    polarity=Polarity.OPEN,
    cooldown=7 * DAY,
)
def pricing_after_purchase(view: Viewed, state: CustomerState, windows: Windows) -> Match | None:
    """Somebody who bought lately and looks at prices again is most likely weighing a larger plan."""
    if view.category is not PageCategory.PRICING:
        return None
    bought = signals.new_purchases(state, view.occurred_at, windows.bought)
    if not bought:
        return None
    return Match(
        reason="The customer looked at prices after a recent purchase: most likely an upgrade, "
        "possibly a budget review or doubt about value for money.",
        views=(view,),
        purchases=tuple(bought),
    )
