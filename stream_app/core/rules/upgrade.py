"""Signs that a customer wants more."""

from stream_app.core import signals
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY
from stream_app.core.example import Step, silent, speaks
from stream_app.core.pages import PageCategory
from stream_app.core.rule import Asked, Match, rule


@rule(
    "upgrade.pricing-after-purchase",
    intent=Intent.UPGRADE,
    severity=Severity.MEDIUM,
    polarity=Polarity.OPEN,
    cooldown=7 * DAY,
    on={PageCategory.PRICING},
    examples=(
        speaks(Step(buys="team"), Step(after=9 * DAY, views="/pricing")),
        silent(Step(buys="team"), Step(after=30 * DAY, buys="team"), Step(after=39 * DAY, views="/pricing")),
    ),
)
def pricing_after_purchase(asked: Asked) -> Match | None:
    """Somebody who bought lately and looks at prices again is most likely weighing a larger plan."""
    bought = signals.new_purchases(asked.state, asked.at, asked.tuning.windows.bought)
    if asked.view is None or not bought:
        return None
    return Match(
        reason="The customer looked at prices after a recent purchase: most likely an upgrade, "
        "possibly a budget review or doubt about value for money.",
        views=(asked.view,),
        purchases=tuple(bought),
    )
