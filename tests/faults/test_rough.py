"""What clocks, producers, customers and rules get wrong: it becomes what it must, and nobody else is concerned."""

import asyncio
import json
from collections import Counter

import pytest

from stream_app.core.alerts import SuppressedReason
from stream_app.topics import OutputTopic
from tests.acceptance.naive import customer_of
from tests.faults.cases import tail, worker, write
from tests.faults.ground import Ground
from tests.faults.history import history
from tests.faults.odd_worker import raising_for
from tests.faults.rough import TWICE, USED, Rough, rough
from tests.faults.verdict import verify

pytestmark = pytest.mark.kafka

LARGEST_STATE = 16_384  # bytes, of a customer whose every page is thousands of characters long
HIT = "顧客7"  # for whom all rules raise


async def test_each_row_becomes_what_it_must(ground: Ground) -> None:
    """Duplicates, schema drift, big messages, a customer with thousands of pages, bombs, clock skew."""
    await ground.create()
    rows = rough()
    await ground.write(record for records in rows.values() for record, _ in records)
    with worker(ground) as process:
        process.start()
        await ground.idle()
        counts = await asyncio.to_thread(process.event_counts)
        assert process.exit_code is None
    verdict = await verify(ground)
    sizes = await state_sizes(ground, b"pages-0")
    print(f"{verdict}\n{dict(counts)}\nstates of pages-0: {len(sizes)}, the largest {max(sizes)} bytes")
    assert verdict.clean, tail(ground.folder)
    assert words_of(rows) == await words_said(ground)
    expected = Counter(word for records in rows.values() for _, word in records)
    dead = expected.total() - expected[USED] - expected[TWICE]
    assert {"used": expected[USED], "duplicate": expected[TWICE], "dead_letter": dead} == dict(counts)
    assert max(sizes) < LARGEST_STATE


def words_of(rows: dict[str, list[Rough]]) -> Counter[tuple[str, str]]:
    """Return how many dead letters of each kind each row must come to."""
    words = ((row, word) for row, records in rows.items() for _, word in records)
    return Counter((row, str(word)) for row, word in words if word not in (USED, TWICE))


async def words_said(ground: Ground) -> Counter[tuple[str, str]]:
    """Return how many there are."""
    found = await ground.read([ground.settings.topic(OutputTopic.DEAD_LETTERS)])
    letters = [record for records in found.values() for record in records]
    return Counter((record.key.decode().split("-")[0], json.loads(record.value)["reason"]) for record in letters)


async def state_sizes(ground: Ground, customer: bytes) -> list[int]:
    """Return how large the states of a customer were that were kept."""
    found = await ground.read([ground.changelog])
    return [len(record.value or b"") for records in found.values() for record in records if record.key == customer]


async def test_rules_that_raise_for_one_customer(ground: Ground) -> None:
    """Each time it is a fate, their state goes on, and all others are judged as if nothing were."""
    await ground.create()
    steps = [step for step in history(8, events=2_000, customers=60) if customer_of(step[1])]
    await write(ground, steps)
    with worker(ground, FAULTS_RAISE=HIT) as process:
        process.start()
        await ground.idle()
        assert process.exit_code is None
    verdict = await verify(ground, rules=raising_for(HIT, ground.settings.rule_set()), beyond_the_judge={HIT})
    fates = await fates_of(ground, HIT)
    print(verdict, fates)
    assert verdict.clean, tail(ground.folder)
    assert {SuppressedReason.RULE_ERROR} == fates.keys()
    assert fates.total() > 10


async def fates_of(ground: Ground, customer: str) -> Counter[str]:
    """Return what became of a customer's matches."""
    found = await ground.read([ground.settings.topic(OutputTopic.FATES)])
    fates = [json.loads(record.value) for records in found.values() for record in records]
    return Counter(fate["reason"] for fate in fates if fate["customer_id"] == customer)
