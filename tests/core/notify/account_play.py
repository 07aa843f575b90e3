"""Looks of an account's people, who is expected to be named for them, and histories in any order."""

from itertools import combinations

from hypothesis import strategies as st

from stream_app.core.alerts import AccountView, Intent, Severity
from stream_app.core.events import HOUR, MINUTE
from stream_app.core.notify.message import Stage
from stream_app.core.pages import PageCategory
from tests.core.notify import histories as h

TEN = h.at("2026-06-11 10:00")  # a Thursday
TWO_DAYS = 48 * HOUR
UP = {Severity.LOW: Severity.MEDIUM, Severity.MEDIUM: Severity.HIGH, Severity.HIGH: Severity.HIGH}
RAISABLE = (Intent.CHURN, Intent.BUDGET, Intent.UPGRADE)


def look(customer, when, *, read="", account="a-1", category="pricing", name=""):
    """Return when a look of somebody is read, and the look."""
    return h.at(read or when), AccountView(
        account_id=account,
        customer_id=customer,
        name=name or customer.upper(),
        category=PageCategory(category),
        occurred_at=h.at(when),
        event_id=f"{customer} {category} {when}",
    )


def expected_people(alert, views):
    """Return who is named for an alert: whoever looked within two days of it and of another's look, all three."""
    own = [one for one in views if alert.account_id and one.account_id == alert.account_id]
    pairs = [pair for pair in combinations(own, 2) if pair[0].customer_id != pair[1].customer_id]
    return {
        one.customer_id
        for pair in pairs
        for one in pair
        if alert.intent in RAISABLE and _span([alert.occurred_at, *(each.occurred_at for each in pair)]) <= TWO_DAYS
    }


def expected_severity(alert, views):
    """Return how severe an alert is in the end."""
    return UP[alert.severity] if expected_people(alert, views) else alert.severity


def shown(messages):
    """Return for each alert that holds how severe it is shown, and for each message whom it names."""
    open_ = [one for one in messages if one.stage is not Stage.DONE]
    severities = {alert.alert_id: alert.severity for one in open_ for alert in one.live}
    return severities, {one.case_id: {each.customer_id for each in one.company} for one in open_}


MOMENTS = st.builds(
    lambda hour, minute: TEN - hour * HOUR + minute * MINUTE,
    st.integers(0, 75) | st.sampled_from([0, 1, 24, 47, 48, 49]),
    st.sampled_from([-1, 0, 0, 1]),
)


@st.composite
def records(draw):
    """Return alerts and looks of two accounts and of somebody whose id is an account's, by their numbers."""
    alerts = [draw(_alerts(f"n{n}")) for n in range(draw(st.integers(1, 4)))]
    views = [draw(_looks(n)) for n in range(draw(st.integers(0, 7)))]
    return alerts, views


@st.composite
def in_any_order(draw):
    """Return alerts, looks, and both as they are read: in any order, some twice."""
    alerts, views = draw(records())
    again = draw(st.lists(st.sampled_from([*alerts, *views]), max_size=4))
    order = draw(st.permutations([*alerts, *views, *again]))
    return alerts, views, [(TEN + n * draw(st.sampled_from([0, 1, 7])) * MINUTE, one) for n, one in enumerate(order)]


def in_time(read):
    """Return a history in order of time."""
    return sorted(read, key=lambda one: one[0])


@st.composite
def _alerts(draw, name):
    account = draw(st.sampled_from(["a-1", "a-1", "a-1", "a-2", ""]))
    when = draw(st.sampled_from([0, 1, 12, 20])) * HOUR
    _, alert = h.alert(
        name,
        draw(st.sampled_from(["churn", "budget", "budget", "upgrade", "support"])),
        f"{h.moment_of(TEN - when).astimezone(h.TOKYO):%Y-%m-%d %H:%M}",
        account=account,
        customer="" if account else "a-1",
        severity=draw(st.sampled_from(["low", "medium", "medium", "high"])),
    )
    return alert


@st.composite
def _looks(draw, number):
    return AccountView(
        account_id=draw(st.sampled_from(["a-1", "a-1", "a-2"])),
        customer_id=draw(st.sampled_from(["p-1", "p-2", "p-3"])),
        category=draw(st.sampled_from([PageCategory.PRICING, PageCategory.EXPORT])),
        occurred_at=draw(MOMENTS),
        event_id=f"e-{number}",
    )


def _span(moments):
    return max(moments) - min(moments)
