"""What a worker of state format 1 left behind, and what must become of it once this version goes on with it."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream_app import codec
from stream_app.codec.state import AT_ONCE, NOTHING_APPLIED
from stream_app.core.order import ALWAYS, Waiting, merge
from stream_app.core.pipeline import Outcome, Verdict, process
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.core.timeline import Timeline
from stream_app.topics import ALERT_TOPICS, OutputTopic
from tests.codec.old_states import cut_to_1, encode_1
from tests.faults.ground import Ground
from tests.faults.truth import LANES, Found, Remembered, Truth, decoded, expect, judge_due

REPEATED = 20  # records of each topic-partition that were applied and not committed


@dataclass
class Left:
    """The old worker's customers, by partition, and what it said; `ends` are where it had read to."""

    ground: Ground
    ends: Mapping[TopicPartition, int]
    fences: list[dict[str, list[int]]] = field(default_factory=list)
    states: list[dict[str, CustomerState]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def committed(self) -> dict[TopicPartition, int]:
        """Where it had committed when it was killed."""
        return {tp: max(0, end - REPEATED) for tp, end in self.ends.items()}

    def judged(self, found: Found) -> "Left":
        """Judge all that is there as the old version did: nobody was ever due."""
        rules = self.ground.settings.rule_set()
        for number in range(self.ground.partitions):
            states, fences = dict[str, CustomerState](), dict[str, list[int]]()
            for lane, waiting in _in_order(self.ground, found, number, {}):
                customer = waiting.event.customer_id
                outcome = process(waiting.event, states.get(customer, UNKNOWN_CUSTOMER), rules)
                if outcome.verdict is not Verdict.IGNORED:
                    fences.setdefault(customer, list(NOTHING_APPLIED))[lane] = waiting.offset
                    states[customer] = outcome.state
                    self.outcomes.append(outcome)
            self.states.append({one: cut_to_1(state) for one, state in states.items()})
            self.fences.append(fences)
        return self

    async def write(self) -> None:
        """Write changelog, alerts, fates and commits."""
        name = self.ground.settings.topic
        async with AIOKafkaProducer(bootstrap_servers=self.ground.bootstrap_servers) as producer:
            for number, states in enumerate(self.states):
                for one, state in states.items():
                    value = encode_1(self.fences[number][one], state)
                    await producer.send(self.ground.changelog, value, one.encode(), partition=number)
            for outcome in self.outcomes:
                for alert in outcome.alerts:
                    await producer.send(name(ALERT_TOPICS[alert.intent]), codec.encode_alert(alert, 0))
                for held in outcome.suppressed:
                    await producer.send(name(OutputTopic.FATES), codec.encode_fate(held, 0))
            await producer.flush()
        options = {"bootstrap_servers": self.ground.bootstrap_servers, "group_id": self.ground.name}
        async with AIOKafkaConsumer(**options, enable_auto_commit=False) as consumer:
            consumer.assign(list(self.committed))
            await consumer.commit(self.committed)

    def told(self, truth: Truth, found: Found) -> None:
        """Correct the truth: what format 1 never kept is learnt from the upgrade on."""
        truth.alerts.clear()
        truth.states.clear()
        truth.since.clear()
        for outcome in self.outcomes:
            expect(outcome, truth)
        for number in range(self.ground.partitions):
            self._go_on(number, found, truth)

    def _go_on(self, number: int, found: Found, truth: Truth) -> None:
        customers, rules = Remembered(), self.ground.settings.rule_set()
        for one, state in self.states[number].items():
            customers.states[one] = state
            customers.fences[one], customers.since[one] = list(self.fences[number][one]), list(self.fences[number][one])
            customers._agenda.put(one, AT_ONCE)
        timeline = Timeline(customers, rules)
        for lane, waiting in _in_order(self.ground, found, number, self.committed):
            if timeline.reach(waiting.at):
                judge_due(timeline, truth)
            one = waiting.event.customer_id
            if waiting.offset <= customers.fences.get(one, NOTHING_APPLIED)[lane]:
                continue
            before = customers.state_of(one)
            outcome = process(waiting.event, before, rules)
            if outcome.verdict is not Verdict.IGNORED:
                customers.take(lane, waiting, outcome.state)
                timeline.happened(waiting.event, before, outcome.state)
            expect(outcome, truth)
        truth.states |= {one.encode(): (fence, customers.state_of(one)) for one, fence in customers.fences.items()}
        truth.since |= {one.encode(): fence for one, fence in customers.since.items()}


def _in_order(
    ground: Ground, found: Found, number: int, starts: Mapping[TopicPartition, int]
) -> Iterator[tuple[int, Waiting[Any]]]:
    """Yield a partition's events from these offsets on, with their lanes, in the order in which they are judged."""
    lanes = []
    for topic in LANES:
        place = TopicPartition(ground.settings.topic(topic), number)
        events = decoded(topic, found[place], Truth())
        lanes.append(deque(waiting for waiting in events if waiting.offset >= starts.get(place, 0)))
    return merge(lanes, [ALWAYS] * len(lanes))
