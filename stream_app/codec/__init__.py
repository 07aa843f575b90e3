"""Bytes to events, alerts to bytes: the only place that knows the names on the wire."""

from stream_app.codec.account_views import decode_account_view, encode_account_view
from stream_app.codec.alerts import decode_alert
from stream_app.codec.changes import decode_resolution, encode_resolution, encode_segment_change
from stream_app.codec.inputs import (
    DeadLetterReason,
    DecodeError,
    IgnoredInput,
    IgnoredReason,
    decode,
    decode_value,
)
from stream_app.codec.json_lines import read_json_lines, read_json_values
from stream_app.codec.outputs import (
    alert_evidence,
    alert_fields,
    alert_key,
    encode_alert,
    encode_dead_letter,
    encode_fate,
    to_wire,
)

__all__ = [
    "DeadLetterReason",
    "DecodeError",
    "IgnoredInput",
    "IgnoredReason",
    "alert_evidence",
    "alert_fields",
    "alert_key",
    "decode",
    "decode_account_view",
    "decode_alert",
    "decode_resolution",
    "decode_value",
    "encode_account_view",
    "encode_alert",
    "encode_dead_letter",
    "encode_fate",
    "encode_resolution",
    "encode_segment_change",
    "read_json_lines",
    "read_json_values",
    "to_wire",
]
