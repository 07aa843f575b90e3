"""The simulated month: the same for the same seed, in order, lazy, and all of it decodes."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from itertools import islice, pairwise

import orjson
import pytest

from stream_app.codec import decode
from stream_app.core.events import CustomerProfile, Interaction, PageView, Purchase
from stream_app.testing.simulator import Persona, simulate, truth
from stream_app.topics import RECORDED, InputTopic
from tests.testing.simulated_month import KNOWN, month, occurred, text, written

DIGEST = "40578c278638bad39f52fce342db6d9bc8f04d26b217985c5c9f41ba82f5af3c"
STAFF = "@staff.example"


def test_one_seed_gives_one_month_on_any_machine() -> None:
    """The digest is a constant: another machine, Python or hash seed must give the very same bytes."""
    assert written(simulate(seed=7, customers=40, days=5)) == DIGEST


def test_the_hash_seed_of_the_process_does_not_matter() -> None:
    """Two processes with hash seeds of their own print the same events."""
    code = (
        "from stream_app.testing.simulator import simulate\n"
        "print([s.value for s in simulate(customers=20, days=3, disorder_seconds=600)])"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second
    assert len(first) > 10_000


def test_another_seed_gives_another_month() -> None:
    """The seed decides who is what and what happens."""
    assert truth(seed=7) != truth(seed=8)
    assert written(simulate(seed=7, customers=10, days=2)) != written(simulate(seed=8, customers=10, days=2))


def test_without_disorder_records_come_in_event_time() -> None:
    """No record lies before the one that came just before it."""
    assert [(a, b) for a, b in pairwise(month()) if occurred(a) > occurred(b)] == []


def test_disorder_moves_events_but_invents_none() -> None:
    """The same records arrive, some later than younger ones, none later than asked for."""
    ordered = list(simulate(customers=60, days=4))
    disordered = list(simulate(customers=60, days=4, disorder_seconds=900))
    assert sorted(map(repr, ordered)) == sorted(map(repr, disordered))
    newest, delays = datetime.min.replace(tzinfo=UTC), []
    for record in disordered:
        newest = max(newest, occurred(record))
        delays.append((newest - occurred(record)).total_seconds())
    assert max(delays) <= 900
    assert 0.01 < sum(delay > 0 for delay in delays) / len(delays) < 0.05


def test_the_simulation_is_lazy() -> None:
    """The first thousand records of three centuries need one day, not the rest."""
    assert len(list(islice(simulate(days=100_000), 1000))) == 1000


def test_everything_lies_in_the_days_asked_for() -> None:
    """Every event is on one of the days by the customer's own clock."""
    days = {occurred(record).date() for record in simulate(customers=50, start=date(2025, 12, 30), days=4)}
    assert sorted(days) == [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]


@pytest.mark.parametrize("days", [0, 1, 2, 7])
def test_short_spans_work(days: int) -> None:
    """Even a span without a weekday or without any day."""
    records = list(simulate(customers=30, start=date(2026, 6, 6), days=days))
    assert bool(records) == (days > 0)


def test_the_month_has_the_size_of_a_month() -> None:
    """300 customers make some ten thousand views and some hundred of everything else."""
    counts = Counter(record.topic for record in month())
    assert 30_000 < len(month()) < 60_000
    assert min(counts[topic] for topic in RECORDED) >= 100


def test_every_record_is_about_somebody_known() -> None:
    """Customers, the own staff, or nobody; and the key is the customer id."""
    others = {record.customer_id for record in month()} - set(KNOWN)
    assert {name.endswith(STAFF) for name in others - {""}} == {True}
    assert [r for r in month() if r.customer_id != r.value.get("customer_id", "")] == []
    assert len(KNOWN) == 300


def test_only_page_views_come_without_a_customer() -> None:
    """Systems of record know whom they write about."""
    assert {record.topic for record in month() if record.customer_id not in KNOWN} == {InputTopic.PAGE_VIEWS}


def test_a_profile_precedes_whatever_its_customer_does() -> None:
    """The first record of each customer is their profile, and everybody has one."""
    first: dict[str, InputTopic] = {}
    for record in month():
        first.setdefault(record.customer_id, record.topic)
    assert {name: first[name] for name in KNOWN} == dict.fromkeys(KNOWN, InputTopic.CUSTOMERS)


def test_a_few_events_arrive_twice() -> None:
    """About one in 500, and an id never stands for two different events."""
    events: dict[str, list[dict[str, object]]] = defaultdict(list)
    for record in month():
        if "event_id" in record.value:
            events[text(record, "event_id")].append(record.value)
    repeated = [values for values in events.values() if len(values) > 1]
    assert 0.001 < len(repeated) / len(events) < 0.004
    assert [values for values in repeated if any(value != values[0] for value in values)] == []


def test_every_value_decodes() -> None:
    """The codec takes all of it, and says the same of topic, customer and time."""
    kinds = {
        InputTopic.CUSTOMERS: CustomerProfile,
        InputTopic.INTERACTIONS: Interaction,
        InputTopic.PURCHASES: Purchase,
        InputTopic.PAGE_VIEWS: PageView,
    }
    for record in month():
        micros = round(occurred(record).timestamp() * 1000) * 1000
        value = orjson.dumps(record.value)
        event = decode(record.topic, record.customer_id.encode(), value, micros // 1000)
        assert (type(event), event.customer_id, event.occurred_at) == (kinds[record.topic], record.customer_id, micros)


def test_every_value_survives_json() -> None:
    """What orjson writes reads back equal."""
    assert [r for r in month() if orjson.loads(orjson.dumps(r.value)) != r.value] == []


def test_the_summary_fits_a_small_terminal() -> None:
    """`python -m stream_app.testing.simulator` prints each topic and persona on a line of its own."""
    printed = subprocess.run(
        [sys.executable, "-m", "stream_app.testing.simulator", "--customers", "20", "--days", "2"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    assert [line.split()[0] for line in printed] == [*RECORDED, *Persona]
