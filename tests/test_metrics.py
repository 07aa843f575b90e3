"""Metrics: named by the rules of Prometheus, and no more series than there are words."""

import shutil
import subprocess

import pytest
from prometheus_client import generate_latest

from stream_app import __version__
from stream_app.core.alerts import Intent, ResolvedReason, SuppressedReason
from stream_app.core.audience import IgnoredReason
from stream_app.formats.errors import DeadLetterReason
from stream_app.metrics import EventOutcome, Metrics
from stream_app.topics import InputTopic

EXPECTED = {
    "cs_events_total": len(InputTopic) * len(EventOutcome),
    "cs_ignored_total": len(IgnoredReason),
    "cs_alerts_total": len(Intent),
    "cs_suppressed_total": len(SuppressedReason),
    "cs_dead_letters_total": len(DeadLetterReason),
    "cs_due_moments_total": 1,
    "cs_resolutions_total": len(ResolvedReason),
    "cs_segment_changes_total": 1,
    "cs_referrals_total": 3,
    "cs_nps_customers": 3,
    "cs_company_nps": 1,
    "cs_unaligned_events_total": 1,
    "cs_event_to_alert_seconds_count": 1,
    "cs_event_age_seconds_count": len(InputTopic),
    "cs_checkpoint_seconds_count": 1,
    "cs_restore_seconds": 1,
    "cs_outdated_records_total": 1,
    "cs_consumer_lag_records": len(InputTopic),
    "cs_state_customers": 1,
    "cs_state_bytes": 1,
    "cs_partitions_assigned": 1,
    "cs_partitions_paused": 1,
    "cs_build_info": 1,
    "cs_rule_set_info": 1,
}


@pytest.fixture
def metrics():
    """Metrics of a worker that just started."""
    metrics = Metrics()
    metrics.rule_set("abc123")
    return metrics


def samples(metrics):
    """All samples but those that only repeat a histogram's or a counter's begin."""
    found = [sample for family in metrics.registry.collect() for sample in family.samples]
    return [sample for sample in found if not sample.name.endswith(("_created", "_bucket", "_sum"))]


def test_every_series_is_there_from_the_start(metrics):
    names = [sample.name for sample in samples(metrics)]

    assert EXPECTED == {name: names.count(name) for name in names}


def test_everything_begins_at_zero(metrics):
    assert {0.0} == {sample.value for sample in samples(metrics) if not sample.name.endswith("_info")}


def test_says_what_runs(metrics):
    infos = {sample.name: sample.labels for sample in samples(metrics) if sample.name.endswith("_info")}

    assert {"cs_build_info": {"version": __version__}, "cs_rule_set_info": {"rule_set": "abc123"}} == infos


def test_two_workers_in_one_process_do_not_share_numbers(metrics):
    metrics.alerts.labels(Intent.CHURN).inc()

    assert (1.0, 0.0) == tuple(
        one.registry.get_sample_value("cs_alerts_total", {"intent": "churn"}) for one in (metrics, Metrics())
    )


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool, of the prometheus package, is not installed")
def test_promtool_finds_nothing_to_say(metrics):
    page = generate_latest(metrics.registry)
    said = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)

    assert (b"", b"", 0) == (said.stdout, said.stderr, said.returncode)
