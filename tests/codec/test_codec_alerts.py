"""Alerts as they are read back from their topics: nothing is lost, and nothing else gets in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.codec import DeadLetterReason, DecodeError, decode_alert, encode_alert
from stream_app.codec.wire import WireAlert, WireEvidence, WireSnapshot
from stream_app.core.alerts import Alert, Evidence, Intent, Polarity, PublishedAlert, Severity, Snapshot
from stream_app.core.events import Profile, Stage, Tier
from tests.codec.codec_documents import IDS, ODD
from tests.core.alerts import PUBLISHED

MOMENTS = st.integers(0, 253_339_228_799_999_999)  # to the end of the year 9997
NAMES = st.just("") | IDS
PROFILES = st.builds(
    Profile,
    occurred_at=MOMENTS,
    name=NAMES,
    account_id=NAMES,
    account_name=NAMES,
    owner=st.sampled_from(["", "cs-1@example.co.jp"]),
    tier=st.none() | st.sampled_from(Tier),
    stage=st.none() | st.sampled_from(Stage),
    plan=NAMES,
    renewal_date=st.sampled_from(["", "2026-09-30"]),
    language=st.sampled_from(["", "ja", "en-GB"]),
    timezone=st.sampled_from(["", "Asia/Tokyo"]),
)
EVIDENCE = st.builds(
    Evidence,
    event_id=IDS,
    occurred_at=MOMENTS,
    category=IDS,
    url=NAMES | st.just("https://a.example/解約" + "x" * 80_000),
    title=NAMES,
    amount=st.sampled_from(["", "-29800", "0.5"]),
    currency=st.sampled_from(["", "JPY"]),
    plan=NAMES,
    product_id=NAMES,
)
ALERTS = st.builds(
    Alert,
    alert_id=st.text("0123456789abcdef", min_size=32, max_size=32),
    intent=st.sampled_from(Intent),
    rule_id=IDS,
    severity=st.sampled_from(Severity),
    polarity=st.sampled_from(Polarity),
    customer_id=IDS,
    account_id=NAMES,
    customer=st.none() | PROFILES,
    event_id=IDS,
    occurred_at=MOMENTS,
    rule_set=IDS,
    reason=IDS,
    evidence=st.lists(EVIDENCE, max_size=5).map(tuple),
)
NOT_ON_THE_WIRE = {"event_id"}


def published(alert, detected_at):
    """The alert that others read: all of it but what only its maker knows."""
    fields = {name: getattr(alert, name) for name in Alert.__struct_fields__ if name not in NOT_ON_THE_WIRE}
    profile = alert.customer
    known = profile and Snapshot(**{name: getattr(profile, name) for name in Snapshot.__struct_fields__})
    return PublishedAlert(**fields | {"customer": known, "detected_at": detected_at})


@given(alert=ALERTS, detected_at=st.none() | MOMENTS)
def test_every_field_on_the_wire_comes_back(alert, detected_at):
    assert published(alert, detected_at) == decode_alert(encode_alert(alert, detected_at))


@pytest.mark.parametrize(
    ("wire", "read", "only_there"),
    [(WireAlert, PublishedAlert, {"schema_version"}), (WireSnapshot, Snapshot, set()), (WireEvidence, Evidence, set())],
)
def test_every_name_of_the_schema_is_read(wire, read, only_there):
    assert {*wire.__struct_fields__} - only_there == {*read.__struct_fields__}


DOCUMENT = {
    "alert_id": PUBLISHED.alert_id,
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
        "language": "en-GB",
        "timezone": "Asia/Tokyo",
        "renewal_date": "2026-09-30",
    },
    "occurred_at": "2026-06-10T12:00:00.000001Z",
    "detected_at": "2026-06-10T12:00:01Z",
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


def changed(**fields):
    return json.dumps(DOCUMENT | fields).encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (changed(), PUBLISHED),
        (changed(of_a_later_version=1), PUBLISHED),
        (
            changed(account_id=None, customer=None, detected_at=None),
            replace(PUBLISHED, account_id="", customer=None, detected_at=None),
        ),
        (changed(customer={}), replace(PUBLISHED, customer=Snapshot())),
        (changed(reason="a\x1b[2Jb\nc"), replace(PUBLISHED, reason="a[2Jb c")),
        (changed(occurred_at="2026-06-10T21:00:00.000001+09:00"), PUBLISHED),
    ],
)
def test_read(value, expected):
    assert expected == decode_alert(value)


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (b"", DeadLetterReason.EMPTY, "no bytes"),
        (b"{", DeadLetterReason.NOT_JSON, "Input data was truncated"),
        (b'{"alert_id": "\xff"}', DeadLetterReason.NOT_JSON, "not UTF-8"),
        (b"[" * 100_000, DeadLetterReason.UNKNOWN_FORMAT, "not a JSON object"),
        (b"[]", DeadLetterReason.UNKNOWN_FORMAT, "not a JSON object"),
        (b"{}", DeadLetterReason.INVALID, "Object missing required field `alert_id`"),
        (changed(schema_version=2), DeadLetterReason.UNSUPPORTED_VERSION, "schema_version: only 1 is known"),
        (changed(intent="geheim"), DeadLetterReason.INVALID, "Not an allowed value - at `$.intent`"),
        (changed(customer={"tier": "gold"}), DeadLetterReason.INVALID, "Not an allowed value - at `$.customer.tier`"),
        (changed(customer_id=""), DeadLetterReason.INVALID, "Expected `str` of length >= 1 - at `$.customer_id`"),
        (changed(customer_id="a\n"), DeadLetterReason.INVALID, "customer_id: has control characters"),
        (changed(customer={"owner": "a\x1b@example.com"}), DeadLetterReason.INVALID, "customer.owner: has control"),
        (changed(occurred_at="1969-12-31T00:00:00Z"), DeadLetterReason.INVALID, "occurred_at: not in the years"),
        (changed(alert_id="x"), DeadLetterReason.INVALID, "Expected `str` matching regex"),
    ],
)
def test_refused(value, reason, detail):
    with pytest.raises(DecodeError) as refused:
        decode_alert(value)
    assert (reason, detail) == (refused.value.reason, refused.value.detail[: len(detail)])


@given(st.binary(max_size=64) | st.builds(lambda name, odd: changed(**{name: odd}), st.sampled_from([*DOCUMENT]), ODD))
def test_any_bytes_are_an_alert_or_refused(value):
    assert isinstance(read_or_refused(value), PublishedAlert | DecodeError)


def read_or_refused(value):
    try:
        return decode_alert(value)
    except DecodeError as error:
        return error
