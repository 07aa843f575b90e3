"""What must be known before a partition is judged: who was erased of it, and since when it is worked on at all."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from msgspec.structs import replace

from stream_app.core.rule_set import RuleSet
from stream_app.workers.erased import Known
from stream_app.workers.in_force import RulesInForce
from stream_app.workers.lanes import Lane
from stream_app.workers.output import Output, now_micros
from stream_app.workers.partition import Partition
from stream_app.workers.stores import ERASED_KEY, RESERVED, PartitionStore

PARTITION_KEY = RESERVED + b"partition"
"""Where it lies since when a partition is worked on."""


class Table(Protocol):
    """What the detector needs of the table."""

    @property
    def store(self) -> PartitionStore:
        """Return the store; it is there once the app runs."""


class Beginning:
    """Begins partitions. With `silent_before_start` nothing is said of what happened before the first time."""

    def __init__(
        self,
        *,
        rules: RulesInForce,
        table: Table,
        erasures: Callable[[int, bytes | None], Awaitable[Known]],
        output: Output,
        silent_before_start: bool,
    ) -> None:
        self._rules = rules
        self._table = table
        self._erasures = erasures
        self._output = output
        self._silent_before_start = silent_before_start

    async def __call__(
        self, number: int, lanes: list[Lane], keep: Callable[[int, Mapping[bytes, bytes | None]], Awaitable[None]]
    ) -> Partition:
        """Return a partition ready to be judged; `keep` makes durable at once."""
        store = self._table.store
        known = await self._erasures(number, store.fetch(number, ERASED_KEY))
        self._output.erased(number, known.amends)
        if self._silent_before_start and store.fetch(number, PARTITION_KEY) is None:
            await keep(number, {PARTITION_KEY: str(now_micros()).encode()})
        return Partition(number, lanes, store, self.rules_of(number), known)

    def rules_of(self, number: int) -> RuleSet:
        """Return the rules that hold, as they are for a partition that has begun."""
        rules = self._rules.rules
        if not self._silent_before_start:
            return rules
        began = self._table.store.fetch(number, PARTITION_KEY)
        assert began is not None, "it has not begun"
        return rules.with_policy(replace(rules.policy, alerts_from=int(began)))
