"""The detector on fakes: when events may go, in which order things become durable, and how it ends."""

import asyncio

import pytest

from stream_app.codec import decode_account_view
from stream_app.codec.state import decode_state
from stream_app.workers import detector, ends, stops
from stream_app.workers.beginning import PARTITION_KEY
from stream_app.workers.chunk import Chunk
from stream_app.workers.stops import EXIT_GAP, EXIT_REPLAY
from tests.acceptance.wire import CANCEL, HOME, PRICE, D, H, buy, profile, view
from tests.workers.fakes import ALL, ARRIVALS, EPOCH, PURCHASES, VIEWS, Bench, chunk, record

CHURN, BUDGET, UPGRADE = "cs-alerts-churn", "cs-alerts-budget", "cs-alerts-upgrade"
ACCOUNT_VIEWS = "account-views"


class Ended(BaseException):
    """The process would have ended with this code."""


@pytest.fixture(autouse=True)
def _no_end(monkeypatch):
    def end(code: int, error: Exception) -> None:
        raise Ended(code)

    monkeypatch.setattr(stops, "end", end)


async def test_an_event_goes_when_the_other_topics_are_known_to_have_ended():
    bench = Bench()
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.detector._round()
    assert [] == bench.topics()
    await bench.round()
    assert [CHURN, "changelog"] == bench.topics()


async def test_an_event_waits_while_another_topic_has_unread_records():
    bench = Bench()
    bench.ends.ends = {PURCHASES: 1}
    bench.detector.receive(chunk(0, view("v", H, PRICE)))
    for _ in range(3):
        await bench.round()
    assert [] == bench.topics()
    bench.detector.receive(chunk(0, buy("b", 0 * H)))
    await bench.round()
    assert [UPGRADE, "changelog"] == bench.topics()


async def test_records_without_content_at_the_end_of_a_topic_hold_nothing_back():
    bench = Bench()
    bench.ends.ends = {PURCHASES: 2}  # transaction markers, say
    bench.source.passed = {PURCHASES: 0}
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.round()
    assert [CHURN, "changelog"] == bench.topics()


async def test_an_end_that_was_asked_for_before_an_event_arrived_says_nothing_about_it():
    bench = Bench()
    bench.ends.may_answer.clear()
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.detector._round()
    asking = asyncio.create_task(bench.detector._learn_ends())
    await bench.ends.asked.wait()
    bench.detector.receive(chunk(1, view("w", H, PRICE, "c2")))
    await bench.detector._round()
    bench.ends.may_answer.set()
    await asking
    await bench.detector._round()
    assert [CHURN, "changelog"] == bench.topics()
    await bench.round()
    assert [CHURN, "changelog", BUDGET] == bench.topics()


async def test_an_answer_that_comes_after_a_rebalance_is_forgotten():
    bench = Bench()
    bench.ends.may_answer.clear()
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.detector._round()
    asking = asyncio.create_task(bench.detector._learn_ends())
    await bench.ends.asked.wait()
    bench.detector.positioned(EPOCH + 1, dict.fromkeys(ALL, 0))
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL), epoch=EPOCH + 1))
    bench.ends.may_answer.set()
    await asking
    await bench.detector._round()
    assert [] == bench.topics()


@pytest.mark.parametrize(("bound", "released"), [(30.0, 0), (0.0, 1)])
async def test_an_unknown_end_is_waited_for_only_so_long(monkeypatch, bound, released):
    monkeypatch.setattr(ends, "UNKNOWN_END_SECONDS", bound)
    bench = Bench()
    bench.ends.ends = None
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.round()
    assert [CHURN, "changelog"][: 2 * released] == bench.topics()
    assert released == bench.said("cs_unaligned_events_total")


async def test_known_unread_records_have_no_such_bound(monkeypatch):
    monkeypatch.setattr(ends, "UNKNOWN_END_SECONDS", 0.0)
    bench = Bench()
    bench.ends.ends = {PURCHASES: 1}
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    for _ in range(3):
        await bench.round()
    assert [] == bench.topics()


async def test_alerts_then_changelog_then_store_then_commit():
    bench = Bench()
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.round()
    steps = [f"send {CHURN}", f"acknowledged {CHURN}", "send changelog", "acknowledged changelog", "store", "commit"]
    assert steps == bench.journal[-6:]
    assert 1 == bench.source.committed[VIEWS]


async def test_nothing_is_kept_before_the_alerts_are_acknowledged():
    bench = Bench()
    bench.producer.hold = True
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    working = asyncio.create_task(bench.round())
    while not bench.producer.held:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert [CHURN] == bench.topics()
    bench.producer.hold = False
    bench.producer.acknowledge()
    await working
    assert 1 == bench.source.committed[VIEWS]


async def test_a_look_of_an_account_is_said_under_its_key_with_the_alerts():
    """Before the state that would not say it again."""
    bench = Bench()
    bench.detector.receive(chunk(0, profile(0 * H, account_id="a-1", name="N")))
    bench.detector.receive(chunk(0, view("v", H, CANCEL)))
    await bench.round()
    await bench.round()
    ((_, key, value),) = bench.producer.sent[ACCOUNT_VIEWS]
    assert (b"a-1", "v", "N") == (key, (seen := decode_account_view(value)).event_id, seen.name)
    kept = [step for step in bench.journal if step in (f"acknowledged {ACCOUNT_VIEWS}", "send changelog", "commit")]
    assert [f"acknowledged {ACCOUNT_VIEWS}", "send changelog", "commit"] == kept[-3:]


@pytest.mark.parametrize("topic", [CHURN, "changelog"])
async def test_what_cannot_be_sent_ends_the_worker_uncommitted(topic):
    bench = Bench()
    bench.producer.failing = {topic}
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    with pytest.raises(Ended) as ended:
        await stops.or_end(bench.round)
    assert (EXIT_REPLAY,) == ended.value.args
    assert "store" not in bench.journal
    assert {} == bench.source.committed.keys() & {VIEWS} or 0 == bench.source.committed[VIEWS]


async def test_a_missing_record_ends_the_worker_before_state_is_touched():
    bench = Bench()
    bench.detector.receive(chunk(1, view("v", 0 * H, CANCEL)))
    with pytest.raises(Ended) as ended:
        await stops.or_end(bench.round)
    assert (EXIT_GAP,) == ended.value.args
    assert [] == bench.topics()


async def test_offsets_without_a_record_are_no_gap():
    bench = Bench()
    bench.detector.receive(chunk(0, view("v", 0 * H, HOME), gap=5))
    bench.detector.receive(chunk(6, view("w", H, CANCEL)))
    await bench.round()
    assert 7 == bench.source.committed[VIEWS]


async def test_what_was_fetched_before_the_last_seek_is_dropped():
    bench = Bench()
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL), epoch=EPOCH - 1))
    await bench.round()
    assert [] == bench.topics()


async def test_a_chunk_is_done_when_its_last_event_is_judged(monkeypatch):
    monkeypatch.setattr(detector, "SLICE", 2)
    bench = Bench()
    bench.detector.receive(chunk(0, *[view(f"v{i}", i * H, HOME) for i in range(3)]))
    await bench.detector._round()
    await bench.detector._learn_ends()
    await bench.detector._round()
    assert [] == bench.source.done
    await bench.detector._round()
    assert [VIEWS] == bench.source.done


async def test_only_what_was_judged_is_committed():
    bench = Bench()
    bench.ends.ends = {PURCHASES: 9}
    bench.detector.receive(chunk(0, view("v", H, CANCEL), view("w", 3 * H, CANCEL, "c2")))
    bench.detector.receive(chunk(0, buy("b", 2 * H)))
    await bench.round()
    assert (1, 1) == (bench.source.committed[VIEWS], bench.source.committed[PURCHASES])


async def test_what_is_held_back_when_partitions_go_is_dropped_uncommitted():
    bench = Bench(checkpoint_seconds=60.0)
    bench.ends.ends = {PURCHASES: 9}
    bench.detector.receive(chunk(0, view("v", H, CANCEL), view("w", 3 * H, CANCEL, "c2")))
    bench.detector.receive(chunk(0, buy("b", 2 * H)))
    await bench.round()
    assert {} == bench.source.committed
    await bench.detector.revoked()
    assert (1, 1) == (bench.source.committed[VIEWS], bench.source.committed[PURCHASES])
    bench.ends.ends = {}
    await bench.round()
    assert 1 == len(bench.producer.sent[CHURN])


async def test_what_is_judged_long_after_it_came_is_committed_too():
    """A checkpoint between arrival and judgement must not be the last."""
    bench = Bench()
    bench.ends.ends = {PURCHASES: 1}
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.round()
    assert 0 == bench.source.committed[VIEWS]
    bench.ends.ends = {PURCHASES: 0}
    await bench.round()
    assert 1 == bench.source.committed[VIEWS]


async def test_a_checkpoint_comes_without_another_event(monkeypatch):
    bench = Bench(checkpoint_seconds=0.01)
    working = asyncio.create_task(bench.detector.run())
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    async with asyncio.timeout(10):
        while bench.source.committed.get(VIEWS) != 1:
            await asyncio.sleep(0.01)
    await bench.detector.stop()
    await working


async def test_after_a_crash_nothing_is_said_or_applied_twice():
    """State was kept but not committed: everything is read again."""
    bench = Bench()
    seen = chunk(0, view("v", 0 * H, CANCEL), view("w", H, PRICE))
    bench.detector.receive(seen)
    await bench.round()
    before = dict(bench.store.values)
    again = Bench()
    again.store.values |= before
    again.detector.receive(seen)
    await again.round()
    assert ([], before) == (again.topics(), again.store.values)
    assert 2 == again.said("cs_events_total", topic="page-views", outcome="replayed")
    assert 2 == again.source.committed[VIEWS]


async def test_what_cannot_be_used_is_a_dead_letter_and_holds_nothing_up():
    bench = Bench()
    records = [record(VIEWS, 0, b"k" * 2_000_000, b"{"), record(VIEWS, 1, None, None)]
    bench.detector.receive(Chunk(VIEWS, EPOCH, 0, 2, records, next(ARRIVALS)))
    bench.producer.room = 900_000
    await bench.round()
    assert 2 == len(bench.producer.sent["dead-letters"])
    assert 2 == bench.source.committed[VIEWS]


async def test_a_first_start_is_silent_about_what_was_before():
    bench = Bench(silent_before_start=True)
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.round()
    assert ["changelog", "signal-fates"] == bench.topics()
    began = bench.store.values[0, PARTITION_KEY]
    again = Bench(silent_before_start=True)
    again.store.values |= bench.store.values
    await again.round()
    assert began == again.store.values[0, PARTITION_KEY]


async def test_state_and_fence_are_kept_together():
    bench = Bench()
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL), view("w", D, HOME)))
    await bench.round()
    fence, state = decode_state(bench.store.values[0, b"c1"])
    assert ([-1, -1, -1, 1, -1], ["v"]) == (fence, [seen.event_id for seen in state.views])
