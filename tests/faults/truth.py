"""What must come of the input that stands in Kafka.

Which alerts and fates must be there is said by the naive judge of the acceptance tests, what exactly stands in them
and in state by one clean pass of the product's own rules over the same records.
"""

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition

from stream_app import codec
from stream_app.codec.state import NOTHING_APPLIED
from stream_app.core.order import ALWAYS, Waiting, merge
from stream_app.core.pipeline import Outcome, process
from stream_app.core.pipeline import Verdict as Became
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.core.timeline import States, Timeline
from stream_app.topics import InputTopic
from tests.acceptance import naive
from tests.acceptance.naive import Record, Topics, names_a_bot
from tests.faults.ground import Ground

Found: TypeAlias = Mapping[TopicPartition, list[ConsumerRecord]]
Known: TypeAlias = tuple[list[int], CustomerState]  # fence, state
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LANES = tuple(InputTopic)


@dataclass
class Truth:
    """What must have come of the input."""

    alert_ids: set[str] = field(default_factory=set)
    fates: set[tuple[str, str]] = field(default_factory=set)  # match id, reason
    alerts: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))  # id → contents
    states: dict[bytes, Known] = field(default_factory=dict)
    since: dict[bytes, list[int]] = field(default_factory=dict)  # what of the fence is not older than being forgotten
    dead: set[tuple[str, int, int]] = field(default_factory=set)  # topic, partition, offset
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Remembered(States):
    """A partition's customers with their fences, the whole ones and what of them is `since` they were forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.fences: dict[str, list[int]] = {}
        self.since: dict[str, list[int]] = {}

    def keep(self, customer_id: str, state: CustomerState) -> None:
        """Remember this of a customer whose moment has come; of nobody that all was forgotten."""
        super().keep(customer_id, state)
        if state is UNKNOWN_CUSTOMER:
            self.since[customer_id] = list(NOTHING_APPLIED)

    def take(self, lane: int, waiting: Waiting[Any], state: CustomerState) -> None:
        """Remember what an event made of its customer."""
        customer = waiting.event.customer_id
        super().keep(customer, state)
        for fences in (self.fences, self.since):
            fences.setdefault(customer, list(NOTHING_APPLIED))[lane] = waiting.offset
        if state is UNKNOWN_CUSTOMER:  # a tombstone: not even a fence stays
            self.since[customer] = list(NOTHING_APPLIED)


class Judge:
    """Says what must come of the input, also lap after lap, if workers catch up between the laps.

    `rules` are others than those of the settings, of which the naive judge knows nothing, nor of whom they concern:
    of the customers `beyond` it one clean pass says what must come.
    """

    def __init__(self, ground: Ground, rules: RuleSet | None = None, beyond: Iterable[str] = ()) -> None:
        self._ground = ground
        self._rules = rules or ground.settings.rule_set()
        self._beyond = set(beyond)
        self._passes = [CleanPass(self._rules, self._beyond) for _ in range(ground.partitions)]
        self._known: list[dict[str, naive.Known]] = [{} for _ in range(ground.partitions)]

    def take(self, found: Found) -> Truth:
        """Return what must come of the records in `found`; states are those of all laps up to this."""
        truth, beyond = Truth(), self._beyond
        for number in range(self._ground.partitions):
            lanes = [found[TopicPartition(self._ground.settings.topic(topic), number)] for topic in LANES]
            events = [list(decoded(topic, lane, truth)) for topic, lane in zip(LANES, lanes, strict=True)]
            plain = _plain(lanes, events)
            said = naive.judge(plain, is_bot=_is_bot, is_staff=_is_staff, known=self._known[number])
            truth.alert_ids |= {alert["alert_id"] for alert in said.alerts if alert["customer_id"] not in beyond}
            truth.fates |= {(f["match_id"], f["reason"]) for f in said.fates if f["customer_id"] not in beyond}
            self._passes[number].take([deque(lane) for lane in events], truth)
        return truth


class CleanPass:
    """One partition, judged by the product's own rules without a worker."""

    def __init__(self, rules: RuleSet, beyond: set[str]) -> None:
        self._rules = rules
        self._beyond = beyond
        self._customers = Remembered()
        self._timeline = Timeline(self._customers, rules)

    def take(self, lanes: list[deque[Waiting[Any]]], truth: Truth) -> None:
        """Judge what waits."""
        for lane, waiting in merge(lanes, [ALWAYS] * len(lanes)):
            if self._timeline.reach(waiting.at):
                judge_due(self._timeline, truth)
            self._judge(lane, waiting, truth)
        customers = self._customers
        truth.states |= {one.encode(): (fence, customers.state_of(one)) for one, fence in customers.fences.items()}
        truth.since |= {one.encode(): fence for one, fence in customers.since.items()}

    def _judge(self, lane: int, waiting: Waiting[Any], truth: Truth) -> None:
        before = self._customers.state_of(waiting.event.customer_id)
        outcome = process(waiting.event, before, self._rules)
        truth.counts[outcome.verdict] += 1
        if outcome.verdict is not Became.IGNORED:
            self._customers.take(lane, waiting, outcome.state)
            self._timeline.happened(waiting.event, before, outcome.state)
        expect(outcome, truth)
        if waiting.event.customer_id in self._beyond:
            _take_for_granted(outcome, truth)


def truth_of(ground: Ground, found: Found) -> Truth:
    """Return what must come of the input topics in `found`."""
    return Judge(ground).take(found)


def _is_bot(view: dict[str, Any]) -> bool:
    return names_a_bot(view) or "Headless" in view.get("user_agent", "")


def _is_staff(view: dict[str, Any]) -> bool:
    """Tell whether a view is the simulator's own staff's."""
    return str(view["customer_id"]).endswith("@staff.example")


def decoded(topic: InputTopic, records: list[ConsumerRecord], truth: Truth) -> Iterator[Waiting[Any]]:
    """Yield the events of records; what cannot be one is noted."""
    for record in records:
        try:
            event = codec.decode(topic, record.key, record.value, record.timestamp)
        except codec.DecodeError:
            truth.dead.add((record.topic, record.partition, record.offset))
            truth.counts["dead_letter"] += 1
        except codec.IgnoredInput:
            truth.counts["ignored"] += 1
        else:
            if event.customer_id:
                yield Waiting(event.occurred_at, 0, record.offset, record.timestamp, event)
            else:
                truth.counts["ignored"] += 1


def _plain(lanes: list[list[ConsumerRecord]], events: list[list[Waiting[Any]]]) -> Topics:
    """Return as parsed JSON what the codec took for events."""
    topics: Topics = {}
    for topic, lane, taken in zip(LANES, lanes, events, strict=True):
        offsets = {waiting.offset for waiting in taken}
        topics[topic] = [_record(record) for record in lane if record.offset in offsets]
    return topics


def _record(record: ConsumerRecord) -> Record:
    if record.value is None:
        return record.key.decode(), None, EPOCH + timedelta(milliseconds=record.timestamp)
    # In fields that nobody knows anything may stand.
    parsed: Record = json.loads(record.value.decode(errors="replace"), parse_int=lambda digits: int(digits[:20]))
    return parsed


def judge_due(timeline: Timeline, truth: Truth) -> None:
    """Judge what is due; of what time says the naive judge knows nothing."""
    while (outcome := timeline.judge_next()) is not None:
        _take_for_granted(outcome, truth)
        expect(outcome, truth)


def _take_for_granted(outcome: Outcome, truth: Truth) -> None:
    truth.alert_ids |= {alert.alert_id for alert in outcome.alerts}
    truth.fates |= {(held.match_id, held.reason) for held in outcome.suppressed}


def expect(outcome: Outcome, truth: Truth) -> None:
    """Note what must stand in the alerts of an outcome."""
    for alert in outcome.alerts:
        truth.alerts[alert.alert_id].append(json.loads(codec.encode_alert(alert, None)))
