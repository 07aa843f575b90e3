"""What happened to a customer, asked anew each time from the plain list of all events: parts of the naive judges."""

from datetime import datetime, timedelta, timezone

from stream_app.core.events import DAY, MINUTE, CustomerProfile, Interaction, PageView, Purchase

TOKYO = timezone(timedelta(hours=9))
CATEGORIES = {
    "/about": "other",
    "/pricing": "pricing",
    "/plans/compare": "plan_compare",
    "/account/limits": "limits",
    "/billing": "invoice",
    "/contract": "contract",
    "/features": "feature",
    "/features/api": "feature",
    "/account/export": "export",
    "/migration": "migration",
    "/alternatives": "competitor",
    "/contact": "contact",
    "/account/cancel": "cancellation",
}
HELP = ("spec", "support", "faq")


def path(view):
    """The path of a view."""
    return view.url.removeprefix("https://www.example.com")


def category(view):
    """What a page means."""
    prefixes = {"/docs/": "spec", "/help/": "support", "/faq/": "faq"}
    found = (word for prefix, word in prefixes.items() if path(view).startswith(prefix))
    return CATEGORIES.get(path(view)) or next(found)


def day(at):
    """The number of the day in Tokyo."""
    return datetime.fromtimestamp(at // 1_000_000, TOKYO).toordinal()


def of(kind, events):
    """The events of a type."""
    return [event for event in events if isinstance(event, kind)]


def views(events):
    """The views that matter and are kept: reloads of help are none, thirty days before the newest event."""
    kept = []
    for view in of(PageView, events):
        again = any(path(view) == path(one) and view.occurred_at - one.occurred_at < MINUTE for one in kept)
        if category(view) != "other" and not (category(view) in HELP and again):
            kept.append(view)
    return [view for view in kept if view.occurred_at > events[-1].occurred_at - 30 * DAY]


def met(events, *kinds):
    """The interactions of some kinds."""
    return [one for one in of(Interaction, events) if one.kind in kinds]


def profile(events):
    """The latest profile."""
    found = of(CustomerProfile, events)
    return found[-1].profile if found else None


def orders(events):
    """The purchases that nothing among the events undoes."""
    bought = of(Purchase, events)
    undone = [one for one in bought if one.kind in ("refunded", "cancelled")]
    return [
        one
        for one in bought
        if one not in undone
        and not any(
            one.order_id == void.order_id and abs(one.occurred_at - void.occurred_at) < 30 * DAY for void in undone
        )
    ]


def renews(order, kept):
    """Whether an order goes on with what there was: all are of one plan."""
    before = [one for one in kept if one.occurred_at < order.occurred_at]
    return order.kind == "renewed" or any(one.amount >= order.amount for one in before)


def active_days(events):
    """The days on which the customer was there."""
    own = ("inquiry", "complaint", "reopened", "nps", "referral_made")
    return {
        day(one.occurred_at)
        for one in events
        if isinstance(one, (PageView, Purchase)) or (isinstance(one, Interaction) and one.kind in own)
    }


def one_complaint(one, other):
    """Whether two interactions may be of one complaint."""
    return not one.ref or not other.ref or one.ref == other.ref


def signs(events):
    """The complaints and reopenings, without those of a question."""
    return [one for one in met(events, "complaint", "reopened") if not _of_a_question(one, events)]


def _of_a_question(one, events):
    begun = [each.kind for each in met(events, "inquiry", "complaint") if each.ref == one.ref != ""]
    return one.kind == "reopened" and bool(begun) and "complaint" not in begun


def answer(events, at):
    """The latest NPS answer at a time, if it is not stale."""
    given = [one for one in met(events, "nps") if at - 365 * DAY < one.occurred_at <= at]
    return given[-1] if given else None
