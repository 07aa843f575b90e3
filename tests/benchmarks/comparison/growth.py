"""What more customers cost: the same number of events, spread over more and more customers who are known already."""

import asyncio
from dataclasses import dataclass

import orjson

from comparison.ground import Ground
from comparison.job import CUSTOMERS, Record, job, record
from comparison.population import fill, state_of
from comparison.speed import speed
from comparison.truth import truth
from stream_app.core.timeline import States
from stream_app.topics import InputTopic

SIZES = (20_000, 200_000, 2_000_000)
IN_MEMORY = 200_000  # more of them only where state is on disk

COLUMNS = {
    "engine": ("engine", ""),
    "customers": ("customers", ",d"),
    "cpu_us_per_event": ("CPU µs/event", ".1f"),
    "events_per_s": ("events/s", ",.0f"),
    "rss_mb": ("peak MB", ",.0f"),
    "memory_b_per_customer": ("memory B/customer", ",.0f"),
    "alerts": ("alerts", ",d"),
    "wrong": ("wrong", ",d"),
}


@dataclass(kw_only=True)
class Growth:
    """A line of the table."""

    engine: str
    customers: int
    cpu_us_per_event: float
    events_per_s: float
    rss_mb: float
    memory_b_per_customer: float
    alerts: int
    wrong: int


def traffic(events: int) -> list[Record]:
    """Return so many events of the job, profiles left out: who they are of is known."""
    most = job(2 * events + CUSTOMERS)  # everybody's profile stands at the beginning
    return [each for each in most if each.topic is not InputTopic.CUSTOMERS][:events]


def spread(records: list[Record], customers: int) -> list[Record]:
    """Return the same events over so many customers of the population."""
    found, step = [], 7_919  # a prime: neighbours in the input are no neighbours in the store
    for number, each in enumerate(records):
        who = f"customer-{number * step % customers}"
        found.append(record(each.topic, who, {**orjson.loads(each.value), "customer_id": who}))
    return found


def known(records: list[Record]) -> dict[int, States]:
    """Return what is known of those whom the events are of, by partition."""
    found = {each.partition: States() for each in records}
    for each in records:
        customer_id = each.key.decode()
        found[each.partition].keep(customer_id, state_of(int(customer_id.rpartition("-")[2])))
    return found


def growth(name: str, ground: Ground, records: list[Record], customers: int) -> Growth:
    """Fill the changelog, then measure as in the main table."""
    asyncio.run(ground.create())
    asyncio.run(fill(ground, customers, customers))
    sent = spread(records, customers)
    right = truth(sent, ground.engine.rules, known(sent))
    row = speed(name, ground, sent, right, created=True)
    return Growth(
        engine=name,
        customers=customers,
        cpu_us_per_event=row.cpu_us_per_event,
        events_per_s=row.events_per_s,
        rss_mb=row.rss_mb,
        memory_b_per_customer=row.rss_mb * 1e6 / customers,
        alerts=row.alerts,
        wrong=row.wrong,
    )
