"""Signs that a customer cannot find or set up something."""

from stream_app.core import signals
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, HOUR
from stream_app.core.example import Step, silent, speaks
from stream_app.core.rule import Asked, Match, rule
from stream_app.core.state import HELP

SAME_PAGE_VIEWS = 3
DIFFERENT_PAGES = 5


@rule(
    "support.repeated-help",
    intent=Intent.SUPPORT,
    severity=Severity.LOW,
    polarity=Polarity.RISK,
    cooldown=7 * DAY,
    on=HELP,
    examples=(
        speaks(*(Step(after=hours * HOUR, views="/help/export") for hours in (0, 2, 5))),
        silent(*(Step(after=hours * HOUR, views="/help/export") for hours in (0, 2, 24))),
    ),
)
def repeated_help(asked: Asked) -> Match | None:
    """Somebody who returns to one help page, or reads many in a day, did not find the answer: show the way."""
    view = asked.view
    views = signals.help_views(asked.state, asked.at, asked.tuning.windows.help)
    # A reload is another view, even if what was counted looks the same.
    if view is None or not any(kept is view for kept in views):
        return None
    same = tuple(v for v in views if v.page == view.page)
    if len(same) >= SAME_PAGE_VIEWS:
        return Match(reason=f"The customer looked at one help page {len(same)} times within a day.", views=same)
    pages = len({v.page for v in views})
    if len(same) == 1 and pages >= DIFFERENT_PAGES:
        return Match(reason=f"The customer looked at {pages} different help pages within a day.", views=tuple(views))
    return None
