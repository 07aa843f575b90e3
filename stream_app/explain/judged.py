"""What the rules make of recorded events, with all that is to be told of some people."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec.structs import replace

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import Event, Micros, PageView, TimePassed
from stream_app.core.pages import PageCategory
from stream_app.core.pipeline import Outcome, Verdict
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.explain.ahead import Want, wants
from stream_app.explain.story import Deed, Happened, Person
from stream_app.notify_simulation import Happening
from stream_app.progress import Progress
from stream_app.rehearsal import Judging, said, talk

Events: TypeAlias = Iterable[tuple[int, Event]]
"""A partition's, each with its lane."""

_EVENTS_PER_STEP = 4_096


class Judged:
    """People and what was found of everybody; of what came due notify reads when the lateness has passed."""

    def __init__(self, rules: RuleSet, people: frozenset[str]) -> None:
        self._rules = rules
        self._happened: dict[str, list[Happened]] = {one: [] for one in sorted(people)}
        self._states = dict.fromkeys(self._happened, UNKNOWN_CUSTOMER)
        self._wanted: dict[str, list[Want]] = {one: [] for one in self._happened}
        self._found: list[tuple[Micros, Happening]] = []
        self._done = 0

    @property
    def people(self) -> tuple[Person, ...]:
        """Those asked about, by id."""
        return tuple(
            Person(
                customer_id=one,
                happened=tuple(sorted(happened, key=lambda each: each.event.occurred_at)),
                state=self._states[one],
                wanted=tuple(self._wanted[one]),
            )
            for one, happened in self._happened.items()
        )

    @property
    def found(self) -> list[tuple[Micros, Happening]]:
        """What notify reads, and when, of all customers."""
        return sorted(self._found, key=lambda one: one[0])

    def judge(self, partitions: Iterable[Events], kept: int, until: Micros, progress: Progress) -> None:
        """Judge partitions, of at most so many events, and let time move on to `until`."""
        for events in partitions:
            self._judge_partition(events, until, lambda: progress("Judging", self._done, kept))

    def _judge_partition(self, events: Iterable[tuple[int, Event]], until: Micros, step: Callable[[], object]) -> None:
        judging = Judging(self._rules)
        for _, event in events:
            for due in judging.due_before(event.occurred_at):
                self._keep(due, None)
            outcome = judging.of(event)
            self._keep(outcome, event.occurred_at)
            if (talked := talk(event)) is not None:
                self._found.append((event.occurred_at, talked))
            if event.customer_id in self._happened and not isinstance(event, TimePassed):
                self._note(event, outcome)
            self._done += 1
            if self._done % _EVENTS_PER_STEP == 0:
                step()
        for due in judging.rest(until):
            self._keep(due, None)
        states = judging.customers.states
        self._states |= {one: states[one] for one in self._states if one in states}

    def _note(self, event: Deed, outcome: Outcome) -> None:
        page = self._rules.pages.page(event.url) if isinstance(event, PageView) else None
        one = Happened(event=event, verdict=outcome.verdict, ignored=outcome.ignored, page=page)
        self._happened[event.customer_id].append(one)
        if page is None or page.category is PageCategory.OTHER or outcome.verdict is not Verdict.USED:
            return
        if isinstance(event, PageView):
            self._wanted[event.customer_id] += wants(event, outcome.state, self._rules)

    def _keep(self, outcome: Outcome, at: Micros | None) -> None:
        if outcome.speaks:
            for one in said(outcome):
                when = one.occurred_at + self._rules.policy.lateness if at is None else at
                self._found.append((when, replace(one, detected_at=when) if isinstance(one, PublishedAlert) else one))
