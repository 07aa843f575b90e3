"""The end of an alert and a move between cells, as others read them."""

import json

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from stream_app.codec import (
    DecodeError,
    alert_key,
    decode_resolution,
    encode_resolution,
    encode_segment_change,
)
from stream_app.codec.alert_wire import WireResolution, WireSegmentChange
from stream_app.codec.schemas import json_schema
from stream_app.core.alerts import Cell, Intent, Resolution, ResolvedReason, SegmentChange
from tests.codec.codec_documents import IDS, ODD
from tests.codec.notify_documents import MATCH_IDS, MOMENTS, NAMES, NOON, WORTHS

RESOLUTIONS = st.builds(
    Resolution,
    alert_id=MATCH_IDS,
    intent=st.sampled_from(Intent),
    rule_id=IDS,
    customer_id=IDS,
    account_id=NAMES,
    event_id=NAMES,
    occurred_at=MOMENTS,
    reason=st.sampled_from(ResolvedReason),
)
CELLS = st.none() | st.sampled_from(Cell)
CHANGES = st.builds(
    SegmentChange,
    customer_id=IDS,
    account_id=NAMES,
    event_id=NAMES,
    occurred_at=MOMENTS,
    before=CELLS,
    after=CELLS,
    lifetime_value=WORTHS,
    currency=st.sampled_from(["", "JPY"]),
    nps=st.none() | st.integers(0, 10),
)
RESOLUTION = Resolution(
    alert_id="0123456789abcdef" * 2,
    intent=Intent.BUDGET,
    rule_id="budget.review",
    customer_id="c-1",
    account_id="a-1",
    event_id="p-1",
    occurred_at=NOON,
    reason=ResolvedReason.RENEWAL,
)
DOCUMENT = {
    "alert_id": "0123456789abcdef" * 2,
    "intent": "budget",
    "rule_id": "budget.review",
    "customer_id": "c-1",
    "account_id": "a-1",
    "event_id": "p-1",
    "occurred_at": "2026-06-10T12:00:00Z",
    "detected_at": "2026-06-10T12:00:01Z",
    "reason": "renewal",
    "schema_version": 1,
}
CHANGE = SegmentChange(
    customer_id="c-1",
    account_id="",
    event_id="",
    occurred_at=NOON,
    before=Cell.ORDINARY,
    after=None,
    lifetime_value="1.48E+4",
    currency="JPY",
    nps=0,
)
SCHEMAS = {
    message: jsonschema_rs.validator_for(json_schema(message), validate_formats=True)
    for message in ("resolution", "segment-change")
}


def changed(**fields):
    return json.dumps(DOCUMENT | fields).encode()


@given(resolution=RESOLUTIONS, detected_at=st.none() | MOMENTS)
def test_a_resolution_comes_back_and_is_as_its_schema_says(resolution, detected_at):
    raw = encode_resolution(resolution, detected_at)
    SCHEMAS["resolution"].validate(json.loads(raw))

    assert resolution == decode_resolution(raw)


def test_a_resolution_in_its_words():
    assert DOCUMENT == json.loads(encode_resolution(RESOLUTION, NOON + 1_000_000))
    assert b"a-1" == alert_key(RESOLUTION)


@given(change=CHANGES, detected_at=st.none() | MOMENTS)
def test_a_move_is_as_its_schema_says_and_nothing_of_it_is_lost(change, detected_at):
    said = json.loads(encode_segment_change(change, detected_at))
    SCHEMAS["segment-change"].validate(said)

    assert detected_at is None or "detected_at" in said
    expected = {name: value for name, value in asdict(change).items() if value not in ("", None)}
    assert expected | {"occurred_at": said["occurred_at"], "schema_version": 1} == {
        name: value for name, value in said.items() if name != "detected_at"
    }


def test_a_move_in_its_words():
    """A cell that is not known is not there; an answer of 0 is."""
    expected = {
        "customer_id": "c-1",
        "occurred_at": "2026-06-10T12:00:00Z",
        "before": "ordinary",
        "lifetime_value": "14800",
        "currency": "JPY",
        "nps": 0,
        "schema_version": 1,
    }

    assert expected == json.loads(encode_segment_change(CHANGE, None))


@pytest.mark.parametrize(("wire", "kind"), [(WireResolution, Resolution), (WireSegmentChange, SegmentChange)])
def test_the_wire_has_the_names_of_the_core(wire, kind):
    assert {*wire.__struct_fields__} - {"detected_at", "schema_version"} == {*kind.__struct_fields__}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (changed(of_a_later_version=1), RESOLUTION),
        (changed(account_id=None, event_id=None), replace(RESOLUTION, account_id="", event_id="")),
        (changed(intent="ops", customer_id=None), replace(RESOLUTION, intent=Intent.OPS, customer_id="")),
    ],
)
def test_read(value, expected):
    assert expected == decode_resolution(value)


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"alert_id": "x"}, "Expected `str` matching regex"),
        ({"reason": "geheim"}, "Not an allowed value - at `$.reason`"),
        ({"customer_id": None}, "customer_id: missing, though the intent is budget"),
        ({"customer_id": "a\x1b"}, "customer_id: has control characters"),
        ({"rule_id": "x" * 257}, "rule_id: longer than 256 characters"),
        ({"occurred_at": "1969-12-31T00:00:00Z"}, "occurred_at: not in the years"),
        ({"schema_version": 2}, "schema_version: only 1 is known"),
    ],
)
def test_refused(fields, detail):
    with pytest.raises(DecodeError) as refused:
        decode_resolution(changed(**fields))

    assert detail == refused.value.detail[: len(detail)]


@given(st.binary(max_size=64) | st.builds(lambda name, odd: changed(**{name: odd}), st.sampled_from([*DOCUMENT]), ODD))
def test_any_bytes_are_a_resolution_or_refused(value):
    assert isinstance(read_or_refused(value), Resolution | DecodeError)


def read_or_refused(value):
    try:
        return decode_resolution(value)
    except DecodeError as error:
        return error
