"""However much comes, and whatever stands in it: there are no more series than there are words."""

from collections import Counter
from itertools import product

import msgspec

from stream_app.core.alerts import SuppressedReason
from stream_app.core.notify.verdicts import Verdict
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.metrics import EventOutcome, Metrics
from stream_app.notify.metrics import NotifyMetrics
from stream_app.topics import InputTopic
from stream_app.workers import floods
from stream_app.workers.chunk import Chunk
from tests.exposed import series
from tests.notify.naive_machines import NaiveDesk
from tests.workers.fakes import ALL, ARRIVALS, EPOCH, INTERACTIONS, PURCHASES, VIEWS, Bench, record

MANY = 100_000
ROUND = 2_000
AT = "2030-01-01T00:00:00Z"
HOST = "https://www.example.com"


def url(number):
    """A page of its own; every fourth one that matters."""
    return f"{HOST}/{('account/cancel', 'blog', 'pricing', 'p')[number % 4]}/{number}?q={number}"


def view(number):
    return {"event_id": f"v{number}", "customer_id": f"c{number}", "url": url(number), "occurred_at": AT}


HOSTILE = {
    "another URL, of another customer": (VIEWS, view),
    "another format": (VIEWS, lambda number: {f"format-{number}": number, "specversion": f"{number}.0"}),
    "another reason why it cannot be used": (
        VIEWS,
        lambda number: view(number) | {"url": f"{number}://", "event_id": f"r{number}"},
    ),
    "another kind": (INTERACTIONS, lambda number: {**view(number), "kind": f"kind-{number}", "reason": f"r{number}"}),
    "another currency": (PURCHASES, lambda number: {**view(number), "amount": "1", "currency": f"{number:03}"}),
}


async def take(bench, tp, read, values):
    """Let the worker read these, after what it has read of the topic, and judge them all."""
    records = [
        record(tp, read[tp] + ahead, str(value.get("customer_id", "c")).encode(), msgspec.json.encode(value))
        for ahead, value in enumerate(values)
    ]
    seen = Chunk(tp, EPOCH, read[tp], read[tp] + len(records), records, next(ARRIVALS))
    read[tp] = seen.end
    bench.detector.receive(seen)
    bench.detector.ended(EPOCH, seen.arrival, read)
    await bench.detector._round()
    while bench.detector.idle() == {}:
        await bench.detector._round()
    bench.producer.sent.clear()


async def test_100_000_events_that_differ_in_everything_make_no_series(monkeypatch):
    """Through what reads, judges, says and counts, dead letters and alerts and all."""
    monkeypatch.setattr(floods, "MOST", MANY)  # or the partition would be paused
    bench, read = Bench(checkpoint_seconds=1e9), dict.fromkeys(ALL, 0)
    before = series(bench.metrics.registry)
    for start in range(0, MANY // len(HOSTILE), ROUND):
        for tp, said in HOSTILE.values():
            await take(bench, tp, read, [said(number) for number in range(start, start + ROUND)])
    await bench.detector._output.sent()
    bench.detector.measure()
    counted = Counter[str]()
    for topic, each in product(InputTopic, EventOutcome):
        counted[each] += int(bench.said("cs_events_total", topic=topic, outcome=each))
    alerts = bench.said("cs_alerts_total", intent="churn", rule="churn.cancellation-page")

    assert before == series(bench.metrics.registry)
    assert ({"used": 40_000, "dead_letter": 60_000}, 5_000) == (+counted, alerts)


def test_rules_that_nobody_knows_make_no_series():
    metrics = Metrics()
    before = series(metrics.registry)
    for number in range(1_000):
        metrics.alerted(f"own.rule-{number}")
        metrics.held_back(f"own.rule-{number}", SuppressedReason.COOLDOWN)
    told = [metrics.registry.get_sample_value(*asked) for asked in OTHERS]

    assert (before, [1_000, 1_000]) == (series(metrics.registry), told)


OTHERS = (
    ("cs_alerts_total", {"intent": "other", "rule": "other"}),
    ("cs_suppressed_total", {"rule": "other", "reason": "cooldown"}),
)


def test_a_worker_says_only_the_rule_set_that_it_judges_by_now():
    metrics = Metrics()
    for number in range(1_000):
        metrics.rule_set(f"{number:012x}")

    assert [("cs_rule_set_info", ("rule_set", "0000000003e7"))] == [
        each for each in series(metrics.registry) if each[0] == "cs_rule_set_info"
    ]


def test_what_notify_is_told_makes_no_series():
    """Rules that people speak of, and desks: each channel and person has one."""
    metrics = NotifyMetrics()
    before = series(metrics.registry)
    metrics.said({f"rule-{number}": Verdict(useful=1) for number in range(10_000)})
    metrics.desks(
        [(Sink.SLACK, NaiveDesk(Target(sink=Sink.SLACK, address=f"#{number}"))) for number in range(10_000)], 0
    )

    assert before == series(metrics.registry)
