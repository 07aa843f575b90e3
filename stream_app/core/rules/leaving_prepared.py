"""Signs that a customer prepares to leave."""

from stream_app.core.alerts import Intent, Polarity, Reading, Severity
from stream_app.core.contract import THREAD, TRACES, WHAT_TURNS, bought, match_of, may_speak
from stream_app.core.events import DAY, HOUR
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Match, rule

RULE = "churn.leaving-prepared"


@rule(
    RULE,
    intent=Intent.CHURN,
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    cooldown=14 * DAY,
    on=TRACES,
    on_late=WHAT_TURNS,
    where=may_speak,
    digest=True,
    thread=THREAD,
    ends=bought,
    examples=(
        speaks(
            Step(views="/pricing"),
            Step(after=HOUR, views="/contract-terms"),
            Step(after=2 * HOUR, views="/account/export"),
        ),
        silent(Step(views="/pricing"), Step(after=HOUR, views="/docs/export-data")),
    ),
)
def leaving_prepared(asked: Asked) -> Match | None:
    """Somebody who looks at prices and at how to take everything along gets ready to leave without saying so."""
    return match_of(
        asked,
        RULE,
        Reading.CHURN,
        "The customer looked at prices and at what one needs to leave: most likely they prepare to.",
    )
