"""The topics: names, partitions, how long they keep what. Data only."""

from collections.abc import Collection, Mapping
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
    TICKS = "ticks"  # nothing but that time has passed


RECORDED: tuple[InputTopic, ...] = tuple(topic for topic in InputTopic if topic is not InputTopic.TICKS)
"""What happened: files hold it, and people ask what became of it."""


class OutputTopic(StrEnum):
    """What is written; the names stand under the same prefix."""

    CHURN = "cs-alerts-churn"
    BUDGET = "cs-alerts-budget"
    UPGRADE = "cs-alerts-upgrade"
    SUPPORT = "cs-alerts-support"
    LOYALTY = "cs-alerts-loyalty"
    OPS = "ops-alerts"
    RESOLUTIONS = "alert-resolutions"
    SEGMENT_CHANGES = "segment-changes"
    FATES = "signal-fates"
    ACCOUNT_VIEWS = "account-views"
    DEAD_LETTERS = "dead-letters"
    ERASURES = "erasures"


class NotifyTopic(StrEnum):
    """What notify says, to itself in the first; the names stand under the same prefix."""

    QUEUE = "notify-queue"
    DELIVERIES = "deliveries"
    FEEDBACK = "cs-feedback"


Topic = InputTopic | OutputTopic | NotifyTopic

ALERT_TOPICS: dict[Intent, OutputTopic] = {
    Intent.CHURN: OutputTopic.CHURN,
    Intent.BUDGET: OutputTopic.BUDGET,
    Intent.UPGRADE: OutputTopic.UPGRADE,
    Intent.SUPPORT: OutputTopic.SUPPORT,
    Intent.LOYALTY: OutputTopic.LOYALTY,
    Intent.OPS: OutputTopic.OPS,
}

KEPT_ALERTS = 30 * DAY
KEPT_RESOLUTIONS = 30 * DAY
KEPT_SEGMENT_CHANGES = 365 * DAY
KEPT_FATES = 30 * DAY
KEPT_ACCOUNT_VIEWS = 7 * DAY
KEPT_DEAD_LETTERS = 7 * DAY
KEPT_ORDERS = 30 * DAY
KEPT_DELIVERIES = 90 * DAY
KEPT_FEEDBACK = 365 * DAY
KEPT_TICKS = DAY


class Worker(StrEnum):
    """What runs for ever, each in a consumer group of its own."""

    DETECT = "detect"
    NOTIFY = "notify"


_CHANGELOGS = {Worker.DETECT: "customer-state-changelog", Worker.NOTIFY: "state-changelog"}

ALIGNED: dict[Worker, tuple[Topic, ...]] = {
    Worker.DETECT: (*InputTopic, OutputTopic.ERASURES),
    Worker.NOTIFY: (
        *ALERT_TOPICS.values(),
        OutputTopic.RESOLUTIONS,
        OutputTopic.FATES,
        OutputTopic.ACCOUNT_VIEWS,
        NotifyTopic.FEEDBACK,
        NotifyTopic.QUEUE,
    ),
}
"""Which topics must have as many partitions as each other and the changelog: a worker reads them together."""

USED: dict[Worker, tuple[Topic, ...]] = {
    Worker.DETECT: (*InputTopic, *OutputTopic),
    Worker.NOTIFY: (
        InputTopic.INTERACTIONS,
        *ALERT_TOPICS.values(),
        OutputTopic.RESOLUTIONS,
        OutputTopic.FATES,
        OutputTopic.ACCOUNT_VIEWS,
        OutputTopic.DEAD_LETTERS,
        OutputTopic.ERASURES,
        *NotifyTopic,
    ),
}
"""Which topics a worker cannot do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """A topic as it should be; `configs` are Kafka's own topic settings."""

    name: str
    partitions: int
    replication_factor: int
    configs: dict[str, str] = field(default_factory=dict)
    used_by: frozenset[Worker] = frozenset()
    aligned: Worker | None = None  # must have as many partitions as the others that say the same

    @property
    def cleanup(self) -> str:
        """How Kafka cleans the topic: `delete` by age or `compact` by key."""
        return self.configs["cleanup.policy"]


def topic_name(topic: Topic, prefix: str = "") -> str:
    """Return the name of a topic in the cluster."""
    return f"{prefix}{topic}"


def rekeyed_name(topic: InputTopic, prefix: str = "") -> str:
    """Return the name of the internal topic that an input is re-produced to by customer id.

    The consumer group and the transactional id of whoever does that have the same name: it is one at a time.
    """
    return f"{topic_name(topic, prefix)}-by-customer"


def changelog_name(group: str, worker: Worker = Worker.DETECT) -> str:
    """Return the name of the topic that the state of a worker's consumer group is recovered from."""
    return f"{group}-{_CHANGELOGS[worker]}"


def topic_specs(
    *,
    prefix: str,
    groups: Mapping[Worker, str],
    partitions: int,
    replication_factor: int,
    retention: Micros,
    rekey: Collection[InputTopic] = (),
) -> tuple[TopicSpec, ...]:
    """Return all topics: what is read, what is written, and last the changelogs. `retention` is that of the inputs.

    Of the inputs in `rekey` the internal topic takes the place; what it comes from may have any number of partitions.
    """
    durable = {
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        "min.insync.replicas": str(max(1, replication_factor - 1)),
    }
    of_topics = [
        (_name(topic, prefix, rekey), own, _workers(USED, topic), _workers(ALIGNED, topic))
        for topic, own in _configs(retention).items()
    ]
    of_sources = [
        (topic_name(topic, prefix), STAMPED | _deleted_after(retention), _workers(USED, topic), list[Worker]())
        for topic in rekey
    ]
    of_groups = [
        (changelog_name(group, worker), CHANGELOG_CONFIGS, [worker], [worker]) for worker, group in groups.items()
    ]
    return tuple(
        TopicSpec(
            name=name,
            partitions=partitions,
            replication_factor=replication_factor,
            configs=own | durable,
            used_by=frozenset(users),
            aligned=next(iter(together), None),
        )
        for name, own, users, together in (*of_topics, *of_sources, *of_groups)
    )


def _configs(retention: Micros) -> dict[Topic, dict[str, str]]:
    return {
        **{topic: _input_configs(topic, retention) for topic in InputTopic},
        **dict.fromkeys(ALERT_TOPICS.values(), _deleted_after(KEPT_ALERTS)),
        OutputTopic.RESOLUTIONS: _deleted_after(KEPT_RESOLUTIONS),
        OutputTopic.SEGMENT_CHANGES: _deleted_after(KEPT_SEGMENT_CHANGES),
        OutputTopic.FATES: _deleted_after(KEPT_FATES),
        OutputTopic.ACCOUNT_VIEWS: _deleted_after(KEPT_ACCOUNT_VIEWS),
        OutputTopic.DEAD_LETTERS: _deleted_after(KEPT_DEAD_LETTERS),
        OutputTopic.ERASURES: ERASURES_CONFIGS,
        NotifyTopic.QUEUE: _deleted_after(KEPT_ORDERS),
        NotifyTopic.DELIVERIES: _deleted_after(KEPT_DELIVERIES),
        NotifyTopic.FEEDBACK: _deleted_after(KEPT_FEEDBACK),
    }


def _name(topic: Topic, prefix: str, rekey: Collection[InputTopic]) -> str:
    return (
        rekeyed_name(topic, prefix) if isinstance(topic, InputTopic) and topic in rekey else topic_name(topic, prefix)
    )


def _workers(table: Mapping[Worker, tuple[Topic, ...]], topic: Topic) -> list[Worker]:
    return [worker for worker, topics in table.items() if topic in topics]


def _milliseconds(span: Micros) -> str:
    return str(span // _MILLISECOND)


def _deleted_after(span: Micros) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": _milliseconds(span)}


def _input_configs(topic: InputTopic, retention: Micros) -> dict[str, str]:
    if topic is InputTopic.CUSTOMERS:
        # A tombstone erases a customer: a worker that was away for some days must still meet it.
        return STAMPED | {"cleanup.policy": "compact", "delete.retention.ms": _milliseconds(7 * DAY)}
    return STAMPED | _deleted_after(KEPT_TICKS if topic is InputTopic.TICKS else retention)


STAMPED: dict[str, str] = {"message.timestamp.type": "LogAppendTime"}
"""Inputs: "ahead of time" is judged against the record's timestamp, so that has to be the broker's."""

CHANGELOG_CONFIGS: dict[str, str] = {
    "cleanup.policy": "compact",
    # Small segments and an early start: what is recovered is what stands in the topic, not only the latest.
    "segment.ms": _milliseconds(HOUR),
    "segment.bytes": str(100 * 1024 * 1024),
    "min.cleanable.dirty.ratio": "0.1",
    # A worker that lost its partitions may still write: the good record has to be there until that is noticed.
    "min.compaction.lag.ms": _milliseconds(DAY),
}

ERASURES_CONFIGS: dict[str, str] = {
    "cleanup.policy": "compact",
    # Without end: what was erased comes back with the first replay that does not know of it.
    "retention.ms": "-1",
    # A worker that lost its partitions may say less of somebody than the owner did: the owner still reads both.
    "min.compaction.lag.ms": _milliseconds(DAY),
}
