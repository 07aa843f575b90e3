"""Alerts, fates, dead letters and events as others read them."""

import json
from base64 import b64decode
from decimal import Decimal

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.codec import (
    DeadLetterReason,
    alert_key,
    decode,
    encode_alert,
    encode_dead_letter,
    encode_fate,
    to_wire,
)
from stream_app.codec.schemas import json_schema
from stream_app.core.alerts import (
    Alert,
    Evidence,
    Intent,
    Polarity,
    Severity,
    Suppressed,
    SuppressedReason,
    alert_id,
)
from stream_app.core.events import (
    CustomerProfile,
    Interaction,
    InteractionKind,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
    Stage,
    Tier,
    TimePassed,
)
from stream_app.topics import InputTopic

NOON = 1_781_092_800_000_000
IDENTITY = alert_id("churn.cancellation-page", "c-1", "v-1")
PROFILE = Profile(
    occurred_at=NOON,
    name="担当者",
    account_id="a-1",
    account_name="株式会社サンプル",
    owner="cs-1@example.co.jp",
    tier=Tier.HIGH,
    stage=Stage.ACTIVE,
    plan="team",
    seats=10,
    renewal_date="2026-09-30",
    language="ja",
    timezone="Asia/Tokyo",
)
EVIDENCE = Evidence(
    event_id="v-1", occurred_at=NOON + 1, category="cancellation", url="https://a.example/解約", title="解約"
)
ALERT = Alert(
    alert_id=IDENTITY,
    intent=Intent.CHURN,
    rule_id="churn.cancellation-page",
    severity=Severity.HIGH,
    polarity=Polarity.RISK,
    customer_id="c-1",
    account_id="a-1",
    customer=PROFILE,
    event_id="v-1",
    occurred_at=NOON + 1,
    rule_set="0123abcd",
    reason="They looked at the cancellation page.",
    evidence=(EVIDENCE,),
)
SUPPRESSED = Suppressed(
    match_id=IDENTITY,
    intent=Intent.BUDGET,
    rule_id="budget.pricing-review",
    severity=Severity.MEDIUM,
    customer_id="c-1",
    account_id="",
    event_id="v-1",
    occurred_at=NOON,
    rule_set="0123abcd",
    reason=SuppressedReason.INHIBITED,
)
LETTER = {
    "topic": "page-views",
    "partition": 3,
    "offset": 42,
    "timestamp_ms": NOON // 1000,
    "reason": DeadLetterReason.NOT_JSON,
    "detail": "JSON is malformed",
    "key": b"c-1",
    "value": b"\xff{",
}


def valid(message, raw):
    document = json.loads(raw)
    jsonschema_rs.validator_for(json_schema(message), validate_formats=True).validate(document)
    return document


def test_alert():
    """Everything the schema names is there, in its words."""
    expected = {
        "alert_id": IDENTITY,
        "intent": "churn",
        "rule_id": "churn.cancellation-page",
        "severity": "high",
        "polarity": "risk",
        "customer_id": "c-1",
        "account_id": "a-1",
        "customer": {
            "name": "担当者",
            "account_name": "株式会社サンプル",
            "owner": "cs-1@example.co.jp",
            "tier": "high",
            "plan": "team",
            "language": "ja",
            "timezone": "Asia/Tokyo",
            "renewal_date": "2026-09-30",
        },
        "occurred_at": "2026-06-10T12:00:00.000001Z",
        "detected_at": "2026-06-10T12:00:02Z",
        "rule_set": "0123abcd",
        "reason": "They looked at the cancellation page.",
        "evidence": [
            {
                "event_id": "v-1",
                "occurred_at": "2026-06-10T12:00:00.000001Z",
                "category": "cancellation",
                "url": "https://a.example/解約",
                "title": "解約",
            }
        ],
        "schema_version": 1,
    }
    assert expected == valid("alert", encode_alert(ALERT, NOON + 2_000_000))


def test_alert_leaves_out_what_is_not_known():
    """In replay nobody detects; a customer without profile or account is only an id."""
    lean = Alert(**{field: getattr(ALERT, field) for field in Alert.__struct_fields__} | {"account_id": ""})
    lean = Alert(**{field: getattr(lean, field) for field in Alert.__struct_fields__} | {"customer": None})
    document = valid("alert", encode_alert(lean, None))
    assert set() == {"account_id", "customer", "detected_at"} & set(document)


def test_alert_of_a_purchase():
    """Evidence may be a purchase."""
    bought = Evidence(
        event_id="p-1", occurred_at=NOON, category="completed", amount="29800", currency="JPY", plan="team"
    )
    lean = Alert(**{field: getattr(ALERT, field) for field in Alert.__struct_fields__} | {"evidence": (bought,)})
    expected = {
        "event_id": "p-1",
        "occurred_at": "2026-06-10T12:00:00Z",
        "category": "completed",
        "amount": "29800",
        "currency": "JPY",
        "plan": "team",
    }
    assert [expected] == valid("alert", encode_alert(lean, None))["evidence"]


def test_fate():
    """What was held back is told with its reason."""
    expected = {
        "match_id": IDENTITY,
        "intent": "budget",
        "rule_id": "budget.pricing-review",
        "severity": "medium",
        "customer_id": "c-1",
        "event_id": "v-1",
        "occurred_at": "2026-06-10T12:00:00Z",
        "rule_set": "0123abcd",
        "reason": "inhibited",
        "schema_version": 1,
    }
    assert expected == valid("fate", encode_fate(SUPPRESSED, None))
    assert expected | {"detected_at": "2026-06-10T12:00:01Z"} == json.loads(encode_fate(SUPPRESSED, NOON + 1_000_000))


def test_key_is_the_account_or_the_customer():
    """All of one company stands in one partition."""
    assert (b"a-1", b"c-1") == (alert_key(ALERT), alert_key(SUPPRESSED))


def test_dead_letter():
    """The bytes come back as they were."""
    expected = {
        "topic": "page-views",
        "partition": 3,
        "offset": 42,
        "timestamp": "2026-06-10T12:00:00Z",
        "reason": "not_json",
        "detail": "JSON is malformed",
        "key": "Yy0x",
        "value": "/3s=",
        "value_bytes": 2,
        "truncated": False,
        "schema_version": 1,
    }
    assert expected == valid("dead-letter", encode_dead_letter(**LETTER))


def test_dead_letter_without_key_value_and_time():
    """A tombstone where none is expected; a detail with a lone surrogate harms nobody."""
    letter = encode_dead_letter(**LETTER | {"key": None, "value": None, "timestamp_ms": -1, "detail": "a\ud800"})
    document = valid("dead-letter", letter)
    assert (None, None, None, 0, False, "a?") == tuple(
        document[name] for name in ("key", "value", "timestamp", "value_bytes", "truncated", "detail")
    )


@pytest.mark.parametrize(("size", "cut"), [(65_536, False), (65_537, True), (1_048_576, True)])
@pytest.mark.parametrize("part", ["key", "value"])
def test_dead_letter_is_cut(part, size, cut):
    """At 64 KiB, so that no dead letter is too big for its own topic; the true size is said."""
    raw = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    letter = encode_dead_letter(**LETTER | {part: raw})
    document = valid("dead-letter", letter)
    assert (raw[:65_536], cut) == (b64decode(document[part]), document["truncated"])
    assert part == "key" or size == document["value_bytes"]
    assert len(letter) < 200_000


IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
OPTIONAL = IDS | st.just("")
TIMES = st.integers(0, 253_370_764_799_999_999)
AMOUNTS = st.decimals(-(10**17), 10**17, places=9) | st.sampled_from([Decimal("1E+2"), Decimal(0)])
COSTS = st.none() | st.decimals(0, 10**17, places=2)
VIEWS = st.builds(
    PageView,
    event_id=IDS,
    customer_id=OPTIONAL,
    occurred_at=TIMES,
    url=IDS,
    title=OPTIONAL,
    account_id=OPTIONAL,
    user_agent=OPTIONAL,
)
PURCHASES = st.builds(
    Purchase,
    event_id=IDS,
    customer_id=IDS,
    occurred_at=TIMES,
    amount=AMOUNTS,
    currency=st.sampled_from(["JPY", "USD"]),
    kind=st.sampled_from(PurchaseKind),
    order_id=OPTIONAL,
    product_id=OPTIONAL,
    plan=OPTIONAL,
    campaign=OPTIONAL,
)
INTERACTIONS = st.builds(
    Interaction,
    event_id=IDS,
    customer_id=IDS,
    occurred_at=TIMES,
    kind=st.sampled_from(InteractionKind),
    ref=OPTIONAL,
    score=st.none() | st.integers(0, 10),
    touchpoints=st.dictionaries(IDS, st.integers(-3, 3), max_size=4),
)
PROFILES = st.builds(
    Profile,
    occurred_at=TIMES,
    name=OPTIONAL,
    account_id=OPTIONAL,
    account_name=OPTIONAL,
    owner=st.sampled_from(["", "cs-1@example.co.jp"]),
    tier=st.none() | st.sampled_from(Tier),
    stage=st.none() | st.sampled_from(Stage),
    plan=OPTIONAL,
    seats=st.none() | st.integers(0, 10**9),
    seats_used=st.none() | st.integers(0, 10**9),
    renewal_date=st.sampled_from(["", "2026-09-30"]),
    fiscal_year_end=st.sampled_from(["", "03-31"]),
    language=st.sampled_from(["", "ja"]),
    timezone=st.sampled_from(["", "Asia/Tokyo"]),
    gross_margin=st.none() | st.decimals(0, 1, places=4),
    acquisition_cost=COSTS,
    keeping_cost=COSTS,
)
CUSTOMERS = st.builds(
    lambda customer_id, profile: CustomerProfile(
        customer_id=customer_id, occurred_at=profile.occurred_at, profile=profile
    ),
    IDS,
    PROFILES,
)
BY_TOPIC = {
    InputTopic.PAGE_VIEWS: VIEWS,
    InputTopic.PURCHASES: PURCHASES,
    InputTopic.INTERACTIONS: INTERACTIONS,
    InputTopic.CUSTOMERS: CUSTOMERS,
    InputTopic.TICKS: st.builds(TimePassed, occurred_at=TIMES, customer_id=st.just("")),
}
SCHEMA_OF = {
    InputTopic.PAGE_VIEWS: "page-view",
    InputTopic.PURCHASES: "purchase",
    InputTopic.INTERACTIONS: "interaction",
    InputTopic.CUSTOMERS: "customer",
    InputTopic.TICKS: "time-passed",
}


@settings(max_examples=100, deadline=None)
@given(data=st.data(), topic=st.sampled_from(InputTopic))
def test_events_come_back_as_they_were(data, topic):
    """What is written in our own format is read as the same event, and is valid for the schema."""
    event = data.draw(BY_TOPIC[topic])
    value = to_wire(event)
    assert event == decode(topic, event.customer_id.encode(), value, -1)
    valid(SCHEMA_OF[topic], value)


def test_forgetting_comes_back_as_it_was():
    """A customer to be forgotten is a record without a value."""
    event = CustomerProfile(customer_id="c-1", occurred_at=NOON, profile=None)
    assert to_wire(event) is None
    assert event == decode(InputTopic.CUSTOMERS, b"c-1", None, NOON // 1000)
