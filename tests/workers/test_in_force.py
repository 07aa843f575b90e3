"""Rules that change while the detector works: at a checkpoint, in no event's middle, and written down."""

import orjson
import structlog

from stream_app.core.events import DAY, HOUR
from stream_app.core.policy import Policy
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.tuning import Tuning, Waits
from stream_app.logs import RULES_HOLD
from stream_app.workers import detector
from stream_app.workers.in_force import Deciding
from tests.acceptance.wire import CANCEL, HOME, D, H, view
from tests.core.timed import QUIET, quiet, timed_rules
from tests.workers.fakes import ALL, EPOCH, VIEWS, Bench, chunk
from tests.workers.test_detector_time import BEGIN, ticks

CHURN, FATES = "cs-alerts-churn", "signal-fates"
OTHERS = RuleSet(policy=Policy(inhibition=2 * DAY))
ZEROS = dict.fromkeys(("customers", "interactions", "purchases", "page-views", "ticks"), 0)


def change(bench, rules=OTHERS):
    bench.detector.change_rules(Deciding(rules, {"rules": {"inhibition": "2d"}}))


def rule_sets(bench, topic=CHURN):
    return [orjson.loads(value)["rule_set"] for _, _, value in bench.producer.sent.get(topic, [])]


def held(lines):
    return [line for line in lines if line["event"] == RULES_HOLD]


async def test_what_was_judged_is_durable_before_others_judge_and_both_is_written_down():
    bench = Bench(checkpoint_seconds=1e9)
    with structlog.testing.capture_logs() as lines:
        bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
        await bench.round()
        change(bench)
        assert {} == bench.source.committed
        bench.detector.receive(chunk(1, view("w", 2 * D, CANCEL)))
        await bench.round()
    begun, changed = held(lines)

    assert [RuleSet().id, OTHERS.id] == rule_sets(bench) == [begun["rule_set"], changed["rule_set"]]
    assert 1 == bench.source.committed[VIEWS]
    assert {0: {"offsets": ZEROS, "time": None, "alerts_from": None}} == begun["partitions"]
    expected = {"offsets": ZEROS | {"page-views": 1}, "time": BEGIN, "alerts_from": None}
    assert ({0: expected}, {"rules": {"inhibition": "2d"}}) == (changed["partitions"], changed["settings"])
    assert 1 == bench.said("cs_rule_set_info", rule_set=OTHERS.id)
    assert 0 == bench.said("cs_rule_set_info", rule_set=RuleSet().id)


async def test_others_wait_until_the_checkpoint_that_is_being_written_is_done():
    bench = Bench(checkpoint_seconds=1e-9)
    bench.producer.hold = True
    seen = chunk(0, view("v", 0 * H, CANCEL))
    bench.detector.receive(seen)
    bench.detector.ended(EPOCH, seen.arrival, dict.fromkeys(ALL, 0))
    await bench.detector._round()
    change(bench)
    await bench.detector._round()
    assert 1 == bench.said("cs_rule_set_info", rule_set=RuleSet().id)
    bench.producer.hold = False
    bench.producer.acknowledge()
    await bench.detector._kept()
    await bench.detector._round()
    assert 1 == bench.said("cs_rule_set_info", rule_set=OTHERS.id)


async def test_what_is_due_before_an_event_is_judged_by_one_rule_set(monkeypatch):
    """No offset tells how much of it was judged: others wait until all is."""
    monkeypatch.setattr(detector, "SLICE", 2)
    rules = timed_rules(RuleSetName.SIMPLE)
    bench = Bench(rules=rules)
    bench.detector.receive(chunk(0, *[view(f"v{n}", 0 * H, HOME, f"c{n}") for n in range(5)]))
    for _ in range(4):
        await bench.round()
    bench.detector.receive(ticks(0, QUIET + HOUR))
    await bench.round()
    assert 2 == len(rule_sets(bench))
    change(bench, RuleSet(rules=(quiet,), tuning=Tuning(waits=Waits(forget=300 * DAY), feeds=rules.tuning.feeds)))
    for _ in range(4):
        await bench.round()
    assert [rules.id] * 5 == rule_sets(bench)
    assert 0 == bench.said("cs_rule_set_info", rule_set=rules.id)


async def test_rules_that_are_the_same_change_nothing():
    bench = Bench(checkpoint_seconds=1e9)
    bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
    await bench.round()
    with structlog.testing.capture_logs() as lines:
        change(bench, RuleSet())
        await bench.round()
    assert ([], {}) == (held(lines), bench.source.committed)


async def test_what_happened_before_the_first_start_stays_silent():
    bench = Bench(silent_before_start=True)
    await bench.round()
    with structlog.testing.capture_logs() as lines:
        change(bench)
        bench.detector.receive(chunk(0, view("v", 0 * H, CANCEL)))
        await bench.round()
    assert [CHURN in bench.topics(), [OTHERS.id]] == [False, rule_sets(bench, FATES)]
    assert int(bench.store.values[0, b"\x00partition"]) == held(lines)[0]["partitions"][0]["alerts_from"]
