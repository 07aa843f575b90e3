"""A believable month of traffic of a Japanese B2B SaaS: seeded, and the same on any machine.

Everything is drawn from generators seeded with text, one a day; no clock, no order of a set and none of the
C library's mathematics takes part. Generated day by day: one day is held in memory, not the month.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import TypeAlias

from stream_app.testing.simulator.days import Happening, LocalDay, seeded
from stream_app.testing.simulator.moods import TURNS, drift_start
from stream_app.testing.simulator.people import ZONES, Person, Persona, population
from stream_app.testing.simulator.records import first_profile, records
from stream_app.testing.simulator.views import passers_by, visits
from stream_app.topics import RECORDED, InputTopic

__all__ = ["Persona", "Simulated", "Truth", "simulate", "truth"]

START = date(2026, 6, 1)
EARLIEST = "Asia/Tokyo"  # where a day begins first
DUPLICATED = 0.002  # of the events are sent twice
DELAYED = 0.03  # of the events arrive late, where disorder is asked for
TOPICS = RECORDED
RANKS = {topic: rank for rank, topic in enumerate(TOPICS)}

# Arrival in ms, rank of the topic, serial number, customer, value. Plain values, because the garbage collector then
# has nothing to visit in a day of 20,000 customers.
_Waiting: TypeAlias = tuple[int, int, int, str, dict[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One record as a producer would send it; `value` is in the product's own wire format."""

    topic: InputTopic
    customer_id: str  # the record's key; empty: nobody known
    value: dict[str, object]


def simulate(
    *, seed: int = 7, customers: int = 300, start: date = START, days: int = 30, disorder_seconds: int = 0
) -> Iterator[Simulated]:
    """Everything that happens in so many days, in order of arrival: without disorder that is event time.

    With `disorder_seconds` a few events in a hundred arrive up to that late. About one in 500 arrives twice.
    """
    people = tuple(population(seed, customers, start, days))
    rng = seeded("arrival", seed, start)
    waiting: list[_Waiting] = []
    serial = count()
    for index in range(days):
        today = _local_days(start, index, days)
        # Nothing of this day or a later one arrives before the day begins where it begins first.
        ready = bisect_left(waiting, (today[EARLIEST].midnight,))
        yield from map(_sent, waiting[:ready])
        del waiting[:ready]
        for at, topic, customer_id, value in _day(people, today, seeded("day", seed, start, index)):
            arrivals = _arrivals(at, disorder_seconds, rng)
            waiting += [(arrival, RANKS[topic], next(serial), customer_id, value) for arrival in arrivals]
        waiting.sort()  # the serial number is unique: what stands behind it is never compared
    yield from map(_sent, waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a customer is, and since when it shows; `turns_on` is the day on which it shows most, if there is one."""

    persona: Persona
    shows_from: date
    turns_on: date | None


def truth(*, seed: int = 7, customers: int = 300, start: date = START, days: int = 30) -> Mapping[str, Truth]:
    """Who is what, by customer id: what `simulate` plays with the same arguments."""
    return {
        person.customer_id: Truth(
            persona=person.persona,
            shows_from=start + timedelta(days=drift_start(person, days)),
            turns_on=start + timedelta(days=person.turning) if person.persona in TURNS else None,
        )
        for person in population(seed, customers, start, days)
    }


def _local_days(start: date, index: int, days: int) -> dict[str, LocalDay]:
    day = start + timedelta(days=index)
    return {zone: LocalDay.of(day, index, days, zone) for zone in ZONES}


def _day(people: tuple[Person, ...], today: Mapping[str, LocalDay], rng: Random) -> Iterator[Happening]:
    here = today[EARLIEST]
    if here.index == 0:
        yield from (first_profile(person, here) for person in people if person.account.joined == 0)
    for person in people:
        if here.index >= person.account.joined:
            day = today[person.account.timezone]
            yield from records(person, day, rng)
            yield from visits(person, day, rng)
    yield from passers_by(len(people), here, rng)


def _arrivals(at: int, disorder_seconds: int, rng: Random) -> list[int]:
    """When the event arrives, in ms; twice now and then."""
    times = [at, at] if rng.random() < DUPLICATED else [at]
    # Drawn in any case: with and without disorder the same events happen.
    return [time + _delay(rng.random(), disorder_seconds) for time in times]


def _delay(luck: float, disorder_seconds: int) -> int:
    """How many ms late an event is; most are not."""
    return int(luck / DELAYED * disorder_seconds * 1000) if luck < DELAYED else 0


def _sent(waiting: _Waiting) -> Simulated:
    _, rank, _, customer_id, value = waiting
    return Simulated(topic=TOPICS[rank], customer_id=customer_id, value=value)
