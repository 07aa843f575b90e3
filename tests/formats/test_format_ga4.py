"""Rows of Google Analytics' export: views, purchases and refunds, and what BigQuery makes of numbers and nothing."""

from decimal import Decimal

import pytest
from foreign import NOON, URL, detail, read, verdict

from stream_app.codec import DeadLetterReason, IgnoredReason
from stream_app.core.events import PageView, Purchase, PurchaseKind


def parameters(**said):
    kinds = {str: "string_value", int: "int_value", float: "double_value"}
    return [{"key": key, "value": {kinds[type(value)]: value}} for key, value in said.items()]


def valued(number):
    """Return parameters with a value as BigQuery writes whole numbers."""
    return [*parameters(currency="JPY"), {"key": "value", "value": {"int_value": number, "string_value": None}}]


VIEW = {
    "event_date": "20260601",
    "event_timestamp": str(NOON),
    "event_name": "page_view",
    "event_params": parameters(page_location=URL, page_title="Pricing", ga_session_id=5),
    "user_id": "c-1",
    "user_pseudo_id": "p-1",
    "event_bundle_sequence_id": "42",
    "batch_event_index": "1",
    "ecommerce": None,
    "items": [],
}
ORDER = VIEW | {
    "event_name": "purchase",
    "event_params": parameters(currency="jpy", coupon="SPRING", value=5.5),
    "ecommerce": {"transaction_id": "o-1", "purchase_revenue": 29800.5},
    "items": [{"item_id": "team-yearly", "price": 1}],
}
REFUND = ORDER | {"event_name": "refund", "ecommerce": {"transaction_id": "o-1", "refund_value": 100}}


def test_page_view():
    view = read(VIEW)
    expected = PageView(event_id=view.event_id, customer_id="c-1", occurred_at=NOON, url=URL, title="Pricing")
    assert expected == view


def test_purchase():
    order = read(ORDER)
    expected = Purchase(
        event_id=order.event_id,
        customer_id="c-1",
        occurred_at=NOON,
        amount=Decimal("29800.5"),
        currency="JPY",
        kind=PurchaseKind.COMPLETED,
        order_id="o-1",
        product_id="team-yearly",
        campaign="SPRING",
    )
    assert expected == order


def test_refund():
    """With an amount, or with the order that it undoes alone."""
    assert (PurchaseKind.REFUNDED, Decimal(100)) == (read(REFUND).kind, read(REFUND).amount)
    bare = REFUND | {"event_params": parameters(currency="JPY"), "ecommerce": {"transaction_id": "o-1"}}
    assert Decimal(0) == read(bare).amount


def test_rows_that_differ_have_different_ids():
    """In any of the five fields; whole numbers as numbers or as texts are the same."""
    said = {"user_pseudo_id": "p-2", "event_timestamp": str(NOON + 1), "event_name": "purchase"}
    said |= {"event_bundle_sequence_id": "43", "batch_event_index": "2"}
    ids = {read((ORDER if name == "event_name" else VIEW) | {name: value}).event_id for name, value in said.items()}
    as_numbers = VIEW | {"event_timestamp": NOON, "event_bundle_sequence_id": 42, "batch_event_index": 1}
    first = read(VIEW).event_id
    assert (5, 32) == (len(ids - {first}), len(first))
    assert first == read(as_numbers).event_id


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({"ecommerce": {"purchase_revenue": None}}, "5.5"),
        ({"ecommerce": None}, "5.5"),
        ({"ecommerce": None, "event_params": parameters(currency="JPY", value=7)}, "7"),
        ({"ecommerce": None, "event_params": valued("29800")}, "29800"),
        ({"ecommerce": {"purchase_revenue": 0}}, "0"),
        ({"ecommerce": {"purchase_revenue": 0.30000000000000004}}, "0.3"),
    ],
    ids=repr,
)
def test_amount(fields, amount):
    """The order's own, else the parameter `value`, a fraction or a whole number."""
    assert Decimal(amount) == read(ORDER | fields).amount


@pytest.mark.parametrize("nothing", [None, "", "(not set)"])
def test_not_set_is_nothing(nothing):
    order = read(
        ORDER | {"ecommerce": {"transaction_id": nothing, "purchase_revenue": 1}, "items": [{"item_id": nothing}]}
    )
    assert ("", "") == (order.order_id, order.product_id)


def test_order_and_campaign_from_elsewhere():
    said = {"event_params": parameters(currency="JPY", transaction_id="o-2"), "ecommerce": {"purchase_revenue": 1}}
    order = read(ORDER | said | {"collected_traffic_source": {"manual_campaign_name": "mail"}, "items": [{}, {}]})
    assert ("o-2", "mail", "") == (order.order_id, order.campaign, order.product_id)


@pytest.mark.parametrize("user_id", [None, ""])
def test_a_browser_is_nobody(user_id):
    assert "" == read(VIEW | {"user_id": user_id}).customer_id
    assert IgnoredReason.ANONYMOUS == verdict(ORDER | {"user_id": user_id})


@pytest.mark.parametrize("name", ["session_start", "user_engagement", "add_to_cart", "screen_view", ""])
def test_other_events_are_passed_over(name):
    """Whatever else stands in them."""
    assert IgnoredReason.NOT_RELEVANT == verdict(VIEW | {"event_name": name, "items": 5})


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (VIEW, {"event_timestamp": "soon"}),
        (VIEW, {"event_timestamp": "-1"}),
        (VIEW, {"event_timestamp": "١"}),
        (VIEW, {"event_timestamp": "9" * 18}),
        (VIEW, {"event_timestamp": "9" * 5_000}),
        (VIEW, {"event_timestamp": None}),
        (VIEW, {"event_timestamp": 1.5}),
        (VIEW, {"event_params": []}),
        (VIEW, {"event_params": [None]}),
        (VIEW, {"event_params": parameters(page_location="x" * 8_193)}),
        (VIEW, {"event_params": {"page_location": URL}}),
        (VIEW, {"event_name": None}),
        (VIEW, {"user_id": "u" * 257}),
        (VIEW, {"user_id": 5}),
        (ORDER, {"ecommerce": {}, "event_params": parameters(currency="JPY")}),
        (ORDER, {"ecommerce": {"purchase_revenue": "much"}}),
        (ORDER, {"ecommerce": {}, "event_params": valued("much")}),
        (ORDER, {"event_params": []}),
        (ORDER, {"event_params": parameters(currency="ZZZ")}),
        (REFUND, {"ecommerce": {}, "event_params": parameters(currency="JPY")}),
    ],
)
def test_broken_ones(document, fields):
    assert DeadLetterReason.INVALID == verdict(document | fields)


def test_what_is_missing_is_named():
    assert "event_params.page_location: missing" == detail(VIEW | {"event_params": []})


def test_ahead_of_its_record():
    assert DeadLetterReason.FUTURE == verdict(VIEW, timestamp_ms=NOON // 1000 - 301_000)
