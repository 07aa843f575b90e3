"""What the others of an account should know of: somebody looked at a page that means something for all of it."""

from stream_app.core.alerts import AccountView
from stream_app.core.events import HOUR, PageView
from stream_app.core.pages import PageCategory
from stream_app.core.policy import Policy, is_customer
from stream_app.core.state import CustomerState, Viewed

WATCHED = frozenset({PageCategory.CANCELLATION, PageCategory.PRICING, PageCategory.EXPORT})


def account_view(event: PageView, view: Viewed, before: CustomerState, policy: Policy) -> AccountView | None:
    """Return what is said of a view; None where it says nothing new of an account, or the customer is not known."""
    profile = before.profile
    if view.category not in WATCHED or profile is None or not is_customer(before, policy):
        return None
    account_id = event.account_id or profile.account_id
    if not account_id or _is_said(view, before):
        return None
    return AccountView(
        account_id=account_id,
        account_name=profile.account_name,
        customer_id=event.customer_id,
        name=profile.name,
        category=view.category,
        occurred_at=view.occurred_at,
        event_id=view.event_id,
    )


def _is_said(view: Viewed, before: CustomerState) -> bool:
    """Tell whether the customer looked at such a page in the same hour already."""
    hour = view.occurred_at // HOUR
    return any(one.category is view.category and one.occurred_at // HOUR == hour for one in before.views)
