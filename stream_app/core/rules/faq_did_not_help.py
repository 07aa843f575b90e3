"""Articles that were read and did not help."""

from stream_app.core import difficulty
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import HELP_THREAD, Asked, Match, rule

RULE_ID = "support.faq-did-not-help"


@rule(
    RULE_ID,
    intent=Intent.SUPPORT,
    severity=Severity.MEDIUM,
    polarity=Polarity.RISK,
    cooldown=7 * DAY,
    on=difficulty.BACK_FOR_HELP,
    where=difficulty.may_be_one,
    digest=True,
    thread=HELP_THREAD,
    due=difficulty.judged_over_at,
    ends=difficulty.over,
    examples=(
        speaks(*(Step(after=hours * HOUR, views="/help/export") for hours in (0, 1, 2, 8))),
        speaks(
            Step(views="/help/export/csv"),
            Step(after=5 * MINUTE, views="/help/export/pdf"),
            Step(after=9 * MINUTE, views="/help/export/limits-of-size"),
            Step(after=5 * HOUR, views="/account/cancel"),
        ),
        silent(*(Step(after=hours * HOUR, views="/help/export") for hours in (0, 1, 2))),
        silent(*(Step(after=hours * HOUR, views="/help/export") for hours in (0, 1, 2, 26))),
    ),
)
def faq_did_not_help(asked: Asked) -> Match | None:
    """Somebody who reads an article again and again and still comes back was not helped by it: answer them yourself."""
    if difficulty.worse_is_said(asked, RULE_ID):
        return None
    views, span = asked.state.views, asked.tuning.windows.help
    for back in asked.once(difficulty.since):
        looks = difficulty.read_in_vain(views, back, span) if back.category in difficulty.BACK_FOR_HELP else ()
        if looks:
            what = "one article" if len({look.page for look in looks}) == 1 else "articles of one topic"
            return Match(
                reason=f"The customer looked at {what} {len(looks)} times and came back for help within a day.",
                views=(*looks, back),
                anchor=(anchor := (back.event_id, back.occurred_at)),
                instead=asked.stands_later(RULE_ID, HELP_THREAD, anchor),
            )
    return None
