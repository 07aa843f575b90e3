"""Customers of tests: what happened to one, in few words, and the state after it."""

from decimal import Decimal
from itertools import count

from stream_app.core.course import course
from stream_app.core.events import (
    DAY,
    CustomerProfile,
    Interaction,
    InteractionKind,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
)
from stream_app.core.example import CUSTOMER, NOON
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.core.tuning import Feed, Loyalty, Tuning

LIMIT = Decimal(1_000_000)
TUNING = Tuning(loyalty=Loyalty(high={"JPY": LIMIT}), feeds=frozenset(Feed))
_ids = count()


OWN = tuple(
    rule for rule in FULL if rule.intent == "loyalty" or rule.thread in ("nps", "habit") if rule.thread != "complaint"
)
"""The rules that are about who the customer is; the others would speak too."""


def full(tuning=TUNING):
    """The full rule set, as far as it is about who the customer is."""
    return RuleSet(name=RuleSetName.FULL, rules=OWN, tuning=tuning)


RULES = full()


def _id(prefix):
    return f"{prefix}-{next(_ids)}"


def buys(after=0, amount=30_000, currency="JPY", kind=PurchaseKind.COMPLETED, **fields):
    return Purchase(
        event_id=_id("p"),
        customer_id=CUSTOMER,
        occurred_at=NOON + after,
        amount=Decimal(amount),
        currency=currency,
        kind=kind,
        **fields,
    )


def refunds(after, order_id):
    return buys(after, kind=PurchaseKind.REFUNDED, order_id=order_id)


def answers(after, score, **touchpoints):
    return meets(after, InteractionKind.NPS, score=score, touchpoints=touchpoints)


def meets(after, kind, **fields):
    return Interaction(event_id=_id("i"), customer_id=CUSTOMER, occurred_at=NOON + after, kind=kind, **fields)


def views(after, path="/about"):
    url = f"https://www.example.com{path}"
    return PageView(event_id=_id("v"), customer_id=CUSTOMER, occurred_at=NOON + after, url=url)


def profile(after=0, **fields):
    at = NOON + after
    return CustomerProfile(customer_id=CUSTOMER, occurred_at=at, profile=Profile(occurred_at=at, **fields))


def outcomes(events, until=None, rules=RULES):
    """What each event and due moment comes to; time goes on so long after the start."""
    return list(course(events, rules, None if until is None else NOON + until))


def state_after(*events, until=None, rules=RULES):
    """The state when all of it happened."""
    found = outcomes(events, until, rules)
    return found[-1].state if found else UNKNOWN_CUSTOMER


def moves(events, until=None, rules=RULES):
    """Moves between cells as (since the start, from, to)."""
    found = (one.move for one in outcomes(events, until, rules))
    return [(move.occurred_at - NOON, move.before, move.after) for move in found if move is not None]


def said(events, until=None, rules=RULES, rule_id=""):
    """Alerts of a rule."""
    return [alert for one in outcomes(events, until, rules) for alert in one.alerts if rule_id in ("", alert.rule_id)]


def ends(events, until=None):
    """How alerts ended, as (since the start, rule, reason)."""
    over = (one for outcome in outcomes(events, until) for one in outcome.resolutions)
    return [(one.occurred_at - NOON, one.rule_id, one.reason) for one in over]


def reviews(rule_id, events, until):
    """On which days, since the start, a rule spoke."""
    return [(alert.occurred_at - NOON) / DAY for alert in said(events, until * DAY, rule_id=rule_id)]


def there(*spans):
    return [views(day * DAY) for first, last, step in spans for day in range(first, last, step)]


def by_time(*events):
    return sorted(events, key=lambda event: event.occurred_at)
