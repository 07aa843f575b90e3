"""RudderStack's events are read as Segment's: a page and an order as its SDKs send them, fields of its own and all."""

from decimal import Decimal

from foreign import NOON, URL, read, verdict

from stream_app.codec import IgnoredReason
from stream_app.core.events import PageView, Purchase, PurchaseKind

ENVELOPE = {
    "channel": "web",
    "messageId": "m-1",
    "userId": "c-1",
    "anonymousId": "5ce6-anon",
    "rudderId": "2f1d",
    "originalTimestamp": "2026-06-01T08:30:00.000+05:30",
    "sentAt": "2026-06-01T08:30:01.000+05:30",
    "receivedAt": "2026-06-01T03:00:02.000Z",
    "request_ip": "192.0.2.7",
    "integrations": {"All": True},
    "context": {
        "app": {"name": "RudderLabs JavaScript SDK"},
        "page": {"url": "https://www.example.com/else", "tab_url": URL, "path": "/pricing"},
        "traits": {"plan": "team"},
        "sessionId": 1_780_282_700_000,
        "userAgent": "Mozilla",
    },
}
PAGE = ENVELOPE | {"type": "page", "name": "Pricing", "properties": {"url": URL, "title": "Pricing", "name": "Pricing"}}
ORDER = ENVELOPE | {
    "type": "track",
    "event": "Order Completed",
    "properties": {
        "checkout_id": "k-1",
        "order_id": "o-1",
        "revenue": 29800,
        "currency": "JPY",
        "products": [{"product_id": "team-yearly", "sku": "s"}],
    },
}


def test_page():
    expected = PageView(
        event_id="m-1", customer_id="c-1", occurred_at=NOON, url=URL, title="Pricing", user_agent="Mozilla"
    )
    assert expected == read(PAGE)


def test_order():
    expected = Purchase(
        event_id="m-1",
        customer_id="c-1",
        occurred_at=NOON,
        amount=Decimal(29800),
        currency="JPY",
        kind=PurchaseKind.COMPLETED,
        order_id="o-1",
        product_id="team-yearly",
    )
    assert expected == read(ORDER)


def test_a_browser_is_nobody():
    """Its key on Kafka is the anonymous id then, and that is no customer."""
    assert "" == read(PAGE | {"userId": ""}).customer_id
    assert IgnoredReason.ANONYMOUS == verdict(ORDER | {"userId": ""})


def test_the_rest_is_passed_over():
    others = [{"type": "identify"}, {"type": "screen"}, {"type": "track", "event": "Product Viewed"}, {"type": "alias"}]
    assert {IgnoredReason.NOT_RELEVANT} == {verdict(ENVELOPE | one) for one in others}
