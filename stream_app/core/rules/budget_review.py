"""Signs that a customer reviews a budget."""

from stream_app.core.alerts import Intent, Polarity, Reading, Severity
from stream_app.core.contract import THREAD, TRACES, WHAT_TURNS, bought, match_of, may_speak
from stream_app.core.events import DAY, HOUR
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Match, rule

RULE = "budget.review"


@rule(
    RULE,
    intent=Intent.BUDGET,
    severity=Severity.MEDIUM,
    polarity=Polarity.OPEN,
    cooldown=14 * DAY,
    on=TRACES,
    on_late=WHAT_TURNS,
    where=may_speak,
    digest=True,
    thread=THREAD,
    ends=bought,
    examples=(
        speaks(Step(views="/pricing")),
        speaks(
            Step(views="/plans/compare"),
            Step(views="/billing"),
            Step(after=HOUR, views="/contract"),
            Step(after=2 * HOUR, views="/pricing"),
        ),
        silent(Step(views="/billing"), Step(after=HOUR, views="/contract")),
    ),
)
def budget_review(asked: Asked) -> Match | None:
    """Somebody who looks at prices, invoices and terms, above all as their fiscal year ends, reviews a budget."""
    return match_of(
        asked,
        RULE,
        Reading.BUDGET,
        "The customer looked at prices, and most of what they did speaks for a budget review.",
    )
