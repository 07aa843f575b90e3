"""Whatever stands on the topics that notify reads is read or refused, with a reason and without being quoted."""

import json
import re
import traceback
from contextlib import suppress

import jsonschema_rs
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from stream_app.codec import DeadLetterReason, DecodeError, decode_account_view, decode_alert, decode_resolution
from stream_app.codec.notify import (
    decode_delivery,
    decode_fate,
    decode_feedback,
    decode_order,
    encode_feedback,
    encode_order,
)
from stream_app.codec.schemas import json_schema
from stream_app.core.alerts import Standing
from stream_app.core.notify.orders import Escalated, Raised, Told
from stream_app.core.notify.together import Look, Together
from stream_app.core.pages import PageCategory
from stream_app.core.routes import Sink
from stream_app.core.routing import Routing, Target, Why
from tests.codec.codec_documents import ODD, TEXTS
from tests.codec.notify_documents import ACTED, FAR_OFF, FEEDBACK, FEEDBACK_DOCUMENT
from tests.core.alerts import PUBLISHED

SECRET = "hunter2-s3cr3t"
ROUTING = Routing(route="r", target=Target(sink=Sink.SLACK), why=(Why.MATCHED,))
FEEDBACK_SCHEMA = jsonschema_rs.validator_for(json_schema("feedback"), validate_formats=True)
READERS = [
    decode_order,
    decode_delivery,
    decode_feedback,
    decode_fate,
    decode_alert,
    decode_resolution,
    decode_account_view,
]
SOUND = [encode_order(ACTED), encode_feedback(FEEDBACK)]
REFUSED = [
    (None, DeadLetterReason.EMPTY),
    (b"", DeadLetterReason.EMPTY),
    (b"{", DeadLetterReason.NOT_JSON),
    (b"\xff", DeadLetterReason.NOT_JSON),
    (b'{"x":' + b"[" * 5000, DeadLetterReason.NOT_JSON),
    (b"[]", DeadLetterReason.UNKNOWN_FORMAT),
    (b"null", DeadLetterReason.UNKNOWN_FORMAT),
    (b"{}", DeadLetterReason.INVALID),
    (b'{"schema_version": 2}', DeadLetterReason.UNSUPPORTED_VERSION),
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("value", "reason"), REFUSED)
def test_what_is_refused_has_its_reason(read, value, reason):
    with pytest.raises(DecodeError) as caught:
        read(value)

    assert reason is caught.value.reason


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        ({"type": SECRET}, "Not an allowed value - at `$.type`"),
        ({"type": "acted", "action": SECRET}, "Not an allowed value - at `$.action`"),
        ({"type": "acted", "case_id": "a\0b"}, "case_id: has control characters"),
        ({"type": "acted", "case_id": "x" * 257}, "case_id: longer than 256 characters"),
        ({"type": "acted", "at": -1}, "a time: not in the years 1970 to 9998"),
        ({"type": "acted", "at": FAR_OFF + 1}, "a time: not in the years 1970 to 9998"),
        ({"type": "acted", "at": 10**40}, "a time: not in the years 1970 to 9998"),
        ({"type": "acted", "at": 1.5}, "Expected `int`, got `float` - at `$.at`"),
        ({"type": "contacted", "customer_id": "c", "at": FAR_OFF + 1}, "a time: not in the years 1970 to 9998"),
    ],
)
def test_an_order_that_would_break_a_desk_is_refused(document, detail):
    with pytest.raises(DecodeError) as caught:
        decode_order(json.dumps(asdict(ACTED) | document).encode())

    assert (DeadLetterReason.INVALID, detail) == (caught.value.reason, caught.value.detail)


@pytest.mark.parametrize("moment", ["occurred_at", "detected_at", "evidence", "standing"])
def test_every_time_of_an_order_s_alert_is_looked_at(moment):
    (view,) = PUBLISHED.evidence
    values = {
        "evidence": (replace(view, occurred_at=FAR_OFF + 1),),
        "standing": Standing(contacted_at=FAR_OFF + 1),
    }
    alert = replace(PUBLISHED, **{moment: values.get(moment, FAR_OFF + 1)})

    with pytest.raises(DecodeError, match="a time: not in the years"):
        decode_order(encode_order(Told(case_id="c", alert=alert, routing=ROUTING)))


@pytest.mark.parametrize("order", [Raised, Told, Escalated])
def test_every_time_of_an_order_s_looks_is_looked_at(order):
    look = Look(occurred_at=FAR_OFF + 1, customer_id="c", event_id="e", category=PageCategory.PRICING)
    fields = {"alert": PUBLISHED, "routing": ROUTING, "of": "x"}
    needed = {name: value for name, value in fields.items() if name in order.__struct_fields__}

    with pytest.raises(DecodeError, match="a time: not in the years"):
        decode_order(encode_order(order(case_id="c", together=Together(alert_ids=("a",), looks=(look,)), **needed)))


@pytest.mark.parametrize("value", ["NaN", "x", "1e9", "1\n", "９"])
def test_a_lifetime_value_that_is_no_number_is_refused(value):
    """Messages are put in order by it."""
    alert = replace(PUBLISHED, standing=Standing(lifetime_value=value))

    with pytest.raises(DecodeError, match=r"standing.lifetime_value: not a plain decimal number"):
        decode_order(encode_order(Told(case_id="c", alert=alert, routing=ROUTING)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(read=st.sampled_from(READERS), value=st.binary(max_size=200) | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(read, value):
    with suppress(DecodeError):
        read(value)


def refusal(read, value):
    """Return all that a log might print of why this is refused, empty if it is read."""
    try:
        read(value)
    except DecodeError:
        return traceback.format_exc()
    return ""


@settings(max_examples=300, deadline=None)
@given(data=st.data(), read=st.sampled_from(READERS), sound=st.sampled_from(SOUND))
def test_a_changed_field_is_read_or_refused_and_never_quoted(data, read, sound):
    document = json.loads(sound)
    odd = ODD | st.just(SECRET) | st.just([SECRET]) | st.just({SECRET: SECRET})
    document |= data.draw(st.dictionaries(st.sampled_from(sorted(document)), odd, min_size=1, max_size=2))
    assert SECRET not in refusal(read, json.dumps(document).encode())


def beyond_schema(document):
    """What only one of the two refuses: the schema other offsets than Z, the decoder years and 1.0 for 1."""
    at = str(document.get("at"))
    offset = re.search(r"[+-]\d{2}:?\d{2}$|^.{10}[ t]|z$", at)
    return offset is not None or at in ODD_TIMES or isinstance(document.get("schema_version"), float)


ODD_TIMES = ["1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9998-12-31T23:59:59.9999999Z"]


@settings(max_examples=300, deadline=None)
@example(document=FEEDBACK_DOCUMENT | {"alert_ids": ["0" * 32] * 1001})
@example(document=FEEDBACK_DOCUMENT | {"rule_id": None, "channel": None})
@example(document={name: value for name, value in FEEDBACK_DOCUMENT.items() if name != "by"})
@given(
    document=st.builds(
        dict.__or__,
        st.just(FEEDBACK_DOCUMENT),
        st.dictionaries(st.sampled_from([*FEEDBACK_DOCUMENT, "unknown"]), ODD | TEXTS, max_size=2),
    )
)
def test_schema_and_decoder_agree_what_feedback_is(document):
    assume(not beyond_schema(document))

    assert FEEDBACK_SCHEMA.is_valid(document) == (refusal(decode_feedback, json.dumps(document).encode()) == "")
