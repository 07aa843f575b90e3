"""The Prometheus metrics of notify, beside those of each worker, once. Labels come from closed sets only."""

from collections import Counter as Counted
from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import nan

from prometheus_client import Counter, Gauge, Histogram

from stream_app.core.events import SECOND, Micros
from stream_app.core.notify.fates import Fate
from stream_app.core.notify.message import Stage
from stream_app.core.notify.orders import VERDICTS
from stream_app.core.notify.verdicts import Verdict
from stream_app.core.routes import Sink
from stream_app.metrics import WorkerMetrics
from stream_app.notify.machines import Desk
from stream_app.playbooks import BOOK_OF

SECONDS = (1, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 86_400, 3 * 86_400, 7 * 86_400)


class AttemptOutcome(StrEnum):
    """What came of handing a parcel to a sink."""

    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"


class Bound(StrEnum):
    """What is told of a share."""

    ESTIMATE = "estimate"
    LOW = "low"
    HIGH = "high"


class NotifyMetrics(WorkerMetrics):
    """The metrics of notify."""

    def __init__(self) -> None:
        super().__init__()
        registry = self.registry
        self.deliveries = Counter(
            "cs_deliveries", "Alerts that met their fate on a route, by fate.", ("fate",), registry=registry
        )
        self.attempts = Counter(
            "cs_delivery_attempts", "Parcels handed to a sink.", ("sink", "outcome"), registry=registry
        )
        self.delivery = Histogram(
            "cs_delivery_seconds",
            "From an alert's detection to when it was told.",
            ("sink",),
            buckets=SECONDS,
            registry=registry,
        )
        self.messages = Gauge("cs_messages", "Messages by where they stand.", ("stage",), registry=registry)
        self.oldest_pending = Gauge(
            "cs_oldest_pending_seconds",
            "For how long the oldest message that could have been told waits.",
            ("sink",),
            registry=registry,
        )
        self.circuit_open = Gauge(
            "cs_circuit_open", "1 while a sink is left alone because it fails.", ("sink",), registry=registry
        )
        self.parked = Gauge("cs_parked", "Messages that a sink refused for good.", ("sink",), registry=registry)
        self.words = Gauge(
            "cs_feedback_words", "People's last words on alerts, by rule.", ("rule", "word"), registry=registry
        )
        self.precision = Gauge(
            "cs_rule_precision",
            "Useful of useful and not useful, with its 95 % interval; not a number where nobody said either.",
            ("rule", "bound"),
            registry=registry,
        )
        self._begin_at_zero()

    def desks(self, desks: Sequence[tuple[Sink, Desk]], now: Micros) -> None:
        """Tell what stands at the desks."""
        stages: Counted[Stage] = Counted()
        parked: Counted[Sink] = Counted()
        oldest = dict.fromkeys(Sink, now)
        for sink, desk in desks:
            counts = desk.counts()
            stages.update(counts)
            parked[sink] += counts.get(Stage.PARKED, 0)
            oldest[sink] = min(oldest[sink], desk.oldest_waiting(now) or now)
        for stage in Stage:
            self.messages.labels(stage).set(stages[stage])
        for sink in Sink:
            self.parked.labels(sink).set(parked[sink])
            self.oldest_pending.labels(sink).set((now - oldest[sink]) / SECOND)

    def said(self, verdicts: Mapping[str, Verdict]) -> None:
        """Tell what people said of the rules that there are; of others only the report tells."""
        for rule_id in BOOK_OF:
            verdict = verdicts.get(rule_id, Verdict())
            for word in VERDICTS:
                self.words.labels(rule_id, word).set(getattr(verdict, word))
            share = verdict.precision
            low, high = share.bounds or (nan, nan)
            estimate = nan if share.value is None else share.value
            for bound, value in ((Bound.ESTIMATE, estimate), (Bound.LOW, low), (Bound.HIGH, high)):
                self.precision.labels(rule_id, bound).set(value)

    def _begin_at_zero(self) -> None:
        """Give every label its zero: a rate over something that first appears at 1 misses that one."""
        for fate in Fate:
            self.deliveries.labels(fate)
        for stage in Stage:
            self.messages.labels(stage)
        for sink in Sink:
            self.delivery.labels(sink)
            for gauge in (self.oldest_pending, self.circuit_open, self.parked):
                gauge.labels(sink)
            for outcome in AttemptOutcome:
                self.attempts.labels(sink, outcome)
        self.said({})
