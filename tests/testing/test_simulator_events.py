"""The simulated events one by one: believable, and about nobody real."""

import re
from collections import Counter, defaultdict
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from stream_app.testing.simulator import Simulated, simulate
from stream_app.topics import InputTopic
from tests.testing.simulated_month import BOT, KNOWN, month, occurred, of, text, views

RESERVED = ("example", "example.com", "example.co.jp", "example.net")
STAFF = "@staff.example"


def test_people_work_in_the_business_hours_of_their_own_zone() -> None:
    """Nine to six on weekdays, fewer at lunch."""
    times = [occurred(view) for view in views()]
    hours = Counter(time.hour for time in times)
    assert sum(9 <= time.hour < 18 for time in times) / len(times) > 0.8
    assert hours[12] < 0.6 * min(hours[11], hours[14])
    assert sum(time.weekday() >= 5 for time in times) / len(times) < 0.05
    assert {time.strftime("%z") for time in times} == {"+0900", "-0400", "+0100"}


def test_sessions_have_the_shape_of_sessions() -> None:
    """One to eight views of one customer, 20 to 180 seconds apart."""
    sessions: dict[str, dict[str, Simulated]] = defaultdict(dict)
    for view in (v for v in of(InputTopic.PAGE_VIEWS, month()) if v.customer_id in KNOWN):
        sessions[text(view, "session_id")][text(view, "event_id")] = view
    gaps = {
        (occurred(b) - occurred(a)).total_seconds()
        for session in sessions.values()
        for a, b in pairwise(session.values())
    }
    assert {len(session) for session in sessions.values()} == set(range(1, 9))
    assert {len({view.customer_id for view in session.values()}) for session in sessions.values()} == {1}
    assert (min(gaps) >= 20, max(gaps) <= 180) == (True, True)


@pytest.mark.parametrize(
    ("what", "low", "high"),
    [("anonymous", 0.01, 0.06), ("bot", 0.01, 0.06), ("bot_with_customer", 0.0005, 0.006), ("staff", 0.005, 0.04)],
)
def test_a_few_views_in_a_hundred_count_for_nothing(what: str, low: float, high: float) -> None:
    """Nobody known, bots (some behind a customer's mail), and the own staff."""
    is_what = {
        "anonymous": lambda v: not v.customer_id and not BOT.search(v.value["user_agent"]),
        "bot": lambda v: BOT.search(v.value["user_agent"]),
        "bot_with_customer": lambda v: v.customer_id and BOT.search(v.value["user_agent"]),
        "staff": lambda v: v.customer_id.endswith(STAFF),
    }[what]
    everybodys = of(InputTopic.PAGE_VIEWS, month())
    assert low < sum(1 for view in everybodys if is_what(view)) / len(everybodys) < high


def test_amounts_are_decimal_strings_of_their_currency() -> None:
    """Yen without decimals, dollars with two, and no other currency."""
    amounts = defaultdict(set)
    for purchase in of(InputTopic.PURCHASES, month()):
        amounts[text(purchase, "currency")].add(re.sub(r"\d+", "9", text(purchase, "amount")))
    assert amounts == {"JPY": {"9"}, "USD": {"9.9"}}


def test_what_is_undone_names_its_order() -> None:
    """A refund's order was completed before, in the same amount."""
    records = list(simulate(customers=800, days=12))
    orders = {
        p.value["order_id"]: p.value["amount"]
        for p in of(InputTopic.PURCHASES, records)
        if p.value["kind"] == "completed"
    }
    refunds = {
        p.value["order_id"]: p.value["amount"]
        for p in of(InputTopic.PURCHASES, records)
        if p.value["kind"] == "refunded"
    }
    assert refunds.items() <= orders.items()
    assert len(refunds) > 0


def test_urls_carry_what_has_to_be_cleaned() -> None:
    """Campaign marks, mail addresses with tokens, user info and fragments, each on some views."""
    urls = [urlsplit(text(view, "url")) for view in of(InputTopic.PAGE_VIEWS, month())]
    counts = {
        "utm": sum("utm_" in url.query for url in urls),
        "token": sum("token=" in url.query and "email=" in url.query for url in urls),
        "user": sum(url.username is not None for url in urls),
        "fragment": sum(bool(url.fragment) for url in urls),
    }
    assert {name: count > 100 for name, count in counts.items()} == dict.fromkeys(counts, True)


def test_no_text_points_outside_the_reserved_domains() -> None:
    """Every host and mail address is reserved for examples; what browsers and bots call themselves is theirs."""
    found = set()
    for record in month():
        own = " ".join(str(value) for name, value in record.value.items() if name != "user_agent")
        found |= set(re.findall(r"(?:https?://(?:[^/\s]*@)?|@|%40)([\w.-]+)", own))
    outside = {
        host for host in found if not host.endswith(tuple(f".{domain}" for domain in RESERVED)) and host not in RESERVED
    }
    assert outside == set()
    assert "www.stream-app.example" in found


def test_views_are_titled_in_both_languages() -> None:
    """About seven in ten views carry a Japanese title."""
    japanese = sum(not text(view, "title").isascii() for view in views())
    assert 0.55 < japanese / len(views()) < 0.85
