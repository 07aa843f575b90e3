"""Alerts as they are read back from their topics: nothing is lost, and nothing else gets in."""

import json

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.codec import DeadLetterReason, DecodeError, decode_alert, encode_alert
from stream_app.codec.alert_wire import WireAlert, WireEvidence, WireReading, WireSnapshot, WireStanding
from stream_app.codec.schemas import json_schema
from stream_app.core.alerts import (
    Alert,
    Cell,
    Evidence,
    Intent,
    Polarity,
    PublishedAlert,
    Reading,
    Severity,
    Snapshot,
    Standing,
    Weighed,
)
from stream_app.core.events import Profile, Stage, Tier
from tests.codec.codec_documents import IDS, ODD
from tests.codec.notify_documents import MATCH_IDS, READINGS, STANDINGS
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
    alert_id=MATCH_IDS,
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
    supersedes=st.just("") | MATCH_IDS,
    readings=READINGS,
    standing=st.none() | STANDINGS,
    preceded_by=NAMES,
    digest=st.booleans(),
    second=st.booleans(),
)
SCHEMA = jsonschema_rs.validator_for(json_schema("alert"), validate_formats=True)
NOT_ON_THE_WIRE = {"event_id"}


def published(alert, detected_at):
    """The alert that others read: all of it but what only its maker knows."""
    fields = {name: getattr(alert, name) for name in Alert.__struct_fields__ if name not in NOT_ON_THE_WIRE}
    profile = alert.customer
    known = profile and Snapshot(**{name: getattr(profile, name) for name in Snapshot.__struct_fields__})
    standing = None if alert.standing == Standing() else alert.standing  # in which nothing is known
    return PublishedAlert(**fields | {"customer": known, "detected_at": detected_at, "standing": standing})


@given(alert=ALERTS, detected_at=st.none() | MOMENTS)
def test_every_field_on_the_wire_comes_back(alert, detected_at):
    raw = encode_alert(alert, detected_at)

    assert published(alert, detected_at) == decode_alert(raw)
    SCHEMA.validate(json.loads(raw))


@pytest.mark.parametrize(
    ("wire", "read", "only_there"),
    [
        (WireAlert, PublishedAlert, {"schema_version"}),
        (WireSnapshot, Snapshot, set()),
        (WireEvidence, Evidence, set()),
        (WireReading, Weighed, set()),
        (WireStanding, Standing, set()),
    ],
)
def test_every_name_of_the_schema_is_read(wire, read, only_there):
    assert {*wire.__struct_fields__} - only_there == {*read.__struct_fields__}


def test_what_is_empty_is_left_out():
    """Somebody who reads the fields of before finds them as they were, and nothing beside."""
    said = json.loads(encode_alert(replace(PUBLISHED, standing=Standing()), PUBLISHED.detected_at))

    assert DOCUMENT == said


def test_an_alert_of_the_site_has_no_customer():
    site = replace(PUBLISHED, intent=Intent.OPS, customer_id="", account_id="", customer=None)
    raw = encode_alert(site, site.detected_at)

    assert (site, False) == (decode_alert(raw), "customer_id" in json.loads(raw))


def test_a_lifetime_value_has_no_exponent_on_the_wire():
    standing = Standing(lifetime_value="1E+3", currency="JPY")

    assert "1000" == json.loads(encode_alert(replace(PUBLISHED, standing=standing), None))["standing"]["lifetime_value"]


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


def weighed(**fields):
    return {"reading": "doubt", "confidence": 0.5, "because": []} | fields


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
        (changed(supersedes=None, readings=None, standing=None, preceded_by=None, digest=None, second=None), PUBLISHED),
        (
            changed(preceded_by="https://a.example/help\x1b[2J"),
            replace(PUBLISHED, preceded_by="https://a.example/help[2J"),
        ),
        (changed(digest=True, second=True), replace(PUBLISHED, digest=True, second=True)),
        (
            changed(readings=[{"reading": "doubt", "confidence": 1, "because": ["of_a_later_version"]}]),
            replace(
                PUBLISHED, readings=(Weighed(reading=Reading.DOUBT, confidence=1.0, because=("of_a_later_version",)),)
            ),
        ),
        (changed(standing={"cell": "fan", "onboarding": None}), replace(PUBLISHED, standing=Standing(cell=Cell.FAN))),
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
        (changed(supersedes=""), DeadLetterReason.INVALID, "Expected `str` matching regex"),
        (changed(customer_id=None), DeadLetterReason.INVALID, "customer_id: missing, though the intent is churn"),
        (changed(readings=[weighed(confidence=1.01)]), DeadLetterReason.INVALID, "Expected `float` <= 1"),
        (changed(readings=[weighed(reading="boredom")]), DeadLetterReason.INVALID, "Not an allowed value"),
        (changed(readings=[weighed(because=["a\x1b[2J"])]), DeadLetterReason.INVALID, "readings.because: has control"),
        (changed(standing={"lifetime_value": "NaN"}), DeadLetterReason.INVALID, "Expected `str` matching regex"),
        (
            changed(standing={"lifetime_value": "1E+99999999"}),
            DeadLetterReason.INVALID,
            "Expected `str` matching regex",
        ),
        (changed(standing={"nps": 11}), DeadLetterReason.INVALID, "Expected `int` <= 10 - at `$.standing.nps`"),
        (changed(standing={"cell": "lost"}), DeadLetterReason.INVALID, "Not an allowed value - at `$.standing.cell`"),
        (changed(standing={"currency": "\x1b"}), DeadLetterReason.INVALID, "standing.currency: has control"),
        (
            changed(standing={"contacted_at": "1969-12-31T00:00:00Z"}),
            DeadLetterReason.INVALID,
            "standing.contacted_at: not",
        ),
        (changed(digest="yes"), DeadLetterReason.INVALID, "Expected `bool | null`, got `str`"),
    ],
)
def test_refused(value, reason, detail):
    with pytest.raises(DecodeError) as refused:
        decode_alert(value)
    assert (reason, detail) == (refused.value.reason, refused.value.detail[: len(detail)])


@given(
    st.binary(max_size=64)
    | st.builds(lambda name, odd: changed(**{name: odd}), st.sampled_from(WireAlert.__struct_fields__), ODD)
)
def test_any_bytes_are_an_alert_or_refused(value):
    assert isinstance(read_or_refused(value), PublishedAlert | DecodeError)


def read_or_refused(value):
    try:
        return decode_alert(value)
    except DecodeError as error:
        return error
