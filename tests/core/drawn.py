"""Random histories of one customer under the full rules, on times at which limits meet, and orders of arrival."""

from decimal import Decimal

from hypothesis import strategies as st

from stream_app.core.events import (
    DAY,
    HOUR,
    MINUTE,
    CustomerProfile,
    Interaction,
    InteractionKind,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
    Stage,
    Tier,
)
from stream_app.core.example import CUSTOMER, NOON, SITE
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.tuning import Feed, Loyalty, Tuning

HIGH = Decimal(300_000)
RULES = RuleSet(name=RuleSetName.FULL, tuning=Tuning(loyalty=Loyalty(high={"JPY": HIGH}), feeds=frozenset(Feed)))
GAPS = (MINUTE, 7 * MINUTE, 25 * MINUTE, 3 * HOUR, 23 * HOUR, 2 * DAY, 7 * DAY, 16 * DAY)
DELAYS = (0, 0, 9 * MINUTE, 30 * MINUTE, 59 * MINUTE)
PATHS = (
    *("/about", "/pricing", "/pricing", "/plans/compare", "/account/limits", "/billing", "/contract", "/features/api"),
    "/features",
    *("/account/export", "/migration", "/alternatives", "/contact", "/account/cancel", "/docs/a", "/docs/a", "/docs/b"),
    *("/docs/c", "/help/x/1", "/help/x/1", "/help/x/2", "/help/x/3", "/faq/a"),
)
BUYS = tuple((kind, amount, back) for kind in PurchaseKind for amount in (30_000, 250_000) for back in (1, 2, 5))
MEETS = (
    *((kind, ref, None) for kind in InteractionKind if kind is not InteractionKind.NPS for ref in ("", "r1")),
    *((InteractionKind.NPS, "", score) for score in (3, 6, 8, 9, 10)),
)
PROFILES = (
    {"stage": Stage.ACTIVE, "tier": Tier.LOW},
    {"stage": Stage.ACTIVE, "tier": Tier.HIGH, "seats": 10, "seats_used": 9},
    {"stage": Stage.ONBOARDING, "tier": Tier.TECH},
    {"stage": Stage.ACTIVE, "renewal_date": "2026-08-20", "plan": "team", "fiscal_year_end": "06-30"},
)


def happened(number, at, what):
    """Return the event of a drawn thing."""
    kind, which = what
    event_id = f"e-{number}"
    if kind == "views":
        return PageView(event_id=event_id, customer_id=CUSTOMER, occurred_at=at, url=SITE + which)
    if kind == "meets":
        met, ref, score = which
        return Interaction(event_id=event_id, customer_id=CUSTOMER, occurred_at=at, kind=met, ref=ref, score=score)
    if kind == "is":
        return CustomerProfile(customer_id=CUSTOMER, occurred_at=at, profile=Profile(occurred_at=at, **which))
    bought, amount, back = which
    undone = bought in (PurchaseKind.REFUNDED, PurchaseKind.CANCELLED)
    return Purchase(
        event_id=event_id,
        customer_id=CUSTOMER,
        occurred_at=at,
        kind=bought,
        amount=Decimal(amount),
        currency="JPY",
        order_id=f"o-{number - back if undone else number}",
        plan="team",
    )


views = st.tuples(st.just("views"), st.sampled_from(PATHS))
buys = st.tuples(st.just("buys"), st.sampled_from(BUYS))
meets = st.tuples(st.just("meets"), st.sampled_from(MEETS))
profiles = st.tuples(st.just("is"), st.sampled_from(PROFILES))
things = st.one_of(views, views, views, buys, meets, profiles)
steps = st.lists(st.tuples(st.sampled_from(GAPS), things, st.sampled_from(DELAYS)), min_size=4, max_size=24)


def in_time(drawn):
    """Return the events of drawn steps in the order in which they happened."""
    at, events = NOON, []
    for number, (gap, what, _) in enumerate(drawn):
        at += gap
        events.append(happened(number, at, what))
    return events


def as_arrived(drawn):
    """Return the same events in the order in which they arrive, none later than the lateness allows."""
    events = in_time(drawn)
    arrives = [event.occurred_at + delay for event, (_, _, delay) in zip(events, drawn, strict=True)]
    return [events[i] for i in sorted(range(len(events)), key=arrives.__getitem__)]
