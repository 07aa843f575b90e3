"""A schema registry's frame: taken off before JSON of any format, refused with a reason around anything else."""

import pytest
from foreign import NOON, URL, as_bytes, detail, read, verdict

from stream_app.codec import DeadLetterReason

HEAD = b"\0\0\0\x01\x2a"
OWN = {"event_id": "v-1", "customer_id": "c-1", "occurred_at": "2026-06-01T03:00:00Z", "url": URL}
SEGMENT = {
    "type": "page",
    "messageId": "m-1",
    "userId": "c-1",
    "timestamp": "2026-06-01T03:00:00Z",
    "properties": {"url": URL},
}
CLOUD = {
    "specversion": "1.0",
    "id": "1",
    "source": "/s",
    "type": "t",
    "time": "2026-06-01T03:00:00Z",
    "data": {"customer_id": "c-1", "url": URL},
}


@pytest.mark.parametrize(("document", "event_id"), [(OWN, "v-1"), (SEGMENT, "m-1"), (CLOUD, "/s 1")])
@pytest.mark.parametrize("space", [b"", b" \n"])
def test_json_of_any_format(document, event_id, space):
    event = read(HEAD + space + as_bytes(document))
    assert (event_id, "c-1", NOON, URL) == (event.event_id, event.customer_id, event.occurred_at, event.url)


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x06v-1\x06c-1", b"\0\x0a\x03v-1", b"[]", b"null", b'"text"', HEAD + as_bytes(OWN)],
    ids=["nothing", "Avro", "Protobuf", "a list", "null", "a text", "a frame in a frame"],
)
def test_all_else_is_refused(payload):
    assert DeadLetterReason.UNKNOWN_FORMAT == verdict(HEAD + payload)


@pytest.mark.parametrize("value", [b"\0", b"\0\0\0\0", HEAD])
def test_half_a_frame(value):
    assert DeadLetterReason.UNKNOWN_FORMAT == verdict(value)


def test_why():
    expected = "a schema registry's frame without a JSON object in it; Avro and Protobuf are not read"
    assert expected == detail(HEAD + b"\x06v-1")


def test_damaged_json_is_that():
    assert DeadLetterReason.NOT_JSON == verdict(HEAD + b'{"event_id"')
