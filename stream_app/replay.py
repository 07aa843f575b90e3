"""Recorded events → process → alerts, fates and a report: the same judgement as live, without a broker.

Two passes. The first reads each file once and puts every event aside by topic and partition, the partition being the
one that Kafka's default partitioner gives the customer. The second takes one partition after the other, merges its
topics as the worker does and keeps the states of that partition alone in memory.

The same files give the same bytes, unless they hold events of the future. Another number of partitions orders the
output otherwise, and where a topic is not in order of time it may give other alerts: which event comes first depends
on what it shares its partition with, in Kafka as here.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from stream_app.codec import encode_account_view, encode_alert, encode_fate, encode_resolution, encode_segment_change
from stream_app.core.audience import IgnoredReason
from stream_app.core.erasure import Erasures
from stream_app.core.events import NEVER, Event, Micros
from stream_app.core.lifetime import worth
from stream_app.core.order import ALWAYS, NOT_KNOWN, Waiting, merge
from stream_app.core.pipeline import Outcome, Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.timeline import States, Timeline
from stream_app.formats import BadLine, IgnoredLine
from stream_app.inputs import Line, dead_letter
from stream_app.partitioners import partition_of_customer
from stream_app.progress import Progress, silently
from stream_app.report import Report, Tally
from stream_app.spool import Spool
from stream_app.topics import RECORDED

NOBODY = Erasures()
LANES = RECORDED  # in the order of ties
PARTITIONS = 4
EXIT_INTERRUPTED = 128 + 2  # as a shell reports SIGINT
EVENTS_PER_STEP = 4_096

Write: TypeAlias = Callable[[bytes], object]

_log = logging.getLogger(__name__)


def _nowhere(line: bytes) -> None:
    """Write nothing."""


class Outputs(Struct, frozen=True, kw_only=True):
    """Where JSON lines go, each with its line end."""

    alerts: Write = _nowhere
    fates: Write = _nowhere
    dead_letters: Write = _nowhere
    resolutions: Write = _nowhere
    segment_changes: Write = _nowhere
    account_views: Write = _nowhere


def replay(
    lines: Iterable[Line],
    rules: RuleSet,
    outputs: Outputs,
    *,
    partitions: int = PARTITIONS,
    until: Micros | None = None,
    erasures: Erasures = NOBODY,
    progress: Progress = silently,
) -> Report:
    """Judge everything that the lines say; `progress` is told what goes on, events done and, if known, of how many.

    What happened with somebody up to the time at which they were erased is not judged: files have no offsets.

    In the end time moves on to `until` in every partition, or to the newest event of all less the lateness.

    Errors of reading and writing pass through as they are.
    """
    started = time.perf_counter()
    tally = Tally()
    with Spool(partitions * len(LANES)) as spool:
        kept, newest = _put_aside(lines, spool, partitions, tally, outputs.dead_letters, erasures, progress)
        judge = Judge(tally, outputs, newest, until)
        for partition in range(partitions):
            stretch = Stretch(rules, merged(spool, partition))
            judge.partition([stretch], lambda done: progress("Judging", done, kept))
    return tally.report(time.perf_counter() - started)


def _put_aside(
    lines: Iterable[Line],
    spool: Spool,
    partitions: int,
    tally: Tally,
    bury: Write,
    erasures: Erasures,
    progress: Progress,
) -> tuple[int, Micros]:
    """Return how many events were put aside for judgement, and the latest time of them.

    What has no customer or no sense ends here.
    """
    partition = partition_of_customer(partitions)
    lanes = {topic: lane for lane, topic in enumerate(LANES)}
    number, kept, newest = 0, 0, NEVER
    for number, (source, item) in enumerate(lines, 1):
        topic = source.topic
        tally.came_in(topic)
        if isinstance(item, BadLine):
            tally.dead(topic, item.reason)
            bury(dead_letter(source, item) + b"\n")
        elif isinstance(item, IgnoredLine):
            tally.left_out(topic, item.reason)
        elif not item.customer_id:
            # Nobody's view has no partition: it must not hold others back when topics are merged.
            tally.left_out(topic, IgnoredReason.ANONYMOUS)
        elif erasures and erasures.erased_by(item.customer_id, item.occurred_at):
            tally.erased(topic)
        else:
            spool.append(partition(item.customer_id) * len(LANES) + lanes[topic], item)
            kept += 1
            newest = max(newest, item.occurred_at)
        if number % EVENTS_PER_STEP == 0:
            progress("Reading", number, None)
    progress("Reading", number, None)
    return kept, newest


def merged(spool: Spool, partition: int) -> Iterator[tuple[int, Event]]:
    """Yield a partition's events, with their lanes, in the order in which they are judged."""
    runs = [spool.runs(partition * len(LANES) + lane) for lane in range(len(LANES))]
    lanes: list[deque[Waiting[Event]]] = [deque() for _ in LANES]
    ended = [NOT_KNOWN] * len(LANES)
    while True:
        for i, lane in enumerate(lanes):
            if not lane and ended[i] == NOT_KNOWN:
                run = next(runs[i], None)
                ended[i] = ALWAYS if run is None else NOT_KNOWN
                lane.extend(Waiting(event.occurred_at, 0, 0, 0, event) for event in run or ())
        if not any(lanes):
            return
        for i, waiting in merge(lanes, ended):
            yield i, waiting.event


class Stretch(Struct, frozen=True):
    """A partition's events, with their lanes, that the same rules judge; others have judged up to the time `begins`."""

    rules: RuleSet
    events: Iterable[tuple[int, Event]]
    begins: Micros = NEVER


class Judge:
    """Judges partition after partition, up to the time `until`; counts and writes what comes of it.

    None: up to the `newest` event of all, less the lateness.
    """

    def __init__(self, tally: Tally, outputs: Outputs, newest: Micros, until: Micros | None) -> None:
        self._tally = tally
        self._outputs = outputs
        self._newest = newest
        self._until = until
        self._done = 0
        self._told: set[str] = set()

    def partition(self, stretches: Sequence[Stretch], progress: Callable[[int], object]) -> None:
        """Judge one partition's events; their customers are in no other."""
        customers = States()
        timeline = Timeline(customers, stretches[0].rules)
        for stretch in stretches:
            if timeline.reach(stretch.begins):
                self._judge_due(timeline)
            timeline = Timeline(customers, stretch.rules, site=timeline.site, newest=timeline.newest)
            for lane, event in stretch.events:
                self._take(lane, event, stretch.rules, customers, timeline)
                self._done += 1
                if self._done % EVENTS_PER_STEP == 0:
                    progress(self._done)
        rules = stretches[-1].rules
        timeline.pass_to(self._newest - rules.policy.lateness if self._until is None else self._until)
        self._judge_due(timeline)
        progress(self._done)
        self._tally.customers += len(customers.states)
        for state in customers.states.values():
            self._tally.valued(worth(state, self._newest, rules.tuning))

    def _take(self, lane: int, event: Event, rules: RuleSet, customers: States, timeline: Timeline) -> None:
        if timeline.reach(event.occurred_at):
            self._judge_due(timeline)
        before = customers.state_of(event.customer_id)
        outcome = process(event, before, rules)
        if outcome.verdict is Verdict.USED:
            customers.keep(event.customer_id, outcome.state)
            timeline.happened(event, before, outcome.state)
        self._tally.judged(LANES[lane], outcome)
        self._pass_on(outcome)

    def _judge_due(self, timeline: Timeline) -> None:
        while (outcome := timeline.judge_next()) is not None:
            self._tally.came_due(outcome)
            self._pass_on(outcome)

    def _pass_on(self, outcome: Outcome) -> None:
        if not outcome.speaks:
            return
        for alert in outcome.alerts:
            self._outputs.alerts(encode_alert(alert, None) + b"\n")
        for held in outcome.suppressed:
            self._outputs.fates(encode_fate(held, None) + b"\n")
        for over in outcome.resolutions:
            self._outputs.resolutions(encode_resolution(over, None) + b"\n")
        if outcome.move is not None:
            self._outputs.segment_changes(encode_segment_change(outcome.move, None) + b"\n")
        if outcome.account_view is not None:
            self._outputs.account_views(encode_account_view(outcome.account_view) + b"\n")
        for error in outcome.errors:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        """Log a rule's error once: a rule that fails does so for a million events."""
        if (text := repr(error)) not in self._told and len(self._told) < EVENTS_PER_STEP:
            self._told.add(text)
            _log.error("a rule raised %s", text, exc_info=error)
