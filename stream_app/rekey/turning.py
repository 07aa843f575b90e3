"""A record of a source to what is written of it: the same under the customer's id, a dead letter, or nothing."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from msgspec import Struct

from stream_app.codec import DecodeError, IgnoredInput
from stream_app.codec.inputs import decode_value
from stream_app.core.events import NEVER, Micros
from stream_app.formats.errors import DeadLetterReason
from stream_app.outbox import dead_letter
from stream_app.topics import InputTopic

Headers: TypeAlias = list[tuple[str, bytes]]

MAX_HEADER_BYTES = 65_536
"""Of a record's own headers: with them and the largest value a record still fits into a batch."""

TOPIC, PARTITION, OFFSET, TIMESTAMP = "origin-topic", "origin-partition", "origin-offset", "origin-timestamp"
_OURS = frozenset((TOPIC, PARTITION, OFFSET, TIMESTAMP))


class Outcome(StrEnum):
    """What became of a record of a source."""

    REKEYED = "rekeyed"
    IGNORED = "ignored"  # of nobody, or nothing that anything here is made from
    DEAD_LETTER = "dead_letter"


class Turned(Struct, frozen=True):
    """What is written of a record, and where; `at` is when it happened, before all else where nobody knows."""

    at: Micros
    outcome: Outcome
    place: TopicPartition | None = None
    key: bytes = b""
    value: bytes = b""
    headers: Headers = []


class Turning(Struct, frozen=True, kw_only=True):
    """How the records of one input are turned; the functions say which partition a key has."""

    topic: InputTopic
    target: str
    target_partition: Callable[[str], int]
    dead_letters: str
    dead_partition: Callable[[bytes], int]

    def __call__(self, record: ConsumerRecord) -> Turned:
        """Return what is written of a record."""
        try:
            customer_id, at = self._read(record)
        except DecodeError as error:
            key, letter = dead_letter(record, error)
            place = TopicPartition(self.dead_letters, self.dead_partition(key))
            return Turned(NEVER, Outcome.DEAD_LETTER, place, key, letter)
        except IgnoredInput:
            return Turned(NEVER, Outcome.IGNORED)
        if not customer_id:
            return Turned(NEVER, Outcome.IGNORED)
        place = TopicPartition(self.target, self.target_partition(customer_id))
        return Turned(at, Outcome.REKEYED, place, customer_id.encode(), record.value, with_origin(record))

    def _read(self, record: ConsumerRecord) -> tuple[str, Micros]:
        if record.value is None and self.topic is InputTopic.CUSTOMERS:
            # The key is not known to be a customer's id: what is erased by mistake cannot be brought back.
            raise DecodeError(DeadLetterReason.KEY_MISMATCH, "a tombstone in a rekeyed topic names no customer")
        if record.value is None:
            raise DecodeError(DeadLetterReason.EMPTY, "no value")
        if sum(len(name) + len(value or b"") for name, value in record.headers) > MAX_HEADER_BYTES:
            raise DecodeError(DeadLetterReason.TOO_BIG, f"headers: more than {MAX_HEADER_BYTES} bytes")
        event = decode_value(self.topic, record.value, record.timestamp)
        return event.customer_id, event.occurred_at


def with_origin(record: ConsumerRecord) -> Headers:
    """Return a record's headers and where it is from; what others say of an origin is taken out."""
    return [
        *((name, value) for name, value in record.headers if name not in _OURS),
        (TOPIC, record.topic.encode()),
        (PARTITION, b"%d" % record.partition),
        (OFFSET, b"%d" % record.offset),
        (TIMESTAMP, b"%d" % record.timestamp),
    ]


def origin_of(record: ConsumerRecord) -> tuple[TopicPartition, int] | None:
    """Return the place and the offset that a record is from, None if it does not say."""
    said = {name: value for name, value in record.headers if name in _OURS}
    try:
        return TopicPartition(said[TOPIC].decode(), int(said[PARTITION])), int(said[OFFSET])
    except (KeyError, ValueError, TypeError):
        return None
