"""What the tests of other people's formats ask: the event, the refusal or the reason to pass over."""

import json

import pytest

from stream_app.codec import DecodeError, IgnoredInput, decode_value
from stream_app.topics import InputTopic

NOON = 1_780_282_800_000_000  # 2026-06-01T03:00:00Z
URL = "https://www.example.com/pricing"


def as_bytes(document):
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def read(document, *, topic=InputTopic.PAGE_VIEWS, headers=(), timestamp_ms=-1):
    return decode_value(topic, as_bytes(document), timestamp_ms, headers)


def verdict(document, **how):
    """Return why it is a dead letter or passed over."""
    with pytest.raises((DecodeError, IgnoredInput)) as caught:
        read(document, **how)
    return caught.value.reason


def detail(document, **how):
    with pytest.raises(DecodeError) as caught:
        read(document, **how)
    return caught.value.detail
