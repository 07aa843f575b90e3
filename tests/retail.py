"""The orders of a real shop, 1 December 2010 to 30 June 2011: an order is an invoice, time is London's."""

import csv
import gzip
import os
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from stream_app.core.calendar import Hours
from stream_app.core.days import Days
from stream_app.core.events import DAY, EPOCH, Purchase, PurchaseKind
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL
from stream_app.core.tuning import Feed, Tuning, Waits

DATA = Path(os.environ.get("STREAM_APP_DATA", Path(__file__).parents[2] / "shared" / "data"))
RETAIL = DATA / "online_retail_2010-12_2011-06.csv.gz"
CLOSED = ("12-24/01-03", "2011-04-24")  # as the orders show: over the year's end and on Easter Sunday
LONDON = ZoneInfo("Europe/London")


def retail_rules():
    """Return silence alone, in calendar days, on the shop's clock."""
    hours = Hours(timezone="Europe/London", country="GB-ENG", closures=CLOSED)
    return RuleSet(
        name=RuleSetName.FULL,
        rules=tuple(rule for rule in FULL if rule.id == "churn.silent"),
        days=Days(hours),
        tuning=Tuning(feeds=frozenset({Feed.PURCHASES}), waits=Waits(calendar_days=True)),
    )


def orders():
    """Return the orders of known customers by time, as purchases."""
    sums = defaultdict(Decimal)
    with gzip.open(RETAIL, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for invoice, _, _, quantity, when, price, customer, _ in rows:
            if customer:
                sums[when, invoice, customer] += int(quantity) * Decimal(price)
    return [_order(*key, amount) for key, amount in sorted(sums.items())]


def _order(when, invoice, customer, amount):
    at = datetime.fromisoformat(when).replace(tzinfo=LONDON)
    return Purchase(
        event_id=invoice,
        customer_id=customer.removesuffix(".0"),
        occurred_at=(at - EPOCH) // EPOCH.resolution,
        amount=amount,
        currency="GBP",
        kind=PurchaseKind.CANCELLED if invoice.startswith("C") else PurchaseKind.COMPLETED,
    )


def day_of(text):
    """Return when a day begins in London, and when it is over."""
    begins = (datetime.fromisoformat(text).replace(tzinfo=LONDON) - EPOCH) // EPOCH.resolution
    return begins, begins + DAY
