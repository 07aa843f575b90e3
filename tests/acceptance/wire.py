"""Short ways to write events in the product's own wire format, at a time counted from `START`."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from tests.acceptance.naive import Record, Topics, Wire

START = datetime(2025, 1, 6, tzinfo=UTC)
US = timedelta(microseconds=1)
S = timedelta(seconds=1)
M = timedelta(minutes=1)
H = timedelta(hours=1)
D = timedelta(days=1)

CANCEL = "/kaiyaku"
PRICE = "/pricing"
HELP = "/help/setup"
DOCS = "/docs/api"
HOME = "/"

Step: TypeAlias = tuple[str, Record]  # topic, record


def clock(at: timedelta) -> str:
    """Return the time `at` after the start as it stands on the wire."""
    return (START + at).isoformat()


def view(event_id: str, at: timedelta, path: str, customer: str | None = "c1", **more: str) -> Step:
    """Return a page view; without a customer the key is left out."""
    event: Wire = {"event_id": event_id, "occurred_at": clock(at), "url": "https://example.com" + path}
    return "page-views", event | ({"customer_id": customer} if customer is not None else {}) | more


def buy(event_id: str, at: timedelta, amount: str = "100", customer: str = "c1", **more: str) -> Step:
    """Return a purchase in yen, completed unless `kind` says otherwise."""
    event = {"event_id": event_id, "customer_id": customer, "occurred_at": clock(at)}
    return "purchases", event | {"amount": amount, "currency": "JPY"} | more


def profile(at: timedelta, stage: str = "active", customer: str = "c1", **more: str) -> Step:
    """Return a whole profile; an empty stage is left out."""
    event = {"customer_id": customer, "occurred_at": clock(at)}
    return "customers", event | ({"stage": stage} if stage else {}) | more


def erase(at: timedelta, customer: str = "c1") -> Step:
    """Return a tombstone: forget this customer."""
    return "customers", (customer, None, START + at)


def interact(event_id: str, at: timedelta, kind: str = "inquiry", customer: str = "c1") -> Step:
    """Return something that happened elsewhere."""
    event = {"event_id": event_id, "customer_id": customer, "occurred_at": clock(at), "kind": kind}
    return "interactions", event


def topics_of(steps: Iterable[Step]) -> Topics:
    """Return the records by topic, each topic in the order of the steps."""
    topics: Topics = {"customers": [], "interactions": [], "purchases": [], "page-views": []}
    for topic, record in steps:
        topics[topic].append(record)
    return topics
