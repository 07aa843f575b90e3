"""The input: the simulator's records, as each engine gets them."""

from collections.abc import Iterator
from itertools import islice

import orjson
from aiokafka.partitioner import murmur2
from msgspec import Struct

from stream_app import codec
from stream_app.testing.simulator import simulate
from stream_app.topics import InputTopic

PARTITIONS = 4
CUSTOMERS = 20_000
ALERT_EVERY = 10
SEED = 7


class Record(Struct, frozen=True):
    """A record to produce; `at_ms` is when it happened, which is also its timestamp where producers set it."""

    topic: InputTopic
    partition: int
    key: bytes
    value: bytes
    at_ms: int


def job(events: int, customers: int = CUSTOMERS) -> list[Record]:
    """Return so many records, in the order in which they happened."""
    days = events // (3 * customers) + 2
    traffic = (each for each in simulate(seed=SEED, customers=customers, days=days) if each.customer_id)
    return [record(each.topic, each.customer_id, each.value) for each in islice(traffic, events)]


def record(topic: InputTopic, customer_id: str, value: dict[str, object]) -> Record:
    """Return the record that a producer makes of a value."""
    key, raw = customer_id.encode(), orjson.dumps(value)
    at_ms = codec.decode(topic, key, raw, -1).occurred_at // 1000
    return Record(topic, partition_of(key), key, raw, at_ms)


def partition_of(key: bytes) -> int:
    """Return where Kafka's own clients put a key."""
    return (murmur2(key) & 0x7FFFFFFF) % PARTITIONS


def leaving(number: int, at: str) -> Record:
    """Return a first look at the cancellation page, which raises an alert at once."""
    customer_id = f"leaving-{number}"
    value = {
        "event_id": f"leaving-{number}",
        "customer_id": customer_id,
        "occurred_at": at,
        "url": "https://www.example.com/account/cancel",
    }
    return record(InputTopic.PAGE_VIEWS, customer_id, value)


def with_alerts(records: list[Record]) -> Iterator[Record]:
    """Yield the records with every tenth replaced by one that raises an alert, so that a minute tells a percentile."""
    for number, each in enumerate(records):
        if number % ALERT_EVERY:
            yield each
        else:
            yield leaving(number, orjson.loads(each.value)["occurred_at"])
