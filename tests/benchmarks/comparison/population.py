"""A changelog as an engine may find it when it starts: customers with the states of a simulated month."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import islice

import msgspec
import orjson
from aiokafka import AIOKafkaProducer

from comparison.ground import Ground, batches
from comparison.job import PARTITIONS, partition_of, record
from comparison.truth import judged, partitions
from stream_app.codec.state import NOTHING_APPLIED, encode_state
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import CustomerState
from stream_app.core.timeline import States
from stream_app.testing.simulator import START, simulate
from stream_app.workers.terms import headers_of, next_term

DAYS = 30
AT_ONCE = 20_000  # rows made before they are sent: two million customers are not held in memory

Row = tuple[bytes, bytes, None]


@cache
def month() -> list[CustomerState]:
    """Return the states of the simulator's customers, 300 of them, after the month before the job begins."""
    traffic = simulate(days=DAYS, start=START - timedelta(days=DAYS))
    records = [record(each.topic, each.customer_id, each.value) for each in traffic if each.customer_id]
    found = []
    for lanes in partitions(records):
        customers = States()
        for _ in judged(lanes, RuleSet(), customers):
            pass
        found += customers.states.values()
    return found


def state_of(number: int) -> CustomerState:
    """Return what is known of a customer."""
    states = month()
    return states[number % len(states)]


@cache
def _ours(number: int) -> bytes:
    return encode_state(NOTHING_APPLIED, month()[number])


@cache
def _textbook(number: int) -> bytes:
    return orjson.dumps(msgspec.to_builtins(month()[number]))


def rows(customers: int, records: int, *, textbook: bool) -> Iterator[tuple[int, Row]]:
    """Yield so many changelog records with their partitions, all customers taking turns."""
    states = len(month())
    for number in range(records):
        who = number % customers
        key = f"customer-{who}".encode()
        value = (_textbook if textbook else _ours)(who % states)
        yield partition_of(key), (b'"%s"' % key if textbook else key, value, None)


async def fill(ground: Ground, customers: int, records: int) -> None:
    """Write them to the engine's changelog."""
    textbook = ground.engine.group == "textbook"
    source = rows(customers, records, textbook=textbook)
    headers = None if textbook else headers_of(next_term(None, 1))  # as by one worker that ran all the time
    async with AIOKafkaProducer(bootstrap_servers=ground.broker, max_batch_size=500_000) as producer:
        while some := list(islice(source, AT_ONCE)):
            answers = []
            for n in range(PARTITIONS):
                for batch in batches(producer, [row for partition, row in some if partition == n], headers):
                    answers.append(await producer.send_batch(batch, ground.changelog, partition=n))
            for answer in answers:
                await answer
