"""Events in the product's own wire format for tests: sensible defaults, any field overridden by name.

Each builder returns a fresh dictionary, ready for `orjson.dumps`. Fields it does not know are added as
they are, so that hostile and future documents are written the same way.
"""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
CUSTOMER = "c-00001"


def at(seconds: float = 0) -> str:
    """The time so many seconds after `NOON`, RFC 3339."""
    return (NOON + timedelta(seconds=seconds)).isoformat()


def page_view(**fields: object) -> dict[str, object]:
    """A view of the pricing page by one customer at noon."""
    return {
        "event_id": "v-1",
        "customer_id": CUSTOMER,
        "occurred_at": at(),
        "url": "https://www.stream-app.example/pricing",
    } | fields


def purchase(**fields: object) -> dict[str, object]:
    """A first monthly order of the team plan, completed at noon, in yen."""
    return {
        "event_id": "p-1",
        "customer_id": CUSTOMER,
        "occurred_at": at(),
        "amount": "29800",
        "currency": "JPY",
        "kind": "completed",
        "order_id": "o-1",
        "product_id": "team-monthly",
        "plan": "team",
    } | fields


def customer(**fields: object) -> dict[str, object]:
    """The whole profile of an active customer as of noon."""
    return {
        "customer_id": CUSTOMER,
        "occurred_at": at(),
        "name": "担当者 00001",
        "account_id": "a-0001",
        "account_name": "株式会社サンプル 01",
        "owner": "cs-1@example.co.jp",
        "tier": "high",
        "stage": "active",
        "plan": "team",
        "seats": 10,
        "seats_used": 7,
        "renewal_date": "2026-09-30",
        "fiscal_year_end": "03-31",
        "language": "ja",
        "timezone": "Asia/Tokyo",
    } | fields


def interaction(**fields: object) -> dict[str, object]:
    """A question that the customer asked at noon."""
    return {
        "event_id": "i-1",
        "customer_id": CUSTOMER,
        "occurred_at": at(),
        "kind": "inquiry",
        "ref": "t-1",
    } | fields
