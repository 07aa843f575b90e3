"""Signs that a customer is leaving."""

from stream_app.core.alerts import Intent, Polarity, Reading, ResolvedReason, Severity
from stream_app.core.contract import THREAD, bought_since
from stream_app.core.events import DAY, PurchaseKind
from stream_app.core.example import Step, silent, speaks
from stream_app.core.pages import PageCategory
from stream_app.core.rule import Asked, Match, rule
from stream_app.core.state import Matter, Viewed

RULE = "churn.cancellation-page"


def _bought_since(asked: Asked, matter: Matter) -> ResolvedReason | None:
    return bought_since(asked, max((look.occurred_at for look in _looks(asked)), default=matter.occurred_at))


def _looks(asked: Asked) -> list[Viewed]:
    return [view for view in asked.state.views if view.category is PageCategory.CANCELLATION]


@rule(
    RULE,
    intent=Intent.CHURN,
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    cooldown=DAY,
    on={PageCategory.CANCELLATION, PurchaseKind.COMPLETED, PurchaseKind.RENEWED},
    patient=True,
    thread=THREAD,
    ends=_bought_since,
    examples=(
        speaks(Step(views="/account/cancel")),
        silent(Step(views="/docs/cancel-an-order")),
    ),
)
def cancellation_page(asked: Asked) -> Match | None:
    """Somebody who looks at the cancellation page is about to leave: a talk today can still find out why."""
    view = asked.view or _left_since(asked)
    if view is None:
        return None
    return Match(
        reason="The customer looked at the cancellation page.",
        views=(view,),
        anchor=(view.event_id, view.occurred_at),
        reading=Reading.CHURN,
        instead=view is not asked.view or _came_first(asked, view),
    )


def _left_since(asked: Asked) -> Viewed | None:
    """Return the first look after a purchase that came late: it ended what was open, and the look began anew."""
    matter = asked.state.matters.get(THREAD)
    if matter is None or matter.rule_id != RULE or matter.occurred_at > asked.at:
        return None
    return next((look for look in _looks(asked) if look.occurred_at > asked.at), None)


def _came_first(asked: Asked, view: Viewed) -> bool:
    """Say whether what is open is a later look than this one, which only arrived first."""
    if not asked.stands_later(RULE, THREAD, (view.event_id, view.occurred_at)):
        return False
    opened = asked.state.matters[THREAD].occurred_at
    between = any(view.occurred_at < purchase.occurred_at <= opened for purchase in asked.state.purchases)
    return view.occurred_at < opened and not between
