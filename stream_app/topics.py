"""The topics: names, partitions, how long they keep what. Data only."""

from dataclasses import dataclass, field
from enum import StrEnum

from stream_app.core.alerts import Intent
from stream_app.core.events import DAY, HOUR, Micros

_MILLISECOND: Micros = 1000

MAX_MESSAGE_BYTES = 1_048_588
"""Kafka's own default, said aloud: a cluster with another one must not refuse what ours accepts."""


class InputTopic(StrEnum):
    """What is read; the names stand under the settable prefix."""

    CUSTOMERS = "customers"
    INTERACTIONS = "interactions"
    PURCHASES = "purchases"
    PAGE_VIEWS = "page-views"


class OutputTopic(StrEnum):
    """What is written; the names stand under the same prefix."""

    CHURN = "cs-alerts-churn"
    BUDGET = "cs-alerts-budget"
    UPGRADE = "cs-alerts-upgrade"
    SUPPORT = "cs-alerts-support"
    FATES = "signal-fates"
    DEAD_LETTERS = "dead-letters"


Topic = InputTopic | OutputTopic

ALERT_TOPICS: dict[Intent, OutputTopic] = {
    Intent.CHURN: OutputTopic.CHURN,
    Intent.BUDGET: OutputTopic.BUDGET,
    Intent.UPGRADE: OutputTopic.UPGRADE,
    Intent.SUPPORT: OutputTopic.SUPPORT,
}

KEPT_ALERTS = 30 * DAY
KEPT_FATES = 30 * DAY
KEPT_DEAD_LETTERS = 7 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """A topic as it should be; `configs` are Kafka's own topic settings."""

    name: str
    partitions: int
    replication_factor: int
    configs: dict[str, str] = field(default_factory=dict)
    aligned: bool = False  # must have as many partitions as the others that say so

    @property
    def cleanup(self) -> str:
        """How Kafka cleans the topic: `delete` by age or `compact` by key."""
        return self.configs["cleanup.policy"]


def topic_name(topic: Topic, prefix: str = "") -> str:
    """Return the name of a topic in the cluster."""
    return f"{prefix}{topic}"


def changelog_name(group: str) -> str:
    """Return the name of the topic that the state of this consumer group is recovered from."""
    return f"{group}-customer-state-changelog"


def topic_specs(
    *, prefix: str, group: str, partitions: int, replication_factor: int, retention: Micros
) -> tuple[TopicSpec, ...]:
    """Return all topics: what is read, what is written, and last the changelog. `retention` is that of the inputs."""
    configs = {
        **{topic_name(topic, prefix): _input_configs(topic, retention) for topic in InputTopic},
        **{topic_name(topic, prefix): _deleted_after(KEPT_ALERTS) for topic in ALERT_TOPICS.values()},
        topic_name(OutputTopic.FATES, prefix): _deleted_after(KEPT_FATES),
        topic_name(OutputTopic.DEAD_LETTERS, prefix): _deleted_after(KEPT_DEAD_LETTERS),
        changelog_name(group): CHANGELOG_CONFIGS,
    }
    aligned = {*(topic_name(topic, prefix) for topic in InputTopic), changelog_name(group)}
    durable = {
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        "min.insync.replicas": str(max(1, replication_factor - 1)),
    }
    return tuple(
        TopicSpec(
            name=name,
            partitions=partitions,
            replication_factor=replication_factor,
            configs=own | durable,
            aligned=name in aligned,
        )
        for name, own in configs.items()
    )


def _milliseconds(span: Micros) -> str:
    return str(span // _MILLISECOND)


def _deleted_after(span: Micros) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": _milliseconds(span)}


def _input_configs(topic: InputTopic, retention: Micros) -> dict[str, str]:
    # "Ahead of time" is judged against the record's timestamp, so that has to be the broker's.
    stamped = {"message.timestamp.type": "LogAppendTime"}
    if topic is InputTopic.CUSTOMERS:
        # A tombstone erases a customer: a worker that was away for some days must still meet it.
        return stamped | {"cleanup.policy": "compact", "delete.retention.ms": _milliseconds(7 * DAY)}
    return stamped | _deleted_after(retention)


CHANGELOG_CONFIGS: dict[str, str] = {
    "cleanup.policy": "compact",
    # Small segments and an early start: what is recovered is what stands in the topic, not only the latest.
    "segment.ms": _milliseconds(HOUR),
    "segment.bytes": str(100 * 1024 * 1024),
    "min.cleanable.dirty.ratio": "0.1",
    # A worker that lost its partitions may still write: the good record has to be there until that is noticed.
    "min.compaction.lag.ms": _milliseconds(DAY),
}
