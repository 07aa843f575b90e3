"""How things stand while nothing moves: how old what waits is, and for how long a commit has stood still."""

import pytest

from stream_app.core.events import SECOND
from tests.acceptance.wire import CANCEL, HOME, START, H, M, buy, view
from tests.workers.fakes import ALL, EPOCH, PURCHASES, VIEWS, Bench, chunk

BEGUN = int(START.timestamp()) * SECOND
"""What the events below count their time from."""


async def stuck():
    """A worker with views of two moments that wait for purchases, which have unread records."""
    bench = Bench()
    bench.ends.ends = {PURCHASES: 2}
    bench.detector.receive(chunk(0, view("v", 1 * H, CANCEL), view("w", 2 * H, HOME)))
    await bench.round()
    return bench


def said(bench, metric, at):
    """Return what a worker says of the two topics, asked so many hours after the start."""
    bench.detector._gauges.tell(bench.detector._partitions.values(), BEGUN + int(at * 3600 * SECOND))
    return bench.said(metric, topic="page-views"), bench.said(metric, topic="purchases")


async def test_the_oldest_event_that_waits_tells_how_late_it_is():
    bench = await stuck()

    assert [(0.0, 0.0), (3600.0, 0.0), (5400.0, 0.0)] == [said(bench, "cs_event_lag_seconds", at) for at in (1, 2, 2.5)]


async def test_nothing_is_late_once_nothing_waits():
    bench = await stuck()
    bench.detector.receive(chunk(0, buy("b", 3 * H), buy("c", 3 * H)))
    await bench.round()
    await bench.round()

    assert (0.0, 0.0) == said(bench, "cs_event_lag_seconds", 9)


async def test_a_commit_before_what_was_read_stands_still_from_when_that_was_first_seen():
    bench = await stuck()

    assert [(0.0, 0.0), (1800.0, 0.0), (3600.0, 0.0)] == [
        said(bench, "cs_commit_stuck_seconds", at) for at in (5, 5.5, 6)
    ]


async def test_a_commit_that_moves_is_not_stuck_though_it_never_reaches_the_end():
    """Of two views one may go: what counts is that it moved, not how far behind it is."""
    bench = await stuck()
    before = said(bench, "cs_commit_stuck_seconds", 5)
    bench.detector.receive(chunk(0, buy("b", 1 * H + M)))
    await bench.round()
    moved, stands = (said(bench, "cs_commit_stuck_seconds", at) for at in (6, 7))

    assert ((0.0, 0.0), (0.0, 0.0), (3600.0, 0.0)) == (before, moved, stands)
    assert 1 == bench.source.committed[VIEWS]


async def test_a_checkpoint_that_hangs_is_a_commit_that_is_stuck():
    bench = Bench(checkpoint_seconds=1e-9)
    bench.producer.hold = True
    seen = chunk(0, view("v", 0 * H, CANCEL))
    bench.detector.receive(seen)
    bench.detector.ended(EPOCH, seen.arrival, dict.fromkeys(ALL, 0))
    await bench.detector._round()
    hung = [said(bench, "cs_commit_stuck_seconds", at)[0] for at in (5, 6)]
    bench.producer.hold = False
    bench.producer.acknowledge()
    await bench.detector._kept()

    assert ([0.0, 3600.0], 0.0) == (hung, said(bench, "cs_commit_stuck_seconds", 7)[0])


async def test_partitions_that_are_gone_hold_nothing_up():
    bench = await stuck()
    said(bench, "cs_commit_stuck_seconds", 5)
    await bench.detector.revoked()

    assert ((0.0, 0.0), (0.0, 0.0)) == tuple(
        said(bench, metric, 6) for metric in ("cs_commit_stuck_seconds", "cs_event_lag_seconds")
    )


@pytest.mark.parametrize("under_way", [True, False])
async def test_a_restore_tells_how_long_it_takes_while_it_does(under_way):
    bench = Bench()
    bench.detector.assigned()
    if not under_way:
        bench.detector.positioned(EPOCH + 1, dict.fromkeys(ALL, 0))
    bench.detector.measure()

    assert under_way == (bench.said("cs_restoring_seconds") > 0)
    assert under_way == (bench.said("cs_restore_seconds") == 0)
