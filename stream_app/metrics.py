"""The Prometheus metrics of each worker, and those of detect, once; those of notify stand beside it.

Labels come from closed sets only, so the page stays small whatever comes in.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from stream_app import __version__
from stream_app.core.alerts import OUTAGE, Intent, ResolvedReason, SuppressedReason
from stream_app.core.audience import IgnoredReason
from stream_app.core.events import InteractionKind
from stream_app.core.rules import RULES
from stream_app.formats.errors import DeadLetterReason
from stream_app.topics import RECORDED, InputTopic

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)
AGES = (0.1, 1, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400)

REFERRALS: Mapping[InteractionKind, str] = {
    InteractionKind.REFERRAL_ASKED: "asked",
    InteractionKind.REFERRAL_MADE: "made",
    InteractionKind.REFERRAL_CONVERTED: "converted",
}

OTHER = "other"
"""The label of a rule that is not one of ours: whoever runs rules of his own makes no series of his own."""

_LABELS = {rule.id: (str(rule.intent), rule.id) for rule in RULES} | {OUTAGE: (str(Intent.OPS), OUTAGE)}

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for


class EventOutcome(StrEnum):
    """What became of an event that was read."""

    USED = "used"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    DEAD_LETTER = "dead_letter"
    ERASED = "erased"  # of a customer who was erased since
    REPLAYED = "replayed"  # read again after a crash, and skipped: its state was kept already


class WorkerMetrics:
    """What each worker tells, whichever it is, in a registry of its own; each may be set from any task."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.dead_letters = Counter(
            "cs_dead_letters", "Input that cannot be used, by reason.", ("reason",), registry=registry
        )
        self.outdated_records = Counter(
            "cs_outdated_records",
            "Records of state by a worker that had lost the partition, written over with what is right.",
            registry=registry,
        )
        self.partitions_assigned = Gauge(
            "cs_partitions_assigned", "Partitions that this worker looks after.", registry=registry
        )
        Info("cs_build", "The running version.", registry=registry).info({"version": __version__})
        ProcessCollector(registry=registry)
        for reason in DeadLetterReason:
            self.dead_letters.labels(reason)


class Metrics(WorkerMetrics):
    """The metrics of detect."""

    def __init__(self) -> None:
        super().__init__()
        registry = self.registry
        self.events = Counter(
            "cs_events", "Events read, by what became of them.", ("topic", "outcome"), registry=registry
        )
        self.ignored = Counter("cs_ignored", "Events that change nothing, by reason.", ("reason",), registry=registry)
        self.alerts = Counter(
            "cs_alerts", "Alerts acknowledged by Kafka, by intent and rule.", ("intent", "rule"), registry=registry
        )
        self.suppressed = Counter(
            "cs_suppressed",
            "Matches that did not become an alert, by rule and reason.",
            ("rule", "reason"),
            registry=registry,
        )
        self.due_moments = Counter(
            "cs_due_moments", "Moments that came due for a customer or the site, and were judged.", registry=registry
        )
        self.resolutions = Counter("cs_resolutions", "Alerts that are over, by reason.", ("reason",), registry=registry)
        self.segment_changes = Counter(
            "cs_segment_changes", "Moves of a customer from one cell to another.", registry=registry
        )
        self.referrals = Counter(
            "cs_referrals", "Referrals asked for, made and converted.", ("step",), registry=registry
        )
        self.nps_customers = Gauge(
            "cs_nps_customers", "Customers by their latest NPS answer.", ("answer",), registry=registry
        )
        self.company_nps = Gauge(
            "cs_company_nps",
            "%promoters − %detractors of the customers that this worker looks after; 0 while nobody has answered.",
            registry=registry,
        )
        self.unaligned_events = Counter(
            "cs_unaligned_events",
            "Events judged before all older events of other topics of their partition were known to be there.",
            registry=registry,
        )
        self.event_to_alert = Histogram(
            "cs_event_to_alert_seconds",
            "From the timestamp of the event's Kafka record to the alert's acknowledgement.",
            buckets=SECONDS,
            registry=registry,
        )
        self.event_age = Histogram(
            "cs_event_age_seconds",
            "From when an event happened to when it was judged; the last event of each round of judging.",
            ("topic",),
            buckets=AGES,
            registry=registry,
        )
        self.event_lag = Gauge(
            "cs_event_lag_seconds",
            "How long ago the oldest event happened that waits to be judged; 0 where none waits.",
            ("topic",),
            registry=registry,
        )
        self.commit_stuck = Gauge(
            "cs_commit_stuck_seconds",
            "For how long the commit of a partition has stood still before records that were read; the longest.",
            ("topic",),
            registry=registry,
        )
        self.checkpoint = Histogram(
            "cs_checkpoint_seconds", "How long a checkpoint took.", buckets=SECONDS, registry=registry
        )
        self.restore = Gauge("cs_restore_seconds", "How long the last restore of state took.", registry=registry)
        self.restoring = Gauge(
            "cs_restoring_seconds", "How long the restore under way has taken so far; 0 if none is.", registry=registry
        )
        self.consumer_lag = Gauge(
            "cs_consumer_lag_records", "Records of a topic not read yet, all partitions.", ("topic",), registry=registry
        )
        self.state_customers = Gauge("cs_state_customers", "Customers in state.", registry=registry)
        self.state_bytes = Gauge("cs_state_bytes", "Encoded state of all customers.", registry=registry)
        self.partitions_paused = Gauge(
            "cs_partitions_paused", "Partitions that wait for somebody: too much cannot be read.", registry=registry
        )
        self._rule_set = Info("cs_rule_set", "The rules and settings that decide.", registry=registry)
        self._begin_at_zero()
        self.nps({"promoter": 0, "passive": 0, "detractor": 0})

    def rule_set(self, rule_set: str) -> None:
        """Say which rules decide: the `rule_set` that alerts carry."""
        self._rule_set.info({"rule_set": rule_set})

    def alerted(self, rule_id: str) -> None:
        """Count an alert of this rule."""
        self.alerts.labels(*_LABELS.get(rule_id, (OTHER, OTHER))).inc()

    def held_back(self, rule_id: str, reason: SuppressedReason) -> None:
        """Count a match of this rule that did not become an alert."""
        self.suppressed.labels(rule_id if rule_id in _LABELS else OTHER, reason).inc()

    def _begin_at_zero(self) -> None:
        """Give every label its zero: a rate over something that first appears at 1 misses that one."""
        for topic in RECORDED:
            self.event_lag.labels(topic)
        for intent, rule_id in (*_LABELS.values(), (OTHER, OTHER)):
            self.alerts.labels(intent, rule_id)
            for reason in SuppressedReason:
                self.suppressed.labels(rule_id, reason)
        for topic in InputTopic:
            self.event_age.labels(topic)
            self.commit_stuck.labels(topic)
            self.consumer_lag.labels(topic)
            for outcome in EventOutcome:
                self.events.labels(topic, outcome)
        for metric, values in self._by_one_label():
            for value in values:
                metric.labels(value)

    def nps(self, answers: Mapping[str, int]) -> None:
        """Say how many customers there are by answer."""
        for answer, customers in answers.items():
            self.nps_customers.labels(answer).set(customers)
        net = answers.get("promoter", 0) - answers.get("detractor", 0)
        everybody = sum(answers.values())
        self.company_nps.set(100 * net / everybody if everybody else 0)

    def _by_one_label(self) -> tuple[tuple[Counter, Iterable[str]], ...]:
        return (
            (self.ignored, IgnoredReason),
            (self.resolutions, ResolvedReason),
            (self.referrals, REFERRALS.values()),
        )
