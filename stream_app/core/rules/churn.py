"""Signs that a customer is leaving."""

from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY
from stream_app.core.pages import PageCategory
from stream_app.core.rule import Match, Windows, rule
from stream_app.core.state import CustomerState, Viewed


@rule(
    "churn.cancellation-page",
    intent=Intent.CHURN,
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    cooldown=DAY,
)
def cancellation_page(view: Viewed, state: CustomerState, windows: Windows) -> Match | None:
    """Somebody who looks at the cancellation page is about to leave: a talk today can still find out why."""
    if view.category is not PageCategory.CANCELLATION:
        return None
    return Match(reason="The customer looked at the cancellation page.", views=(view,))
