"""A dense history from a seed: every rule, every kind of event, late ones, doubles and hot customers.

What may be produced while workers run has to stand in the order in which a partition is judged; then it makes no
difference how much of it a worker has seen when it judges, and what must come out is exact.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from random import Random
from typing import TypeAlias

from stream_app.partitioners import Partitioner, partition_of
from tests.acceptance.naive import TOPICS, Topics, customer_of, merged
from tests.acceptance.wire import CANCEL, HOME, PRICE, D, H, M, S, Step, buy, clock, interact, profile, topics_of, view

PATHS = [CANCEL, PRICE, PRICE, HOME, HOME, *[f"/docs/{i}" for i in range(6)], *[f"/help/{i}" for i in range(3)] * 2]
LATE = [2 * M, 30 * M, 61 * M, 2 * H, 25 * H]
AGENTS = ["", "", "", "Mozilla/5.0", "Mozilla/5.0 (compatible; Googlebot/2.1)"]
Draw: TypeAlias = Callable[[Random, str, timedelta, str], Step]


def history(
    seed: int,
    *,
    events: int = 12_000,
    customers: int = 300,
    span: timedelta = 30 * D,
    begin: timedelta = timedelta(0),
    hot: float = 0.2,
    prefix: str = "e",
) -> list[Step]:
    """Return about so many steps in the order of their topics; one customer in fifty has the part `hot` of them."""
    rng, numbers, steps = Random(seed), count(), list[Step]()
    now = begin
    while len(steps) < events:
        kind, customer = rng.choice(KINDS), _customer(rng, customers, hot)
        for _ in range(rng.choice([1, 1, 2, 4])):
            now += span / events * rng.expovariate(1)
            at = now - rng.choice(LATE) if rng.random() < 0.05 else now
            steps.append(kind(rng, f"{prefix}{next(numbers)}", at, customer))
        if rng.random() < 0.05:
            steps.append(_again(rng, rng.choice(steps), rng.choice(steps[-40:]), now))
    return steps


def by_partition(steps: list[Step], partitions: int) -> list[list[Step]]:
    """Return the steps of each partition in the order in which it judges them; those of nobody go to the first."""
    parts: list[Topics] = [{topic: [] for topic in TOPICS} for _ in range(partitions)]
    nobodys: list[Step] = []
    for topic, records in topics_of(steps).items():
        for record in records:
            key = customer_of(record).encode()
            if not key:
                nobodys.append((topic, record))
            else:
                parts[partition_of(key, partitions, Partitioner.MURMUR2)][topic].append(record)
    ordered = [list(merged(part)) for part in parts]
    ordered[0] += nobodys
    return ordered


def _customer(rng: Random, customers: int, hot: float) -> str:
    return f"顧客{rng.randrange(max(1, customers // 50) if rng.random() < hot else customers)}"


def _view(rng: Random, event_id: str, at: timedelta, customer: str) -> Step:
    more = {"user_agent": rng.choice(AGENTS), "title": rng.choice(["", "ページ"])}
    return view(event_id, at, rng.choice(PATHS), customer, **more)


def _nobody(rng: Random, event_id: str, at: timedelta, customer: str) -> Step:
    return view(event_id, at, CANCEL, None)


def _buy(rng: Random, event_id: str, at: timedelta, customer: str) -> Step:
    kind = rng.choice(["completed", "completed", "completed", "renewed", "refunded", "cancelled"])
    texts = {"kind": kind, "order_id": rng.choice(["", "o1", "o2", "o3"]), "plan": rng.choice(["", "basic", "pro"])}
    amount = rng.choice(["100", "100.00", "200"])
    return buy(event_id, at, amount, customer, **{key: text for key, text in texts.items() if text})


def _profile(rng: Random, event_id: str, at: timedelta, customer: str) -> Step:
    stage = rng.choice(["lead", "churned", "active", "active", "active", "active", ""])
    return profile(at, stage, customer, account_id=f"a{len(customer)}", name="名前")


def _interact(rng: Random, event_id: str, at: timedelta, customer: str) -> Step:
    return interact(event_id, at, rng.choice(["inquiry", "complaint", "contacted"]), customer)


def _again(rng: Random, before: Step, just_now: Step, now: timedelta) -> Step:
    """Repeat a record just as it was while that is still known to be a double, or any at another time."""
    topic, record = before
    if isinstance(record, tuple) or rng.random() < 0.5:
        return just_now
    return topic, {**record, "occurred_at": clock(now + S)}


KINDS: list[Draw] = [*[_view] * 12, *[_buy] * 3, *[_profile] * 2, *[_interact] * 2, _nobody]
