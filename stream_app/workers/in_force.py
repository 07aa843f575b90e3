"""The rules that events are judged by, those that will take their place, and what of it a replay must know."""

from collections.abc import Callable, Collection
from typing import Any

import structlog
from msgspec import Struct

from stream_app.core.events import NEVER
from stream_app.core.rule_set import RuleSet
from stream_app.logs import RULES_HOLD
from stream_app.metrics import Metrics
from stream_app.settings import Settings
from stream_app.settings.reloading import deciding
from stream_app.topics import InputTopic
from stream_app.workers.partition import Partition

log = structlog.get_logger(__name__)

_TOPICS = tuple(InputTopic)


class Deciding(Struct, frozen=True):
    """A rule set, and what of the settings makes it, as a settings file could say it."""

    rules: RuleSet
    settings: dict[str, Any] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Deciding":
        """Return what the settings say."""
        return cls(settings.rule_set(), deciding(settings))


class RulesInForce:
    """One rule set for all partitions of a worker; others wait until somebody takes them."""

    def __init__(self, deciding: Deciding, metrics: Metrics) -> None:
        self._deciding = deciding
        self._waiting: Deciding | None = None
        self._metrics = metrics
        metrics.rule_set(deciding.rules.id)

    @property
    def rules(self) -> RuleSet:
        """Those that hold."""
        return self._deciding.rules

    @property
    def others_wait(self) -> bool:
        """Whether others are to take their place."""
        return self._waiting is not None

    def change(self, deciding: Deciding) -> None:
        """Let these wait, and nothing if they are those that hold."""
        self._waiting = deciding if deciding.rules.id != self.rules.id else None

    def take(self, partitions: Collection[Partition], rules_of: Callable[[int], RuleSet]) -> None:
        """Let those that wait hold, for these partitions as `rules_of` then says."""
        if self._waiting is not None:
            self._deciding, self._waiting = self._waiting, None
            self._metrics.rule_set(self.rules.id)
            for partition in partitions:
                partition.judge_by(rules_of(partition.number))
            self.say(partitions)

    def say(self, partitions: Collection[Partition]) -> None:
        """Write down from where on they hold, all that is before being judged and durable."""
        if places := {partition.number: _place(partition) for partition in partitions}:
            log.info(RULES_HOLD, rule_set=self.rules.id, partitions=places, settings=self._deciding.settings)


def _place(partition: Partition) -> dict[str, Any]:
    return {
        "offsets": {topic.value: lane.committable for topic, lane in zip(_TOPICS, partition.lanes, strict=True)},
        "time": None if partition.newest == NEVER else partition.newest,
        "alerts_from": partition.rules.policy.alerts_from,
    }
