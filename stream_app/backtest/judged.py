"""One rule set over one partition of history: what comes of it, and when notify would have read that."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from stream_app.core.events import NEVER, Event, Micros
from stream_app.core.pipeline import Outcome
from stream_app.core.rule_set import RuleSet
from stream_app.notify_simulation import Happening
from stream_app.rehearsal import Judging, said, talk
from stream_app.report import Tally
from stream_app.topics import InputTopic

Events: TypeAlias = Iterable[tuple[InputTopic, Event]]


class Judged:
    """A partition's judgement, step by step; `customers` are known in the end."""

    def __init__(self, rules: RuleSet, tally: Tally) -> None:
        self._judging = Judging(rules)
        self._lateness = rules.policy.lateness
        self._tally = tally
        self._at: Micros = NEVER

    def happenings(self, events: Events, until: Micros) -> Iterator[tuple[Micros, Happening]]:
        """Yield what notify reads, with the time at which it would have: never before what was yielded before."""
        for topic, event in events:
            for outcome in self._judging.due_before(event.occurred_at):
                yield from self._due(outcome, event.occurred_at)
            self._at = max(self._at, event.occurred_at)
            outcome = self._judging.of(event)
            self._tally.judged(topic, outcome)
            yield from ((self._at, one) for one in said(outcome))
            if (talked := talk(event)) is not None:
                yield self._at, talked
        for outcome in self._judging.rest(until):
            yield from self._due(outcome, until + self._lateness)
        self._tally.customers += len(self._judging.customers.states)

    def knows(self, customer_id: str) -> bool:
        """Say whether there was such a customer in this partition."""
        return customer_id in self._judging.customers.states

    def _due(self, outcome: Outcome, latest: Micros) -> Iterator[tuple[Micros, Happening]]:
        """Yield what time brought: live the partition's clock goes on without events, behind by the lateness."""
        self._tally.came_due(outcome)
        for one in said(outcome):
            self._at = max(self._at, min(one.occurred_at + self._lateness, latest))
            yield self._at, one
