"""A naive judge of the readings of a look at prices: for each event everything is walked again from the start."""

from datetime import date

from stream_app.core.events import DAY, HOUR, PageView, Purchase
from tests.core.naive_past import (
    HELP,
    active_days,
    answer,
    category,
    day,
    met,
    of,
    one_complaint,
    orders,
    profile,
    renews,
    views,
)
from tests.core.naive_past import (
    signs as complaints,
)

HALF = {
    **{"cancellation": 7, "pricing": 14, "plan_compare": 14, "limits": 14, "invoice": 14, "contract": 14, "export": 7},
    **{"migration": 7, "competitor": 7, "support": 3, "contact": 3, "faq": 1},
}
COUNTS = {
    "upgrade": {"pricing": 1, "plan_compare": 2, "limits": 2, "growing": 2, "seats": 1.5},
    "budget": {"pricing": 1, "invoice": 2, "contract": 1.5, "year_end": 1.5, "refund": 1.5},
    "doubt": {
        **{"pricing": 1, "faq": 0.5, "support": 0.5, "contact": 0.5},
        **{"falling": 2, "helped": 2, "complaint": 1.5, "detractor": 1},
    },
    "leaving": {"export": 2, "migration": 2.5, "competitor": 2, "cancellation": 4, "contract": 0.5},
}
HELPING = {"faq", "support", "contact"}
DOUBTING = {"falling", "helped", "complaint", "detractor"}
RULES = {
    "upgrade": "upgrade.interest",
    "budget": "budget.review",
    "doubt": "budget.value-doubt",
    "churn": "churn.leaving-prepared",
}
CANCELLATION = "churn.cancellation-page"


def signs(events, at):
    """What counts in full at a moment."""
    past = [event for event in events if event.occurred_at <= at]
    now, today, years = profile(events), day(at), (date.fromordinal(day(at)).year + n for n in (0, 1))
    if now is not None and not _said_since(events, now) <= at:
        now = None
    if any(at - 30 * DAY < one.occurred_at and not renews(one, orders(past)) for one in orders(past)):
        yield "growing"
    if now is not None and now.seats and now.seats_used >= 0.9 * now.seats:
        yield "seats"
    month, last = map(int, ((now.fiscal_year_end if now is not None else "") or "03-31").split("-"))
    if any(0 <= date(year, month, last).toordinal() - today <= 60 for year in years):
        yield "year_end"
    if any(one.kind == "refunded" and at - 90 * DAY < one.occurred_at for one in of(Purchase, past)):
        yield "refund"
    lately, before = (sum(today - 14 * n - 13 <= d <= today - 14 * n for d in active_days(events)) for n in (0, 1))
    if before >= 4 and 2 * lately <= before:
        yield "falling"
    read = [at - view.occurred_at for view in views(events) if category(view) in HELP and view.occurred_at <= at]
    lately, before = (sum(n * 14 * DAY <= ago < (n + 1) * 14 * DAY for ago in read) for n in (0, 1))
    is_known = any(d <= today - 28 for d in active_days(events))
    if is_known and lately >= 3 and lately >= 2 * before:
        yield "helped"
    wrong = complaints(past)[-1:]
    if wrong and not any(
        one.occurred_at > wrong[0].occurred_at and one_complaint(one, wrong[0]) for one in met(past, "solved")
    ):
        yield "complaint"
    if (said := answer(past, at)) is not None and said.score <= 6:
        yield "detractor"


def points(events, at):
    """The points of each reading at a moment."""
    weights = dict.fromkeys(signs(events, at), 1.0)
    for word, days in HALF.items():
        looks = [view for view in views(events) if category(view) == word and view.occurred_at <= at]
        firsts = {day(view.occurred_at): view for view in reversed(looks)}.values()
        chosen = looks[-1:] if word == "pricing" else firsts
        if word in HELPING and DOUBTING.isdisjoint(weights):
            continue
        weights[word] = sum(0.5 ** ((at - view.occurred_at) / (days * DAY)) for view in chosen)
    found = {
        name: round(sum(weights.get(word, 0) * each for word, each in row.items()), 9) for name, row in COUNTS.items()
    }
    leaving = found.pop("leaving")
    if leaving >= 1.5:
        found["churn"] = round(found.pop("doubt") + leaving, 9)
    return found


def leading(events):
    """Walk all traces in order and return which reading leads in the end; None without a look at prices."""
    kept, leads = views(events), None
    traces = sorted(
        [(view.occurred_at, category(view)) for view in kept if category(view) in HALF]
        + [(one.occurred_at, "") for one in of(Purchase, events) if one.kind != "cancelled"]
    )
    for at, word in traces:
        if word in HELPING or (leads is None and word != "pricing"):
            continue
        has = points(events, at)
        third = "churn" if "churn" in has else "doubt"
        best = max(("budget", "upgrade", third), key=has.__getitem__)
        now = leads if leads is None or leads in has else third
        if word == "cancellation":
            leads = third
        elif now is None or (has[best] > has[now] and (best == "churn" or has[best] >= round(1.2 * has[now], 9))):
            leads = best
        else:
            leads = now
    return leads


def contract_story(history):
    """Return which rule spoke at which event, one after the other."""
    said, opened, churned_at = [], None, None
    for number, event in enumerate(history):
        events, at = history[: number + 1], event.occurred_at
        if opened is not None and at >= opened[2] + 14 * DAY:
            opened = None
        if isinstance(event, Purchase) and event.kind in ("completed", "renewed"):
            opened = None
        is_page, same = isinstance(event, PageView), opened is not None and opened[0] == CANCELLATION
        if is_page and category(event) == "cancellation" and not (same and at < opened[2] + DAY):
            said.append((CANCELLATION, event.event_id))
            opened, churned_at = (CANCELLATION, "churn", at), at
        reading = leading(events) if _is_trace(event) else None
        if reading is None or (opened is None and not _asks(events)) or (opened is not None and opened[1] == reading):
            continue
        if reading != "churn" and churned_at is not None and at < churned_at + DAY:
            continue
        said.append((RULES[reading], event.event_id))
        opened = (RULES[reading], reading, at)
    return said


def _asks(events):
    """Whether the last event is a look at prices that does not belong to a purchase."""
    last = events[-1]
    bought = [one for one in of(Purchase, events) if one.kind in ("completed", "renewed")]
    is_look = isinstance(last, PageView) and category(last) == "pricing"
    return is_look and all(last.occurred_at - one.occurred_at >= HOUR for one in bought)


def _is_trace(event):
    if isinstance(event, Purchase):
        return event.kind != "cancelled"
    return isinstance(event, PageView) and category(event) in {*HALF, "feature"} - HELPING


def _said_since(events, now):
    """Since when the profile says what it says of seats and fiscal year."""
    told, since = ("seats", "seats_used", "fiscal_year_end"), now.occurred_at
    for one in reversed([event.profile for event in events if hasattr(event, "profile")]):
        if any(getattr(one, name) != getattr(now, name) for name in told):
            break
        since = one.occurred_at
    return since
