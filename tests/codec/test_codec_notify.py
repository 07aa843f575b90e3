"""What notify writes comes back as it was, and is as its schema says."""

import json
from typing import get_args

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from stream_app.codec import encode_fate
from stream_app.codec.notify import (
    decode_delivery,
    decode_fate,
    decode_feedback,
    decode_order,
    delivery_key,
    encode_delivery,
    encode_feedback,
    encode_order,
)
from stream_app.codec.notify_wire import WireDelivery, WireFeedback
from stream_app.codec.schemas import json_schema
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import (
    Acted,
    Again,
    Contacted,
    Escalated,
    Operated,
    Order,
    Overtaken,
    Raised,
    Replaced,
    Replied,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.formats.limits import clean
from tests.codec.notify_documents import (
    DELIVERIES,
    DELIVERY,
    FATES,
    FEEDBACK,
    FEEDBACK_DOCUMENT,
    FEEDBACKS,
    MOMENTS,
    ORDERS,
)
from tests.core.alerts import PUBLISHED

FEEDBACK_SCHEMA = jsonschema_rs.validator_for(json_schema("feedback"), validate_formats=True)
DELIVERY_SCHEMA = jsonschema_rs.validator_for(json_schema("delivery"), validate_formats=True)


@given(order=ORDERS)
def test_an_order_comes_back(order):
    assert order == decode_order(encode_order(order))


@given(order=ORDERS)
def test_orders_are_told_apart_by_their_tag(order):
    assert type(order).__name__.lower() == json.loads(encode_order(order))["type"]


@given(feedback=FEEDBACKS)
def test_feedback_comes_back_and_is_as_its_schema_says(feedback):
    raw = encode_feedback(feedback)
    FEEDBACK_SCHEMA.validate(json.loads(raw))

    assert feedback == decode_feedback(raw)


@given(fate=FATES, detected_at=st.none() | MOMENTS)
def test_a_fate_comes_back(fate, detected_at):
    assert fate == decode_fate(encode_fate(fate, detected_at))


@given(delivery=DELIVERIES)
def test_a_delivery_is_as_its_schema_says_and_nothing_of_it_is_lost(delivery):
    said = json.loads(encode_delivery(delivery))
    DELIVERY_SCHEMA.validate(said)

    target = {"sink": said.pop("sink"), "address": "", **said.pop("target")}
    times = said.pop("at"), said.pop("schema_version")
    expected = {name: value for name, value in asdict(delivery).items() if name not in ("target", "at")}
    assert (expected, asdict(delivery.target)) == ({"customer_id": "", "account_id": "", "detail": ""} | said, target)
    assert (delivery.at, 1) == (decode_feedback(orjson.dumps(FEEDBACK_DOCUMENT | {"at": times[0]})).at, times[1])


@given(delivery=DELIVERIES)
def test_a_delivery_comes_back_but_for_controls_in_its_detail(delivery):
    expected = replace(delivery, detail=clean(delivery.detail, len(delivery.detail)))

    assert expected == decode_delivery(encode_delivery(delivery))


def test_feedback_in_its_words():
    assert FEEDBACK_DOCUMENT == json.loads(encode_feedback(FEEDBACK))


def test_a_delivery_in_its_words():
    expected = {
        "alert_id": PUBLISHED.alert_id,
        "case_id": PUBLISHED.alert_id,
        "route": "high-touch",
        "sink": "slack",
        "target": {"kind": "user", "address": "U1"},
        "fate": "silenced",
        "reason": "mute",
        "at": "2026-06-10T12:00:00.000001Z",
        "intent": "churn",
        "severity": "high",
        "rule_id": "churn.cancellation-page",
        "customer_id": "c-1",
        "account_id": "a-1",
        "detail": "年度末の棚卸し",
        "schema_version": 1,
    }

    assert (expected, b"a-1") == (json.loads(encode_delivery(DELIVERY)), delivery_key(DELIVERY))


def test_what_is_not_known_is_left_out():
    lean = replace(DELIVERY, account_id="", detail="", target=Target(sink=Sink.CONSOLE))

    assert ({"kind": "itself"}, b"c-1") == (json.loads(encode_delivery(lean))["target"], delivery_key(lean))
    assert {"account_id", "detail"} == set(json.loads(encode_delivery(DELIVERY))) - set(
        json.loads(encode_delivery(lean))
    )


def test_texts_of_others_are_made_fit_to_be_written():
    """Half a surrogate pair has no form in UTF-8; a name has no line break and no end."""
    broken = replace(FEEDBACK, by="a\nb\ud800" + "x" * 300, channel="\udc00")

    assert ("a b?" + "x" * 252, "?") == ((said := decode_feedback(encode_feedback(broken))).by, said.channel)
    assert "?" == json.loads(encode_delivery(replace(DELIVERY, detail="\ud800")))["detail"]


@pytest.mark.parametrize(
    ("kind", "wire", "apart"),
    [(Feedback, WireFeedback, {"schema_version"}), (Delivery, WireDelivery, {"schema_version", "sink"})],
)
def test_the_wire_has_the_names_of_the_core(kind, wire, apart):
    assert set(kind.__struct_fields__) == set(wire.__struct_fields__) - apart


def test_every_kind_of_order_is_tried():
    of_cases = {Told, Raised, Again, Overtaken, Replaced, Resolved, Acted, Escalated, Operated}
    assert {*get_args(Order)} == {*of_cases, Contacted, Replied, Solved}
