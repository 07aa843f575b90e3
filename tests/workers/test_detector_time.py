"""What time brings about, on its way to Kafka: alerts, ends of alerts, who is forgotten, and the numbers."""

import orjson

from stream_app.codec import to_wire
from stream_app.core.events import DAY, HOUR, SECOND, Micros, TimePassed
from stream_app.core.rule_set import RuleSetName
from stream_app.workers.chunk import Chunk
from tests.acceptance.wire import HOME, START, H, interact, view
from tests.core.timed import QUIET, timed_rules
from tests.workers.fakes import ARRIVALS, EPOCH, INTERACTIONS, TICKS, VIEWS, Bench, chunk, record

BEGIN: Micros = int(START.timestamp()) * SECOND
SIMPLE = RuleSetName.SIMPLE


def ticks(start, *times):
    """Return a chunk that says what time it is, counted from the begin."""
    values = [to_wire(TimePassed(occurred_at=BEGIN + at)) for at in times]
    records = [record(TICKS, start + i, None, value) for i, value in enumerate(values)]
    return Chunk(TICKS, EPOCH, start, start + len(records), records, next(ARRIVALS))


async def test_what_comes_due_is_said_and_kept_as_what_an_event_brings_about():
    bench = Bench(rules=timed_rules(SIMPLE))
    bench.detector.receive(chunk(0, view("v", 0 * H, HOME)))
    await bench.round()
    bench.detector.receive(ticks(0, QUIET + HOUR))
    await bench.round()
    assert ["changelog", "cs-alerts-churn"] == bench.topics()
    assert {VIEWS: 1, TICKS: 1} == {tp: bench.source.committed[tp] for tp in (VIEWS, TICKS)}
    assert (1, 1) == (bench.said("cs_due_moments_total"), bench.said("cs_alerts_total", intent="other", rule="other"))
    assert 0 == bench.said("cs_event_to_alert_seconds_count"), "no record was waited for"


async def test_an_alert_that_is_over_goes_to_a_topic_of_its_own():
    bench = Bench(rules=timed_rules())
    bench.detector.receive(chunk(0, view("v", 0 * H, HOME)))
    bench.detector.receive(ticks(0, QUIET + HOUR, 5 * DAY))
    await bench.round()
    await bench.round()
    (_, key, value) = bench.producer.sent["alert-resolutions"][0]
    assert (b"c1", "expired") == (key, orjson.loads(value)["reason"])
    assert 1 == bench.said("cs_resolutions_total", reason="expired")


async def test_who_is_forgotten_leaves_the_changelog():
    """The fence stays until the events below it are committed; then a tombstone takes it."""
    bench = Bench(rules=timed_rules(SIMPLE, forget=3 * DAY))
    bench.detector.receive(chunk(0, view("v", 0 * H, HOME)))
    await bench.round()
    bench.detector.receive(ticks(0, 9 * DAY))
    await bench.round()
    last = {key: value for _, key, value in bench.producer.sent["changelog"]}
    assert (None, False) == (last[b"c1"], (0, b"c1") in bench.store.values)


async def test_a_worker_counts_the_referrals_of_its_customers():
    bench = Bench()
    kinds = ("referral_asked", "referral_made", "referral_made", "nps")
    bench.detector.receive(chunk(0, *[interact(f"i{n}", n * H, kind) for n, kind in enumerate(kinds)]))
    await bench.round()
    counted = [bench.said("cs_referrals_total", step=step) for step in ("asked", "made", "converted")]
    assert ([1, 2, 0], 4) == (counted, bench.source.committed[INTERACTIONS])


async def test_only_where_no_event_waits_a_partition_is_idle():
    """What was read is told beside, the time included: whoever asks sees that something came."""
    bench = Bench()
    await bench.round()
    assert {0: 0} == bench.detector.idle()
    bench.ends.ends = {INTERACTIONS: 1}
    bench.detector.receive(chunk(0, view("v", 0 * H, HOME)))
    await bench.round()
    assert {} == bench.detector.idle()
    bench.detector.receive(chunk(0, interact("i", H)))
    await bench.round()
    bench.detector.receive(ticks(0, DAY))
    await bench.round()
    assert {0: 3} == bench.detector.idle()
