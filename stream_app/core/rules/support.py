"""Signs that a customer cannot find or set up something."""

from stream_app.core import signals
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY
from stream_app.core.rule import Match, Windows, rule
from stream_app.core.state import HELP, CustomerState, Viewed

SAME_PAGE_VIEWS = 3
DIFFERENT_PAGES = 5


@rule(
    "support.repeated-help",
    intent=Intent.SUPPORT,
    severity=Severity.LOW,
    polarity=Polarity.RISK,
    cooldown=7 * DAY,
)
def repeated_help(view: Viewed, state: CustomerState, windows: Windows) -> Match | None:
    """Somebody who returns to one help page, or reads many in a day, did not find the answer: show the way."""
    if view.category not in HELP:
        return None
    views = signals.help_views(state, view.occurred_at, windows.help)
    if not any(kept is view for kept in views):  # a reload: what was counted may look the same, and is another view
        return None
    same = tuple(v for v in views if v.page == view.page)
    if len(same) >= SAME_PAGE_VIEWS:
        return Match(reason=f"The customer looked at one help page {len(same)} times within a day.", views=same)
    pages = len({v.page for v in views})
    if len(same) == 1 and pages >= DIFFERENT_PAGES:
        return Match(reason=f"The customer looked at {pages} different help pages within a day.", views=tuple(views))
    return None
