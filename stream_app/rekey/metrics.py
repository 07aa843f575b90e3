"""What rekey counts."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from stream_app.rekey.turning import Outcome
from stream_app.topics import InputTopic


class RekeyMetrics:
    """The metrics of all topics that are rekeyed, in a worker's registry; each label has its zero."""

    def __init__(self, registry: CollectorRegistry, topics: Iterable[InputTopic]) -> None:
        self.records = Counter(
            "cs_rekey_records",
            "Records of topics that are rekeyed, by what became of them.",
            ("topic", "outcome"),
            registry=registry,
        )
        self.lag = Gauge(
            "cs_rekey_lag_records",
            "Records not rekeyed yet, all partitions; 0 where another worker does it.",
            ("topic",),
            registry=registry,
        )
        for topic in topics:
            self.lag.labels(topic)
            for outcome in Outcome:
                self.records.labels(topic, outcome)
