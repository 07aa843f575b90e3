"""CloudEvents: both of Kafka's modes, what the envelope says and what the data say, and broken ones."""

import base64
import json
from decimal import Decimal

import pytest
from foreign import NOON, URL, as_bytes, detail, read, verdict

from stream_app.codec import DeadLetterReason, DecodeError, IgnoredInput, IgnoredReason, decode
from stream_app.core.events import Interaction, InteractionKind, PageView, Purchase
from stream_app.topics import InputTopic

DATA = {"customer_id": "c-1", "url": URL}
HEADERS = {
    "content-type": b"application/json; charset=utf-8",
    "ce_specversion": b"1.0",
    "ce_id": b"7f3a",
    "ce_source": b"/shop/web",
    "ce_type": b"com.example.page.viewed",
    "ce_time": b"2026-06-01T12:00:00+09:00",
}
EVENT = {
    "specversion": "1.0",
    "id": "7f3a",
    "source": "/shop/web",
    "type": "com.example.page.viewed",
    "time": "2026-06-01T12:00:00+09:00",
    "data": DATA,
}
VIEW = PageView(event_id="/shop/web 7f3a", customer_id="c-1", occurred_at=NOON, url=URL)
STRUCTURED = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)


def headers(**fields):
    said = HEADERS | {name.replace("content_type", "content-type"): value for name, value in fields.items()}
    return [(name, value) for name, value in said.items() if value is not ...]


def test_both_modes_say_the_same():
    assert [VIEW] * 3 == [read(DATA, headers=headers()), read(EVENT), read(EVENT, headers=STRUCTURED)]


@pytest.mark.parametrize(
    ("data", "envelope", "customer_id"),
    [
        ({"url": URL}, {"subject": "c-2"}, "c-2"),
        (DATA, {"subject": "c-2"}, "c-1"),
        ({"url": URL, "customer_id": None}, {"subject": "c-2"}, ""),
        ({"url": URL, "customer_id": ""}, {"subject": "c-2"}, ""),
        ({"url": URL}, {"subject": None}, ""),
        ({"url": URL}, {}, ""),
    ],
)
def test_the_subject_is_the_customer_where_the_data_name_none(data, envelope, customer_id):
    """A key with nothing behind it is an answer too: nobody."""
    assert customer_id == read(EVENT | envelope | {"data": data}).customer_id
    subject = (envelope.get("subject") or "").encode()
    assert customer_id == read(data, headers=headers(ce_subject=subject)).customer_id


def test_the_envelope_says_which_event_and_when():
    """What the data call their id is not used, their time only where the envelope has none."""
    data = DATA | {"event_id": "v-1", "occurred_at": "2026-06-01T00:00:00Z"}
    assert VIEW == read(EVENT | {"data": data})
    assert NOON - 3 * 3_600_000_000 == read(EVENT | {"data": data, "time": None}).occurred_at


def test_source_and_id_together_are_the_id():
    """Too long to be told they are made into one; it differs where they are parted elsewhere."""
    source, others = "/" + "s" * 250, [EVENT | {"source": "/s"}, EVENT | {"id": "8"}]
    long = [EVENT | {"source": source, "id": "12345678"}, EVENT | {"source": source + "1", "id": "2345678"}]
    ids = [read(one).event_id for one in [EVENT, *others, *long]]
    assert 5 == len(set(ids))
    assert [32, 32] == [len(one) for one in ids[3:]]


def test_any_topic_comes_in_an_envelope():
    """The topic says what the data are; a profile has its own time."""
    bought = read(EVENT | {"data": {"customer_id": "c-1", "amount": 29800, "currency": "JPY"}}, topic="purchases")
    asked = read(EVENT | {"data": {"customer_id": "c-1", "kind": "inquiry"}}, topic=InputTopic.INTERACTIONS)
    known = read(EVENT | {"data": {"customer_id": "c-1", "name": "N"}}, topic=InputTopic.CUSTOMERS)
    assert (Purchase, Decimal(29800)) == (type(bought), bought.amount)
    assert (Interaction, InteractionKind.INQUIRY) == (type(asked), asked.kind)
    assert (NOON, "N") == (known.profile.occurred_at, known.profile.name)


def test_data_may_be_packed():
    """As base64 in the value, or in a registry's frame behind headers."""
    packed = EVENT | {"data_base64": base64.b64encode(json.dumps(DATA).encode()).decode()}
    assert VIEW == read({key: value for key, value in packed.items() if key != "data"})
    assert VIEW == read(b"\0\0\0\0\7" + as_bytes(DATA), headers=headers())


def test_header_names_in_any_case():
    assert VIEW == read(DATA, headers=[(name.upper(), value) for name, value in HEADERS.items()])


@pytest.mark.parametrize("others", [(), (("trace", b"1"),), (("ce_id", b"1"), ("traceparent", None))])
def test_other_headers_mean_nothing(others):
    own = {"event_id": "v-1", "occurred_at": "2026-06-01T03:00:00Z"} | DATA
    assert "v-1" == read(own, headers=others).event_id


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ce_specversion": b"0.3"}, DeadLetterReason.UNSUPPORTED_VERSION),
        ({"ce_specversion": b""}, DeadLetterReason.UNSUPPORTED_VERSION),
        ({"ce_specversion": None}, DeadLetterReason.UNSUPPORTED_VERSION),
        ({"ce_id": ...}, DeadLetterReason.INVALID),
        ({"ce_source": b""}, DeadLetterReason.INVALID),
        ({"ce_type": ...}, DeadLetterReason.INVALID),
        ({"ce_id": b"\xff"}, DeadLetterReason.INVALID),
        ({"ce_id": b"a\0b"}, DeadLetterReason.INVALID),
        ({"ce_time": b"yesterday"}, DeadLetterReason.INVALID),
        ({"ce_time": b"2026-06-01T12:00:00"}, DeadLetterReason.INVALID),
        ({"ce_time": ...}, DeadLetterReason.INVALID),
        ({"content_type": b"application/avro"}, DeadLetterReason.UNKNOWN_FORMAT),
        ({"content_type": b"application/cloudevents+avro"}, DeadLetterReason.UNKNOWN_FORMAT),
        ({"content_type": b"application/cloudevents-batch+json"}, DeadLetterReason.UNKNOWN_FORMAT),
    ],
    ids=repr,
)
def test_broken_headers(fields, reason):
    assert reason == verdict(DATA, headers=headers(**fields))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"specversion": "2.0"}, DeadLetterReason.UNSUPPORTED_VERSION),
        ({"specversion": 1.0}, DeadLetterReason.INVALID),
        ({"id": ""}, DeadLetterReason.INVALID),
        ({"source": None}, DeadLetterReason.INVALID),
        ({"type": ""}, DeadLetterReason.INVALID),
        ({"datacontenttype": "text/xml"}, DeadLetterReason.UNKNOWN_FORMAT),
        ({"data": "text"}, DeadLetterReason.INVALID),
        ({"data": [DATA]}, DeadLetterReason.INVALID),
        ({"data": {"url": 5}}, DeadLetterReason.INVALID),
        ({"data": {}}, DeadLetterReason.INVALID),
        ({"data": DATA | {"schema_version": 2}}, DeadLetterReason.UNSUPPORTED_VERSION),
        ({"data": {"url": URL}, "subject": "x" * 257}, DeadLetterReason.INVALID),
        ({"data_base64": "?"}, DeadLetterReason.INVALID),
        ({"data_base64": ""}, DeadLetterReason.NOT_JSON),
        ({"time": None}, DeadLetterReason.INVALID),
        ({"data": None}, IgnoredReason.NOT_RELEVANT),
        ({"data": DATA | {"url": "x" * 9_000}}, DeadLetterReason.INVALID),
    ],
    ids=repr,
)
def test_broken_values(fields, reason):
    assert reason == verdict(EVENT | fields)


def test_a_batch_is_not_an_event():
    assert DeadLetterReason.UNKNOWN_FORMAT == verdict([EVENT])


def test_what_is_wrong_is_named_and_not_quoted():
    assert "ce_source: missing" == detail(DATA, headers=headers(ce_source=b""))
    assert "Expected `str`, got `int` - at `$.url`" == detail(EVENT | {"data": {"url": 5}})


def test_an_event_without_data():
    """Sound, and nothing here is made of it; on `customers` Kafka takes it for a deletion, and so do we."""
    with pytest.raises(IgnoredInput):
        decode(InputTopic.PAGE_VIEWS, b"c-1", None, -1, headers())
    with pytest.raises(DecodeError):
        decode(InputTopic.PAGE_VIEWS, b"c-1", None, -1, [("trace", b"1")])
    assert decode(InputTopic.CUSTOMERS, b"c-1", None, -1, headers()).profile is None


def test_ahead_of_its_record():
    assert DeadLetterReason.FUTURE == verdict(EVENT, timestamp_ms=NOON // 1000 - 301_000)
