"""Signs that a customer doubts that it is worth the money."""

from stream_app.core.alerts import Intent, Polarity, Reading, Severity
from stream_app.core.contract import THREAD, TRACES, WHAT_TURNS, bought, match_of, may_speak
from stream_app.core.events import DAY
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Match, rule

RULE = "budget.value-doubt"


@rule(
    RULE,
    intent=Intent.BUDGET,
    severity=Severity.MEDIUM,
    polarity=Polarity.RISK,
    cooldown=14 * DAY,
    on=TRACES,
    on_late=WHAT_TURNS,
    where=may_speak,
    digest=True,
    thread=THREAD,
    ends=bought,
    playbook="doubt",
    examples=(
        speaks(
            *(Step(after=days * DAY, views="/app") for days in (0, 8, 9, 10, 11, 14)),
            *(Step(after=days * DAY, views="/help/export") for days in (25, 26, 27)),
            Step(after=28 * DAY, views="/pricing"),
        ),
        silent(Step(views="/help/export"), Step(after=DAY, views="/billing"), Step(after=DAY, views="/pricing")),
    ),
)
def value_doubt(asked: Asked) -> Match | None:
    """Somebody who uses less, needs more help and looks at prices doubts that it pays: show what it brings."""
    return match_of(
        asked,
        RULE,
        Reading.DOUBT,
        "The customer looked at prices, and most of what they did speaks for doubt about value for money.",
    )
