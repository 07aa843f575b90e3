"""Signs that a customer weighs a larger plan."""

from stream_app.core.alerts import Intent, Polarity, Reading, Severity
from stream_app.core.contract import THREAD, TRACES, WHAT_TURNS, bought, match_of, may_speak
from stream_app.core.events import DAY, HOUR
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Match, rule

RULE = "upgrade.interest"


@rule(
    RULE,
    intent=Intent.UPGRADE,
    severity=Severity.MEDIUM,
    polarity=Polarity.CHANCE,
    cooldown=14 * DAY,
    on=TRACES,
    on_late=WHAT_TURNS,
    where=may_speak,
    digest=True,
    thread=THREAD,
    ends=bought,
    examples=(
        speaks(Step(views="/pricing"), Step(after=HOUR, views="/plans/compare")),
        speaks(Step(buys="team"), Step(after=9 * DAY, views="/pricing")),
        silent(Step(views="/plans/compare"), Step(after=HOUR, views="/account/limits")),
    ),
)
def upgrade_interest(asked: Asked) -> Match | None:
    """Somebody who compares plans, meets limits or buys more, and looks at prices, is weighing a larger plan."""
    return match_of(
        asked,
        RULE,
        Reading.UPGRADE,
        "The customer looked at prices, and most of what they did speaks for an upgrade.",
    )
