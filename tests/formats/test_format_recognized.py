"""Whose a message is that has marks of several formats: ours with our id, else by the order that the page tells."""

import pytest
from foreign import NOON, URL, detail, read, verdict

from stream_app.codec import DeadLetterReason

AT = "2026-06-01T03:00:00Z"
SEGMENT = {"type": "page", "messageId": "segment", "timestamp": AT, "properties": {"url": URL}}
CLOUD = {"specversion": "1.0", "id": "1", "source": "/cloud", "type": "t", "time": AT, "data": {"url": URL}}
SNOWPLOW = {"collector_tstamp": AT, "event": "page_view", "page_url": URL}
GA4 = {
    "event_name": "page_view",
    "event_timestamp": NOON,
    "event_params": [{"key": "page_location", "value": {"string_value": URL}}],
}
MARKETO = {"activityTypeId": 1, "leadId": 5, "activityDate": AT, "marketoGUID": "marketo", "primaryAttributeValue": "/"}


@pytest.mark.parametrize("marks", [SEGMENT, CLOUD, GA4, MARKETO], ids=["Segment", "CloudEvents", "GA4", "Marketo"])
def test_a_message_with_our_id_is_ours(marks):
    """Sound or broken, so that what is wrong is told in our own names."""
    ours = marks | {"event_id": "v-1", "occurred_at": AT, "url": URL}
    assert ("v-1", NOON, URL) == (read(ours).event_id, read(ours).occurred_at, read(ours).url)
    assert "Expected `str`, got `int` - at `$.url`" == detail(ours | {"url": 5})


@pytest.mark.parametrize(
    ("marks", "event_id"),
    [
        (GA4 | MARKETO | SEGMENT | CLOUD | {"type": "page"}, "/cloud 1"),
        (GA4 | MARKETO | SEGMENT | SNOWPLOW | {"event_id": "snowplow"}, "snowplow"),
        (GA4 | MARKETO | SEGMENT, "segment"),
        (GA4 | MARKETO, read(GA4).event_id),
        (MARKETO, "marketo"),
    ],
    ids=["CloudEvents", "Snowplow", "Segment", "GA4", "Marketo"],
)
def test_the_first_that_fits(marks, event_id):
    assert event_id == read(marks).event_id


@pytest.mark.parametrize(
    "marks",
    [{}, {"type": "other"}, {"event_params": []}, {"event_timestamp": 1}, {"activityTypeId": 1}, {"leadId": 1}],
    ids=repr,
)
def test_half_the_marks_are_none(marks):
    assert DeadLetterReason.UNKNOWN_FORMAT == verdict(marks)
