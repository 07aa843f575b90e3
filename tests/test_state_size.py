"""What is remembered of a customer stays small on every history that there is."""

from collections import defaultdict

import orjson
import pytest

from stream_app.codec.inputs import decode_value
from stream_app.codec.state import NOTHING_APPLIED, encode_state
from stream_app.core.course import course
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.tuning import Feed, Tuning
from stream_app.formats import Identity
from stream_app.inputs import Files
from stream_app.testing.simulator import simulate
from tests.retail import DATA, RETAIL, orders

NOW_MS = 1_900_000_000_000
RULES = RuleSet(name=RuleSetName.FULL, tuning=Tuning(feeds=frozenset(Feed)))


def month():
    """The simulator's month, a part of its customers."""
    return [decode_value(one.topic, orjson.dumps(one.value), NOW_MS) for one in simulate(customers=60)]


def visits():
    """The log of a public web server, its hosts taken for customers."""
    files = Files(access_logs=(DATA / "access_log.gz",), identity=Identity.HOST, base_url="https://www.example.com")
    return [item for _, item in files.lines(NOW_MS) if getattr(item, "customer_id", "")]


def sizes(events):
    """Return the largest encoded state of each customer, in order."""
    of_customer = defaultdict(list)
    for event in events:
        if event.customer_id:
            of_customer[event.customer_id].append(event)
    return sorted(max(_sizes(one)) for one in of_customer.values())


def _sizes(events):
    for number, outcome in enumerate(course(events, RULES)):
        if number % 16 == 0 or number >= len(events) - 1:
            yield len(encode_state(NOTHING_APPLIED, outcome.state))


def shop():
    """The orders of a real shop, a tenth of its customers."""
    return [order for order in orders() if order.customer_id.endswith("7")]


HISTORIES = {"month": (month, None), "web server": (visits, DATA / "access_log.gz"), "shop": (shop, RETAIL)}


@pytest.mark.parametrize("name", HISTORIES)
def test_the_state_of_all_but_one_customer_in_a_hundred_stays_small(name):
    events, needed = HISTORIES[name]
    if needed is not None and not needed.exists():
        pytest.skip(f"needs {needed.name}; STREAM_APP_DATA names the folder")
    found = sizes(events())
    print(f"{name}: {len(found)} customers, p50 {found[len(found) // 2]}, p99 {found[len(found) * 99 // 100]} bytes")

    assert found[len(found) * 99 // 100] < 4096
