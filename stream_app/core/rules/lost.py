"""Something that a customer cannot find."""

from stream_app.core import difficulty
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import HELP_THREAD, Asked, Match, rule
from stream_app.core.state import HELP

RULE_ID = "support.lost"


@rule(
    RULE_ID,
    intent=Intent.SUPPORT,
    severity=Severity.LOW,
    polarity=Polarity.RISK,
    cooldown=7 * DAY,
    on=HELP,
    where=difficulty.may_be_one,
    digest=True,
    thread=HELP_THREAD,
    due=difficulty.judged_over_at,
    ends=difficulty.over,
    examples=(
        speaks(*(Step(after=hours * HOUR, views="/docs/export") for hours in (0, 2, 5))),
        speaks(*(Step(after=hours * HOUR, views=f"/docs/topic-{hours}") for hours in (0, 2, 4, 6, 8))),
        silent(*(Step(after=hours * HOUR, views="/docs/export") for hours in (0, 2, 24))),
        silent(
            Step(views="/features/export"), *(Step(after=hours * HOUR, views="/docs/export") for hours in (1, 2, 5))
        ),
    ),
)
def lost(asked: Asked) -> Match | None:
    """Somebody who returns to one page, or reads many in a day, cannot find the function: show the way."""
    if difficulty.worse_is_said(asked, RULE_ID):
        return None
    views, span = asked.state.views, asked.tuning.windows.help
    for view in asked.once(difficulty.since):
        looks = difficulty.searched(views, view, span)
        if looks and difficulty.feature_before(views, view.occurred_at, asked.pages) is None:
            pages = len({look.page for look in looks})
            what = f"one page {len(looks)} times" if pages == 1 else f"{pages} different help pages"
            return Match(
                reason=f"The customer looked at {what} within a day and most likely cannot find something.",
                views=looks,
                anchor=(anchor := (view.event_id, view.occurred_at)),
                instead=asked.stands_later(RULE_ID, HELP_THREAD, anchor),
            )
    return None
