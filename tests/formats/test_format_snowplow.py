"""Snowplow's enriched events, as columns and as JSON: the same events, whichever way they come."""

import json
from decimal import Decimal

import pytest
from foreign import NOON, URL, read, verdict
from formats_page import columns

from stream_app.codec import DeadLetterReason, IgnoredReason
from stream_app.core.events import PageView, Purchase, PurchaseKind

VENDOR = "com.snowplowanalytics.snowplow.ecommerce"
VIEW = {
    "event": "page_view",
    "event_name": "page_view",
    "event_id": "e-1",
    "user_id": "c-1",
    "page_url": URL,
    "page_title": "Pricing",
    "useragent": "Mozilla",
    "derived_tstamp": "2026-06-01 03:00:00.000",
    "collector_tstamp": "2026-06-01 03:00:09.000",
}
ACTION = VIEW | {"event": "unstruct", "event_name": "snowplow_ecommerce_action"}
ORDER = {"transaction_id": "o-1", "revenue": 29800.5, "currency": "jpy", "discount_code": "SPRING"}
REFUND = {"transaction_id": "o-1", "refund_amount": 100, "currency": "JPY"}
OLDER = VIEW | {"event": "transaction", "tr_orderid": "o-1", "tr_total": 29800.5, "tr_currency": "JPY"}
BOUGHT = Purchase(
    event_id="e-1",
    customer_id="c-1",
    occurred_at=NOON,
    amount=Decimal("29800.5"),
    currency="JPY",
    kind=PurchaseKind.COMPLETED,
    order_id="o-1",
    campaign="SPRING",
)


def schema(name, version="1-0-0"):
    return f"iglu:{VENDOR}/{name}/jsonschema/{version}"


def as_columns(fields, action=None, entities=(), version="1-0-0"):
    """Return the event as a line: entities in `contexts`, the action in `unstruct_event`."""
    line = columns(**{name: value for name, value in fields.items() if name != "tr_total"}).split(b"\t")
    line[61] = str(fields.get("tr_total", "")).encode()
    found = [{"schema": schema(name, version), "data": one} for name, one in entities]
    line[52] = json.dumps({"schema": "iglu:contexts", "data": found}).encode() if found else b""
    if action:
        told = {"schema": schema("snowplow_ecommerce_action", version), "data": {"type": action}}
        line[58] = json.dumps({"schema": "iglu:unstruct_event", "data": told}).encode()
    return b"\t".join(line)


def as_json(fields, action=None, entities=(), version="1-0-0"):
    """Return the event as the analytics SDKs do: a key for each entity, times with a zone."""
    major, prefix = version[0], VENDOR.replace(".", "_")
    said = {n: v.replace(" ", "T") + "Z" if n.endswith("tstamp") and v else v for n, v in fields.items() if v != ""}
    if action:
        said[f"unstruct_event_{prefix}_snowplow_ecommerce_action_{major}"] = {"type": action}
    for name, one in entities:
        said.setdefault(f"contexts_{prefix}_{name}_{major}", []).append(one)
    return json.dumps(said).encode()


both = pytest.mark.parametrize("form", [as_columns, as_json])


@both
def test_page_view(form):
    expected = PageView(
        event_id="e-1", customer_id="c-1", occurred_at=NOON, url=URL, title="Pricing", user_agent="Mozilla"
    )
    assert expected == read(form(VIEW))


@both
def test_time_of_the_collector_where_none_is_derived(form):
    assert NOON + 9_000_000 == read(form(VIEW | {"derived_tstamp": ""})).occurred_at


@both
def test_a_browser_is_nobody(form):
    nobody = {"user_id": "", "domain_userid": "d-1", "network_userid": "n-1"}
    fields = {name: value for name, value in (VIEW | nobody).items() if form is as_json or "userid" not in name}
    assert "" == read(form(fields)).customer_id
    assert IgnoredReason.ANONYMOUS == verdict(form(OLDER | {"user_id": ""}))


@both
def test_transaction(form):
    assert BOUGHT == read(form(ACTION, "transaction", [("transaction", ORDER)]))


@both
def test_refund(form):
    """With an amount, or with the order that it undoes alone."""
    refunded = read(form(ACTION, "refund", [("refund", REFUND)]))
    only_named = read(form(ACTION, "refund", [("refund", REFUND | {"refund_amount": None})]))
    assert (PurchaseKind.REFUNDED, "o-1", Decimal(100)) == (refunded.kind, refunded.order_id, refunded.amount)
    assert Decimal(0) == only_named.amount


@both
def test_older_transaction(form):
    """Told by the columns of the event itself; its items are passed over."""
    campaign = {"mkt_campaign": "SPRING"}
    assert BOUGHT == read(form(OLDER | campaign))
    assert IgnoredReason.NOT_RELEVANT == verdict(form(OLDER | {"event": "transaction_item"}))


@both
@pytest.mark.parametrize(
    ("products", "product_id"), [([], ""), ([{"id": "p-1"}], "p-1"), ([{"id": 5}], "5"), ([{"id": "p"}] * 2, "")]
)
def test_a_single_product_is_the_product(form, products, product_id):
    entities = [("transaction", ORDER), *(("product", one) for one in products)]
    assert product_id == read(form(ACTION, "transaction", entities)).product_id


@both
@pytest.mark.parametrize("event", ["page_ping", "struct", "unstruct", "", "ad_impression"])
def test_other_events_are_passed_over(form, event):
    assert IgnoredReason.NOT_RELEVANT == verdict(form(VIEW | {"event": event}))


@both
@pytest.mark.parametrize("action", ["add_to_cart", "product_view", "trns_error"])
def test_other_actions_are_passed_over(form, action):
    assert IgnoredReason.NOT_RELEVANT == verdict(form(ACTION, action))


@both
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event_id": ""}, DeadLetterReason.INVALID),
        ({"event_id": "e\x7f"}, DeadLetterReason.INVALID),
        ({"page_url": ""}, DeadLetterReason.INVALID),
        ({"user_id": "u" * 257}, DeadLetterReason.INVALID),
        ({"derived_tstamp": "yesterday"}, DeadLetterReason.INVALID),
        ({"derived_tstamp": "1969-12-31 23:59:59"}, DeadLetterReason.INVALID),
        ({"derived_tstamp": "9999-01-01 00:00:00"}, DeadLetterReason.INVALID),
        ({"event": "transaction"}, DeadLetterReason.INVALID),
        ({"event": "transaction", "tr_total": 5, "tr_currency": "yen"}, DeadLetterReason.INVALID),
        ({"event": "transaction", "tr_total": 5}, DeadLetterReason.INVALID),
        ({"event": "transaction", "tr_total": "5 yen", "tr_currency": "JPY"}, DeadLetterReason.INVALID),
        ({"event": "transaction", "tr_total": 1e300, "tr_currency": "JPY"}, DeadLetterReason.INVALID),
    ],
    ids=repr,
)
def test_broken_ones(form, fields, reason):
    assert reason == verdict(form(VIEW | fields))


@both
@pytest.mark.parametrize(
    ("action", "entities", "version", "reason"),
    [
        ("transaction", [("transaction", ORDER)], "2-0-0", DeadLetterReason.UNSUPPORTED_VERSION),
        ("transaction", [], "1-0-2", DeadLetterReason.INVALID),
        ("refund", [("transaction", ORDER)], "1-0-2", DeadLetterReason.INVALID),
        ("transaction", [("transaction", ORDER | {"revenue": "much"})], "1-0-0", DeadLetterReason.INVALID),
        ("transaction", [("transaction", ORDER | {"currency": None})], "1-0-0", DeadLetterReason.INVALID),
        ("transaction", [("transaction", 5)], "1-0-0", DeadLetterReason.INVALID),
    ],
)
def test_broken_orders(form, action, entities, version, reason):
    assert reason == verdict(form(ACTION, action, entities, version))


def test_exponents_of_columns_are_numbers():
    """As the enricher writes large ones."""
    assert Decimal(12_000_000) == read(as_columns(OLDER | {"tr_total": "1.2E7"})).amount


@pytest.mark.parametrize("place", [52, 58])
@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"data":' * 50_000, b'{"data":5}', b"\xff"])
def test_damaged_json_in_a_column(place, damage):
    line = as_columns(ACTION, "transaction", [("transaction", ORDER)]).split(b"\t")
    line[place] = damage
    expected = DeadLetterReason.TOO_BIG if len(damage) > 262_144 else DeadLetterReason.INVALID
    assert expected == verdict(b"\t".join(line))


def test_only_as_many_columns_as_there_are():
    line = as_columns(VIEW)
    assert DeadLetterReason.INVALID == verdict(line.replace(b"Pricing", b"\xff"))
    assert {DeadLetterReason.UNKNOWN_FORMAT} == {verdict(one) for one in (line + b"\t", line.rpartition(b"\t")[0])}
