"""Whatever bytes arrive, they end as an event, a dead letter or ignored, and no secret leaves by the error."""

import json
import traceback
from contextlib import suppress

from codec_documents import as_bytes, changed, sound
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream_app.codec import DecodeError, IgnoredInput, decode, decode_value
from stream_app.core.events import CustomerProfile, Interaction, PageView, Purchase
from stream_app.formats.segment import TYPES
from stream_app.topics import InputTopic

EVENTS = (PageView, Purchase, CustomerProfile, Interaction)
TOPICS = st.sampled_from(InputTopic)
NO_TIME = -1
SECRET = "hunter2-s3cr3t"
BYTES = st.binary(max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SEGMENT = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(TYPES))},
    optional={
        "event": st.sampled_from(["Order Completed", "Order Refunded", "Signed In"]) | JSON,
        "messageId": st.text(max_size=5) | JSON,
        "userId": st.text(max_size=5) | JSON,
        "timestamp": st.sampled_from(["2024-05-06T07:08:09Z"]) | JSON,
        "context": st.fixed_dictionaries({}, optional={"page": JSON, "groupId": JSON, "campaign": JSON}) | JSON,
        "properties": st.fixed_dictionaries({}, optional={"url": JSON, "revenue": JSON, "products": JSON}) | JSON,
    },
)


def refusal(topic, value):
    """What a log would print of the error, if there is one."""
    try:
        decode_value(topic, value, NO_TIME)
    except (DecodeError, IgnoredInput) as error:
        return "".join(traceback.format_exception(error))
    return ""


@st.composite
def damaged(draw):
    """The bytes of a sound message with some of them changed, dropped or repeated."""
    raw = bytearray(as_bytes(draw(sound(draw(TOPICS)) | SEGMENT), draw(st.booleans())))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        raw[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(raw)


@settings(max_examples=200, deadline=None)
@given(topic=TOPICS, key=st.none() | BYTES, value=st.none() | BYTES | damaged() | SEGMENT.map(as_bytes))
@example(topic=InputTopic.PURCHASES, key=None, value=b'{"amount":1e999999999999999999999}')
@example(topic=InputTopic.PURCHASES, key=None, value=b'{"amount":1e-999999999999999999999}')
@example(topic=InputTopic.PURCHASES, key=None, value=b'{"amount":' + b"9" * 5000 + b"}")
@example(topic=InputTopic.PURCHASES, key=None, value=b'{"amount":1.' + b"9" * 5000 + b"}")
@example(topic=InputTopic.PURCHASES, key=None, value=b'{"amount":{"a":' * 50_000)
@example(topic=InputTopic.CUSTOMERS, key=None, value=b'{"timezone":"' + b"../" * 50_000 + b'"}')
def test_any_bytes(topic, key, value):
    """Nothing but the two errors gets out of `decode`."""
    with suppress(DecodeError, IgnoredInput):
        assert isinstance(decode(topic, key, value, 0), EVENTS)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), topic=TOPICS)
def test_nothing_of_the_input_is_in_the_detail(data, topic):
    """A password in any field is neither in the detail nor in what a log prints of the error and its causes."""
    document = data.draw(changed(topic) | sound(topic) | SEGMENT)
    name = data.draw(st.sampled_from([*document, "kind", "tier", "currency", "amount", "schema_version", "event_id"]))
    document[name] = data.draw(st.sampled_from([SECRET, {SECRET: SECRET}, [SECRET], f"x - at `$.{SECRET}`"]))
    assert SECRET not in refusal(topic, as_bytes(document))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), topic=TOPICS)
def test_spelling_does_not_matter(data, topic):
    """Escaped or not, the same document is the same event: the short way for views and the careful one agree."""
    document = data.draw(sound(topic))
    plain = decode_value(topic, as_bytes(document), NO_TIME)
    assert plain == decode_value(topic, as_bytes(document, ascii_only=True), NO_TIME)
    assert plain == decode_value(topic, as_bytes(document | {"unknown": "\\"}), NO_TIME)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), controls=st.text(st.characters(categories=["Cc"]), min_size=1, max_size=3))
def test_no_control_character_gets_into_a_view(data, controls):
    """Wherever one stands, written as it is or escaped, the view is refused or free of it."""
    document = data.draw(sound(InputTopic.PAGE_VIEWS))
    document[data.draw(st.sampled_from(["event_id", "customer_id", "account_id", "url", "title", "user_agent"]))] = (
        f"a{controls}b"
    )
    raw = json.dumps(document, ensure_ascii=data.draw(st.booleans())).encode()
    try:
        view = decode_value(InputTopic.PAGE_VIEWS, raw, NO_TIME)
    except DecodeError:
        return
    texts = (view.event_id, view.customer_id, view.account_id, view.url, view.title, view.user_agent)
    assert not set(controls) & set("".join(texts))
