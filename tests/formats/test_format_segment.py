"""Segment's events: its own examples, and what senders make of the spec."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from stream_app.codec import DeadLetterReason, DecodeError, IgnoredInput, IgnoredReason, decode_value
from stream_app.core.events import PageView, Purchase, PurchaseKind
from stream_app.topics import InputTopic

DATA = Path(os.environ.get("STREAM_APP_DATA", Path(__file__).parents[3] / "shared" / "data"))
EXAMPLES = DATA / "segment_examples.json"
FEBRUARY = 1_424_730_535_111_000  # 2015-02-23T22:28:55.111Z
ENVELOPE = {"messageId": "m-1", "userId": "u-1", "timestamp": "2015-02-23T22:28:55.111Z"}
PAGE = ENVELOPE | {"type": "page", "properties": {"url": "https://a.example/"}}
ORDER = ENVELOPE | {
    "type": "track",
    "event": "Order Completed",
    "properties": {"order_id": "o-1", "revenue": 25.5, "total": 27.5, "currency": "jpy"},
}


def read(document, **fields):
    return decode_value(InputTopic.PAGE_VIEWS, json.dumps(document | fields).encode(), -1)


def order(**properties):
    return read(ORDER, properties=ORDER["properties"] | properties)


def refusal(document, **fields):
    with pytest.raises(DecodeError) as caught:
        read(document, **fields)
    return caught.value


def ignored(document, **fields):
    with pytest.raises(IgnoredInput) as caught:
        read(document, **fields)
    return caught.value.reason


@pytest.fixture(scope="module")
def examples():
    if not EXAMPLES.is_file():
        pytest.skip(f"needs {EXAMPLES.name}; STREAM_APP_DATA names the folder")
    return [entry["example"] for entry in json.loads(EXAMPLES.read_text())]


def test_example_page(examples):
    """The full page call of the spec."""
    page = next(one for one in examples if one["type"] == "page" and "messageId" in one)
    expected = PageView(
        event_id="022bb90c-bbac-11e4-8dfc-aa07a5b093db",
        customer_id="97980cfea0067",
        occurred_at=FEBRUARY,
        url="http://www.example.com",
        title="Welcome | Initech",
        user_agent="Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_5) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/40.0.2214.115 Safari/537.36",
    )
    assert expected == read(page)


@pytest.mark.parametrize(
    ("event", "kind", "amount", "campaign"),
    [
        ("Order Completed", PurchaseKind.COMPLETED, "22.5", "hasbros"),
        ("Order Refunded", PurchaseKind.REFUNDED, "30", ""),
        ("Order Cancelled", PurchaseKind.CANCELLED, "25", "hasbros"),
    ],
)
def test_example_orders(examples, event, kind, amount, campaign):
    """The e-commerce spec shows what is particular to the call; the envelope is added."""
    example = next(one for one in examples if one.get("event") == event)
    expected = Purchase(
        event_id="m-1",
        customer_id="u-1",
        occurred_at=FEBRUARY,
        amount=Decimal(amount),
        currency="USD",
        kind=kind,
        order_id="50314b8e9bcf000000000000",
        campaign=campaign,
    )
    assert expected == read(ENVELOPE | example)


def test_all_other_examples_are_not_ours(examples):
    """Every identify, group and other track of the spec passes by."""
    others = [
        one
        for one in examples
        if one["type"] != "page" and one.get("event") not in {"Order Completed", "Order Refunded", "Order Cancelled"}
    ]
    assert len(others) > 10
    assert {IgnoredReason.NOT_RELEVANT} == {ignored(one) for one in others}


def test_page_has_what_the_context_says():
    """Where the properties are silent, the context's page speaks; the company is its group."""
    context = {"page": {"url": "https://b.example/", "title": "B"}, "groupId": "a-1", "userAgent": "Mozilla"}
    expected = PageView(
        event_id="m-1",
        customer_id="u-1",
        occurred_at=FEBRUARY,
        url="https://b.example/",
        title="B",
        account_id="a-1",
        user_agent="Mozilla",
    )
    assert expected == read(PAGE, properties={}, context=context)
    assert "https://a.example/" == read(PAGE, context=context).url


@pytest.mark.parametrize("fields", [{"userId": None}, {"userId": ""}, {"userId": None, "anonymousId": "507f"}])
def test_anonymous(fields):
    """A device is nobody the company knows: its views are anonymous, its orders of no use."""
    assert "" == read(PAGE, **fields).customer_id
    assert IgnoredReason.ANONYMOUS == ignored(ORDER, **fields)


def test_numeric_ids_are_text():
    """Some senders' ids are numbers."""
    assert ("5", "7") == (read(PAGE, userId=5).customer_id, order(order_id=7).order_id)


def test_time_of_rudderstack():
    """Where there is no `timestamp` the original one is meant."""
    assert FEBRUARY == read(PAGE, timestamp=None, originalTimestamp=ENVELOPE["timestamp"]).occurred_at


@pytest.mark.parametrize(
    ("properties", "amount"),
    [
        ({}, "25.5"),
        ({"revenue": None}, "27.5"),
        ({"revenue": None, "total": None, "subtotal": "20.10"}, "20.10"),
        ({"revenue": 0}, "0"),
        ({"revenue": 0.30000000000000004}, "0.3"),
    ],
)
def test_amount(properties, amount):
    """Revenue, else total, else subtotal."""
    assert Decimal(amount) == order(**properties).amount


@pytest.mark.parametrize("name", ["Order Completed", "order completed", "Completed Order"])
def test_names_of_a_completed_order(name):
    """The first version's name too, and any case."""
    assert PurchaseKind.COMPLETED == read(ORDER, event=name).kind


def test_checkout_stands_for_the_order():
    """Where the order has no id."""
    assert "c-9" == order(order_id=None, checkout_id="c-9").order_id


@pytest.mark.parametrize(("currency", "taken"), [("jpy", "JPY"), ("EUR", "EUR"), (None, "USD")])
def test_currency(currency, taken):
    """In any case; US dollars where none is said, as the spec has it."""
    assert taken == order(currency=currency).currency


@pytest.mark.parametrize(
    ("products", "product_id"),
    [
        (None, ""),
        ([], ""),
        ([{"product_id": "p-1", "sku": "s-1"}], "p-1"),
        ([{"sku": "s-1"}], "s-1"),
        ([{"product_id": "p-1"}, {"product_id": "p-2"}], ""),
    ],
)
def test_a_single_product_is_the_product(products, product_id):
    """Several are not one."""
    assert product_id == order(products=products).product_id


def test_plan_and_campaign():
    """The coupon is the campaign, else the campaign of the visit."""
    context = {"campaign": {"name": "spring"}}
    assert "team" == order(plan="team").plan
    assert "spring" == read(ORDER, context=context).campaign
    assert "hasbros" == read(ORDER, context=context, properties=ORDER["properties"] | {"coupon": "hasbros"}).campaign


def test_refund_may_only_name_its_order():
    """The amount matters only where no order is named."""
    refund = ORDER | {"event": "Order Refunded"}
    assert Decimal(0) == read(refund, properties={"order_id": "o-1"}).amount
    assert DeadLetterReason.INVALID == refusal(refund, properties={}).reason


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (PAGE, {"messageId": None}),
        (PAGE, {"messageId": ""}),
        (PAGE, {"timestamp": None}),
        (PAGE, {"timestamp": "2015-02-23T22:28:55"}),
        (PAGE, {"properties": {}}),
        (PAGE, {"properties": {"url": 5}}),
        (PAGE, {"userId": {"id": 5}}),
        (PAGE, {"context": {"groupId": "a\0b"}}),
        (ORDER, {"properties": {}}),
        (ORDER, {"properties": None}),
        (ORDER, {"properties": {"revenue": "25 yen"}}),
        (ORDER, {"properties": {"revenue": 25, "currency": "ZZZ"}}),
    ],
    ids=repr,
)
def test_broken_ones_are_dead_letters(document, fields):
    """Those that we would use, but cannot."""
    assert DeadLetterReason.INVALID == refusal(document, **fields).reason
