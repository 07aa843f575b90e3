"""Metrics: named by the rules of Prometheus, listed in the docs, and there from the start."""

import shutil
import subprocess
from math import isnan
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from stream_app import __version__
from stream_app.core.alerts import ResolvedReason, SuppressedReason
from stream_app.core.audience import IgnoredReason
from stream_app.core.notify.fates import Fate
from stream_app.core.notify.message import Stage
from stream_app.core.notify.orders import VERDICTS
from stream_app.core.routes import Sink
from stream_app.formats.errors import DeadLetterReason
from stream_app.metrics import OTHER, EventOutcome, Metrics
from stream_app.notify.metrics import AttemptOutcome, Bound
from stream_app.playbooks import BOOK_OF
from stream_app.rekey.turning import Outcome
from stream_app.topics import RECORDED, InputTopic
from tests.exposed import REKEYED, families, labels, registries

DOCS = Path(__file__).parents[1] / "docs" / "metrics.md"
HEAD = "| metric | kind | of | what |\n| --- | --- | --- | --- |\n"

TOLD = {*BOOK_OF, OTHER}
RELOADED = ("cs_config_last_reload_successful", "cs_config_last_reload_success_timestamp_seconds")
SHARED = {
    "cs_dead_letters_total": len(DeadLetterReason),
    "cs_outdated_records_total": 1,
    "cs_partitions_assigned": 1,
    "cs_build_info": 1,
} | dict.fromkeys(RELOADED, 1)
EXPECTED = {
    "detect": SHARED
    | {
        "cs_events_total": len(InputTopic) * len(EventOutcome),
        "cs_ignored_total": len(IgnoredReason),
        "cs_alerts_total": len(TOLD),
        "cs_suppressed_total": len(TOLD) * len(SuppressedReason),
        "cs_due_moments_total": 1,
        "cs_resolutions_total": len(ResolvedReason),
        "cs_segment_changes_total": 1,
        "cs_referrals_total": 3,
        "cs_nps_customers": 3,
        "cs_company_nps": 1,
        "cs_unaligned_events_total": 1,
        "cs_event_to_alert_seconds_count": 1,
        "cs_event_age_seconds_count": len(InputTopic),
        "cs_event_lag_seconds": len(RECORDED),
        "cs_commit_stuck_seconds": len(InputTopic),
        "cs_checkpoint_seconds_count": 1,
        "cs_restore_seconds": 1,
        "cs_restoring_seconds": 1,
        "cs_consumer_lag_records": len(InputTopic),
        "cs_state_customers": 1,
        "cs_state_bytes": 1,
        "cs_partitions_paused": 1,
        "cs_rekey_records_total": len(REKEYED) * len(Outcome),
        "cs_rekey_lag_records": len(REKEYED),
        "cs_rule_set_info": 1,
    },
    "notify": SHARED
    | {
        "cs_deliveries_total": len(Fate),
        "cs_delivery_attempts_total": len(Sink) * len(AttemptOutcome),
        "cs_delivery_seconds_count": len(Sink),
        "cs_messages": len(Stage),
        "cs_oldest_pending_seconds": len(Sink),
        "cs_circuit_open": len(Sink),
        "cs_parked": len(Sink),
        "cs_feedback_words": len(BOOK_OF) * len(VERDICTS),
        "cs_rule_precision": len(BOOK_OF) * len(Bound),
    },
}
WORKERS = list(EXPECTED)


def samples(worker):
    """All samples of a worker but those that only repeat a histogram's."""
    found = [sample for family in families(registries()[worker]).values() for sample in family.samples]
    return [sample for sample in found if not sample.name.endswith(("_created", "_bucket", "_sum"))]


@pytest.mark.parametrize("worker", WORKERS)
def test_every_series_is_there_from_the_start(worker):
    names = [sample.name for sample in samples(worker)]

    assert EXPECTED[worker] == {name: names.count(name) for name in names}


@pytest.mark.parametrize("worker", WORKERS)
def test_everything_begins_at_zero(worker):
    """But for what is a share of nothing yet, and for settings, which a worker has read when it starts."""
    values = {one.value for one in samples(worker) if not one.name.endswith("_info") and one.name not in RELOADED}

    assert {0.0} == {value for value in values if not isnan(value)}


def test_says_what_runs():
    infos = {sample.name: sample.labels for sample in samples("detect") if sample.name.endswith("_info")}

    assert {"cs_build_info": {"version": __version__}, "cs_rule_set_info": {"rule_set": "abc123"}} == infos


def test_two_workers_in_one_process_do_not_share_numbers():
    metrics, rule = Metrics(), "churn.cancellation-page"
    metrics.alerted(rule)

    assert (1.0, 0.0) == tuple(
        one.registry.get_sample_value("cs_alerts_total", {"intent": "churn", "rule": rule})
        for one in (metrics, Metrics())
    )


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_says_what_it_takes_of_the_machine(worker):
    assert 0 < registries()[worker].get_sample_value("process_resident_memory_bytes")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool, of the prometheus package, is not installed")
@pytest.mark.parametrize("worker", WORKERS)
def test_promtool_finds_nothing_to_say(worker):
    page = generate_latest(registries()[worker])
    said = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)

    assert (b"", b"", 0) == (said.stdout, said.stderr, said.returncode)


def listed():
    """The table of the docs as the code has it."""
    found = {worker: families(registry) for worker, registry in registries().items()}
    for name in sorted({name for of_one in found.values() for name in of_one}):
        of = [worker for worker in WORKERS if name in found[worker]]
        family = found[of[0]][name]
        shown = f"{name}{{{','.join(labels(family))}}}" if labels(family) else name
        yield f"| `{shown}` | {family.type} | {', '.join(of)} | {family.documentation} |"


def test_the_docs_list_every_metric_as_it_is():
    assert HEAD + "\n".join(listed()) + "\n\n" in DOCS.read_text()


def test_what_both_workers_expose_means_the_same_in_both():
    detect, notify = (families(registry) for registry in registries().values())
    shared = {name: (detect[name], notify[name]) for name in detect.keys() & notify.keys()}

    assert {*SHARED, "cs_build_info"} == set(shared)
    assert [] == [
        name for name, both in shared.items() if len({(one.documentation, one.type, labels(one)) for one in both}) > 1
    ]
