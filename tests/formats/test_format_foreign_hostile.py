"""Other people's formats in bad hands: whatever comes is an event within bounds, a dead letter or passed over."""

import json
import time
import traceback

import pytest
from foreign import NOON, URL
from formats_page import columns, examples
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream_app.codec import DecodeError, IgnoredInput, decode, decode_value, to_wire
from stream_app.core.events import CustomerProfile, Interaction, PageView, Purchase, TimePassed
from stream_app.topics import InputTopic

SECRET = "hunter2-s3cr3t"
PAGE = examples()
TITLES = ["CloudEvents, structured mode", "RudderStack", "Snowplow, JSON", "Google Analytics 4", "Marketo activities"]
DOCUMENTS = st.sampled_from([json.loads(PAGE[title].blocks[0]) for title in TITLES])
EVENTS = (PageView, Purchase, CustomerProfile, Interaction, TimePassed)
TOPICS = st.sampled_from(InputTopic)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ODD = JSON | st.sampled_from(
    ["", "\0", "x" * 300, "u" * 9_000, "9" * 400, 10**40, -1, 1e300, SECRET, [SECRET], {SECRET: 1}]
)
NAMES = st.sampled_from(["content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject"])
TEXTS = st.sampled_from([b"1.0", b"application/json", b"application/cloudevents+json", b"c-1", b"\xff", b"", None])
HEADERS = st.lists(st.tuples(NAMES | st.text(max_size=5), TEXTS | st.binary(max_size=10)), max_size=8)


@st.composite
def changed(draw):
    """A sound document of some format with one to three values, anywhere in it, put in another's place or dropped."""
    document = json.loads(json.dumps(draw(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        place = document
        while True:
            key = draw(st.sampled_from([*place] if isinstance(place, dict) else range(len(place))))
            if not (isinstance(place[key], dict | list) and place[key] and draw(st.booleans())):
                break
            place = place[key]
        place[key] = draw(ODD)
    return json.dumps(document).encode()


@st.composite
def lines(draw):
    """A line of Snowplow's columns with anything in some of them."""
    line = columns(event="page_view", event_id="e", page_url=URL, derived_tstamp="2026-06-01 03:00:00").split(b"\t")
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.sampled_from([3, 5, 6, 12, 29, 52, 58, 59, 61, 105, 125, 127]))
        line[place] = draw(
            st.sampled_from([b"unstruct", b"transaction", b"snowplow_ecommerce_action", b"NaN", b"1e9"])
            | changed()
            | st.binary(max_size=9)
        )
    return b"\t".join(line)


VALUES = changed() | lines() | st.binary(max_size=60).map(lambda raw: b"\0\0\0\0\7" + raw)
FRAMES = st.sampled_from([b"", b"\0\0\0\0\7", b"\0"])


@settings(max_examples=200, deadline=None)
@given(topic=TOPICS, value=VALUES | st.none(), frame=FRAMES, headers=HEADERS)
@example(topic=InputTopic.PAGE_VIEWS, value=b"{}", frame=b"", headers=[("ce_specversion", b"1.0"), ("ce_id", None)])
def test_anything(topic, value, frame, headers):
    """Nothing but the two errors gets out, and what is taken can go through Kafka unchanged."""
    try:
        event = decode(topic, b"c-1", value if value is None else frame + value, -1, headers)
    except (DecodeError, IgnoredInput):
        return
    assert isinstance(event, EVENTS)
    if isinstance(event, PageView | Purchase):
        own = InputTopic.PAGE_VIEWS if isinstance(event, PageView) else InputTopic.PURCHASES
        assert event == decode_value(own, to_wire(event), -1)


@settings(max_examples=100, deadline=None)
@given(topic=TOPICS, value=VALUES, headers=HEADERS)
@example(topic=InputTopic.PURCHASES, value=b'{"type":"page","messageId":"m","kind":"%b"}' % SECRET.encode(), headers=[])
def test_nothing_of_the_input_is_in_the_detail(topic, value, headers):
    """Neither in the detail nor in what a log prints of the error and its causes."""
    said = ""
    try:
        decode_value(topic, value, -1, headers)
    except (DecodeError, IgnoredInput) as error:
        said = "".join(traceback.format_exception(error))
    assert SECRET not in said


def bomb(kind, head):
    fields = {"deep": b'"x":' + b"[" * 100_000, "wide": b",".join(b'"%d":0' % n for n in range(20_000))}
    return b"{" + head + b"," + fields[kind] + b"}"


@pytest.mark.parametrize("kind", ["deep", "wide"])
@pytest.mark.parametrize(
    "head",
    [
        b'"specversion":"1.0","id":"1","source":"/s","type":"t","data":{}',
        b'"collector_tstamp":"x"',
        b'"event_timestamp":1,"event_params":[],"event_name":"page_view"',
        b'"activityTypeId":1,"leadId":1',
        b'"type":"page"',
    ],
)
def test_bombs_cost_little(kind, head):
    """Deep or wide, in a place that nobody reads: far less CPU time than anything built of it would take."""
    began = time.process_time()
    with pytest.raises((DecodeError, IgnoredInput)):
        decode_value(InputTopic.PAGE_VIEWS, bomb(kind, head), NOON)
    assert time.process_time() - began < 0.5


def test_data_of_a_cloud_event_may_be_wide():
    """Each of its keys is held once, and no more than a record may hold."""
    fields = {str(number): 0 for number in range(20_000)} | {"url": URL, "customer_id": "c-1"}
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/s",
        "type": "t",
        "time": "2026-06-01T03:00:00Z",
        "data": fields,
    }
    assert URL == decode_value(InputTopic.PAGE_VIEWS, json.dumps(event).encode(), -1).url
