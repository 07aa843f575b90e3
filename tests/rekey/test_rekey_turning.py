"""What is written of a record of a source, and where."""

import json

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder

from stream_app.core.events import NEVER
from stream_app.formats.limits import MAX_VALUE_BYTES
from stream_app.outbox import LARGEST_BATCH
from stream_app.partitioners import Partitioner, partition_of, partition_of_customer
from stream_app.rekey.turning import MAX_HEADER_BYTES, Outcome, Turning, origin_of
from stream_app.topics import InputTopic

NOW_MS = 1_767_225_600_000
OTHERS = [("ce_id", b"1")]
ORIGIN = [
    ("origin-topic", b"raw"),
    ("origin-partition", b"2"),
    ("origin-offset", b"41"),
    ("origin-timestamp", b"%d" % NOW_MS),
]


def record(value, key=None, headers=()):
    """Return a record as a source has it."""
    return ConsumerRecord("raw", 2, 41, NOW_MS, 1, key, value, None, 0, 0, tuple(headers))


def turned(topic, value, key=None, headers=()):
    """Return what is written of it."""
    turning = Turning(
        topic=topic,
        target="by-customer",
        target_partition=partition_of_customer(4),
        dead_letters="dead-letters",
        dead_partition=lambda key: 0,
    )
    return turning(record(value, key, headers))


def view(customer):
    return json.dumps(
        {
            "event_id": "v1",
            "customer_id": customer,
            "occurred_at": "2025-12-31T23:59:00Z",
            "url": "https://example.com/",
        }
    ).encode()


@pytest.mark.parametrize("key", [None, b"", b"session-7", b"c-1"])
def test_an_event_goes_to_its_customer_whatever_its_key_was(key):
    """The value is as it was, so are headers, and the origin stands beside them."""
    found = turned(InputTopic.PAGE_VIEWS, view("c-1"), key, OTHERS)
    place = TopicPartition("by-customer", partition_of(b"c-1", 4, Partitioner.MURMUR2))

    assert (Outcome.REKEYED, place, b"c-1", view("c-1")) == (found.outcome, found.place, found.key, found.value)
    assert [*OTHERS, *ORIGIN] == found.headers


def test_an_origin_that_others_claim_is_taken_out():
    """What was read on a way through another cluster says nothing of this one."""
    found = turned(InputTopic.PAGE_VIEWS, view("c-1"), headers=[("origin-offset", b"7"), *OTHERS])

    assert [*OTHERS, *ORIGIN] == found.headers
    assert (TopicPartition("raw", 2), 41) == origin_of(record(b"", headers=found.headers))


@pytest.mark.parametrize("value", [view(""), b'{"type": "identify", "messageId": "m1"}'])
def test_what_concerns_no_customer_is_left_out(value):
    found = turned(InputTopic.PAGE_VIEWS, value)

    assert (Outcome.IGNORED, None, NEVER) == (found.outcome, found.place, found.at)


@pytest.mark.parametrize(
    ("topic", "value", "headers", "reason"),
    [
        (InputTopic.PAGE_VIEWS, b"{", (), "not_json"),
        (InputTopic.PAGE_VIEWS, None, (), "empty"),
        (InputTopic.CUSTOMERS, None, (), "key_mismatch"),
        (InputTopic.PAGE_VIEWS, view("c-1").replace(b"2025", b"2027"), (), "future"),
        (InputTopic.PAGE_VIEWS, view("c-1"), [("x", b"x" * MAX_HEADER_BYTES)], "too_big"),
    ],
)
def test_what_cannot_be_used_is_a_dead_letter_of_where_it_was(topic, value, headers, reason):
    """A tombstone, too: its key is no customer's id, and what is erased by mistake is gone."""
    found = turned(topic, value, b"c-1", headers)
    letter = json.loads(found.value)

    assert (Outcome.DEAD_LETTER, TopicPartition("dead-letters", 0)) == (found.outcome, found.place)
    assert ("raw", 2, 41, reason) == tuple(letter[name] for name in ("topic", "partition", "offset", "reason"))


@pytest.mark.parametrize("headers", [(), ORIGIN[:2], [*ORIGIN[:2], ("origin-offset", b"x")]])
def test_who_does_not_say_where_it_is_from_is_from_nowhere(headers):
    assert origin_of(record(b"", headers=headers)) is None


def test_the_largest_value_fits_with_the_largest_headers():
    """Else a record that is written could be refused by the internal topic, again and again."""
    batch = BatchBuilder(LARGEST_BATCH, 0, is_transactional=1)
    headers = [("x", b"x" * (MAX_HEADER_BYTES - 1)), *ORIGIN]
    assert batch.append(timestamp=None, key=b"k" * 1_024, value=b"v" * MAX_VALUE_BYTES, headers=headers) is not None
