"""The detector on fakes: what fetches tell of ends, and events that are judged while a checkpoint is written."""

import pytest

from stream_app.codec.state import decode_state
from stream_app.workers import ends
from tests.acceptance.wire import CANCEL, HOME, PRICE, H, buy, view
from tests.workers.fakes import ALL, EPOCH, PURCHASES, VIEWS, Bench, chunk

CHURN, UPGRADE, FATES = "cs-alerts-churn", "cs-alerts-upgrade", "signal-fates"


async def test_what_a_fetch_tells_of_ends_lets_events_go():
    bench = Bench()
    seen = chunk(0, view("v", 0 * H, CANCEL))
    bench.detector.receive(seen)
    bench.detector.ended(EPOCH, seen.arrival, dict.fromkeys(ALL, 0))
    await bench.detector._round()
    assert [CHURN, "changelog"] == bench.topics()


async def test_of_a_topic_that_is_rekeyed_no_fetch_can_tell_that_it_ended():
    """What others wrote may be on its way there; who knows is asked."""
    bench = Bench(fed=[PURCHASES.topic])
    seen = chunk(0, view("v", 0 * H, CANCEL))
    bench.detector.receive(seen)
    bench.detector.ended(EPOCH, seen.arrival, dict.fromkeys(ALL, 0))
    await bench.detector._round()
    assert [] == bench.topics()
    await bench.detector._learn_ends()
    await bench.detector._round()
    assert [CHURN, "changelog"] == bench.topics()


@pytest.mark.parametrize(
    ("epoch", "before", "unread"),
    [(EPOCH, 1, 0), (EPOCH, 0, 1), (EPOCH - 1, 0, 0)],
    ids=["asked before the event came", "up to records that have not come", "of partitions as they were"],
)
async def test_what_a_fetch_tells_of_ends_may_say_nothing(epoch, before, unread):
    bench = Bench()
    seen = chunk(0, view("v", 0 * H, CANCEL))
    bench.detector.receive(seen)
    bench.detector.ended(epoch, seen.arrival - before, dict.fromkeys(ALL, 0) | {PURCHASES: unread})
    await bench.detector._round()
    assert [] == bench.topics()


async def test_an_end_that_a_fetch_told_of_counts_once_the_records_up_to_it_are_here():
    bench = Bench()
    bought, seen = chunk(0, buy("b", 0 * H)), chunk(0, view("v", H, PRICE))
    bench.detector.receive(seen)
    bench.detector.ended(EPOCH, seen.arrival, dict.fromkeys(ALL, 0) | {PURCHASES: 1})
    await bench.detector._round()
    bench.detector.receive(bought)
    await bench.detector._round()
    assert [UPGRADE, "changelog"] == bench.topics()


async def test_an_end_that_was_unknown_once_and_told_since_is_waited_for_anew(monkeypatch):
    bench = Bench()
    bench.ends.ends = None
    first = chunk(0, view("v", 0 * H, HOME))
    bench.detector.receive(first)
    await bench.round()
    bench.detector.ended(EPOCH, first.arrival, dict.fromkeys(ALL, 0))
    await bench.detector._round()
    bench.detector.receive(chunk(1, view("w", H, CANCEL)))
    monkeypatch.setattr(ends, "UNKNOWN_END_SECONDS", 1e-9)
    await bench.round()
    assert 0 == bench.said("cs_unaligned_events_total")


async def test_events_are_judged_on_while_a_checkpoint_is_written():
    """What is judged meanwhile is in the next one, and only then committed."""
    bench = Bench(checkpoint_seconds=1e-9)
    bench.producer.hold = True
    for seen in (chunk(0, view("v", 0 * H, CANCEL)), chunk(1, view("w", H, PRICE))):
        bench.detector.receive(seen)
        bench.detector.ended(EPOCH, seen.arrival, dict.fromkeys(ALL, 0))
        await bench.detector._round()
    assert ([CHURN, FATES], {}) == (bench.topics(), bench.source.committed)
    bench.producer.hold = False
    bench.producer.acknowledge()
    await bench.detector._kept()
    kept = decode_state(bench.store.values[0, b"c1"])
    assert (0, 1) == (kept[0][3], bench.source.committed[VIEWS])
    await bench.detector.revoked()
    kept = decode_state(bench.store.values[0, b"c1"])
    assert (1, ["v", "w"], 2) == (kept[0][3], [page.event_id for page in kept[1].views], bench.source.committed[VIEWS])


async def test_ready_is_who_is_at_work_on_partitions():
    """Assigned and restored is not yet begun, and who is given none has nothing to begin."""
    bench, said = Bench(), []
    for step in (bench.detector._round, bench.detector.revoked):
        said.append(bench.detector.ready)
        await step()
        said.append(bench.detector.ready)
    bench.detector.positioned(EPOCH + 1, {})
    await bench.detector._round()
    said.append(bench.detector.ready)

    assert [False, True, True, False, False] == said
