"""When too much of a topic-partition cannot be read: exactly when, what stays, what goes on, and how it is resumed."""

import pytest

from stream_app.metrics import Metrics
from stream_app.workers.chunk import Chunk
from stream_app.workers.floods import MOST, WINDOW, Flood, Floods
from tests.acceptance.wire import CANCEL, H, view
from tests.workers.fakes import ALL, ARRIVALS, EPOCH, VIEWS, Bench, chunk, record


def flood(*runs: tuple[bool, int], passing: bool = False) -> int | None:
    """Return how many records were read of runs of (readable, how many) until it was too much; None: never."""
    counted, total = Flood(VIEWS, passing=passing), 0
    for readable, count in runs:
        for _ in range(count):
            total += 1
            if not readable and counted.unreadable(0):
                return total
            counted.read(1)
    return None


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([(False, MOST)], None),
        ([(False, MOST + 1)], MOST + 1),
        ([(False, MOST), (True, 10 * WINDOW), (False, MOST)], None),
        ([(True, WINDOW), (False, WINDOW)], WINDOW + MOST + 1),
        ([(False, 1), (True, 1)] * WINDOW, None),
        ([(False, 2), (True, 1)] * WINDOW, (MOST + 1) // 2 * 3 + 1),
        ([(False, MOST), (True, MOST), (False, 1)], None),
        ([(False, MOST), (True, MOST - 1), (False, 1)], WINDOW),
    ],
)
def test_more_than_half_of_the_last_ten_thousand_is_too_much(runs, expected):
    assert expected == flood(*runs)
    assert flood(*runs, passing=True) is None


def broken(start: int, count: int) -> Chunk:
    """Return a chunk of records that cannot be read."""
    records = [record(VIEWS, start + i, b"c", b"{") for i in range(count)]
    return Chunk(VIEWS, EPOCH, start, start + count, records, next(ARRIVALS))


async def paused_bench() -> Bench:
    bench = Bench()
    bench.producer.room = 10**9
    bench.detector.receive(broken(0, MOST + 500))
    await bench.round()
    return bench


async def test_a_flood_pauses_its_partition_where_it_became_too_much():
    """The position stays there whatever comes, and the partition is not told that time passes."""
    bench = await paused_bench()
    bench.detector.receive(chunk(MOST + 500, view("v", 0 * H, CANCEL)))
    await bench.round()
    assert (MOST + 1, MOST + 1) == (bench.source.committed[VIEWS], len(bench.producer.sent["dead-letters"]))
    assert (1, {}) == (bench.said("cs_partitions_paused"), bench.detector.idle())
    assert {"dead-letters", "changelog"} == {*bench.topics()}


@pytest.mark.parametrize(("passing", "expected"), [(False, 1), (True, 0)])
async def test_it_stays_paused_over_restarts_until_floods_may_pass(passing, expected):
    before, after = await paused_bench(), Bench()
    after.store.values = before.store.values
    after.detector._floods = Floods(passing=passing, paused=after.metrics.partitions_paused)
    after.detector.positioned(EPOCH, dict.fromkeys(ALL, 0) | {VIEWS: MOST + 1})
    after.detector.receive(chunk(MOST + 1, view("v", 0 * H, CANCEL)))
    await after.round()
    alerts = len(after.producer.sent.get("cs-alerts-churn", []))
    assert (expected, 1 - expected) == (after.said("cs_partitions_paused"), alerts)
    again = Floods(passing=False, paused=Metrics().partitions_paused)
    again.begin(0, ALL, after.store)
    assert expected == len(again.paused())
