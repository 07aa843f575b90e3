"""Signs that a customer is looking at what they spend."""

from stream_app.core import signals
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, MINUTE, Stage
from stream_app.core.example import Step, silent, speaks
from stream_app.core.pages import PageCategory
from stream_app.core.rule import Asked, Match, rule


@rule(
    "budget.pricing-review",
    intent=Intent.BUDGET,
    severity=Severity.MEDIUM,
    polarity=Polarity.OPEN,
    cooldown=7 * DAY,
    on={PageCategory.PRICING},
    examples=(
        speaks(Step(views="/pricing")),
        silent(Step(becomes=Stage.LEAD), Step(after=MINUTE, views="/pricing")),
    ),
)
def pricing_review(asked: Asked) -> Match | None:
    """Somebody who looks at prices without having bought anything new is most likely reviewing a budget."""
    if asked.view is None or signals.new_purchases(asked.state, asked.at, asked.tuning.windows.bought):
        return None
    return Match(
        reason="The customer looked at prices without a recent purchase: most likely a budget review, "
        "possibly doubt about value for money or an upgrade.",
        views=(asked.view,),
    )
