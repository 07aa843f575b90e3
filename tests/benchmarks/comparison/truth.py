"""Which alerts are right: one clean pass over the input, each partition's topics merged by event time."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from comparison.job import PARTITIONS, Record
from stream_app import codec, settings
from stream_app.core.order import ALWAYS, Waiting, merge
from stream_app.core.pipeline import Outcome, Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.timeline import States, Timeline
from stream_app.topics import InputTopic

TOPICS = list(InputTopic)
Lanes = list[deque[Waiting]]


def truth(records: Iterable[Record], rules: Mapping[str, str], before: Mapping[int, States] | None = None) -> set[str]:
    """Return the ids of the alerts that are right; `rules` are settings, `before` is who is known by partition."""
    rule_set, found = settings.load(environ=dict(rules)).rule_set(), set()
    for number, lanes in enumerate(partitions(records)):
        customers = before[number] if before else States()
        for outcome in judged(lanes, rule_set, customers):
            found.update(alert.alert_id for alert in outcome.alerts)
    return found


def partitions(records: Iterable[Record]) -> list[Lanes]:
    """Return what waits in each partition, by topic."""
    lanes: list[Lanes] = [[deque() for _ in TOPICS] for _ in range(PARTITIONS)]
    for each in records:
        event = codec.decode(each.topic, each.key, each.value, -1)
        lanes[each.partition][TOPICS.index(each.topic)].append(Waiting(event.occurred_at, 0, 0, 0, event))
    return lanes


def judged(lanes: Lanes, rules: RuleSet, customers: States) -> Iterator[Outcome]:
    """Judge a partition from its beginning to its end; `customers` are in the end what it made of them."""
    timeline = Timeline(customers, rules)
    for _, waiting in merge(lanes, [ALWAYS] * len(lanes)):
        event = waiting.event
        if timeline.reach(event.occurred_at):
            while (outcome := timeline.judge_next()) is not None:
                yield outcome
        before = customers.state_of(event.customer_id)
        outcome = process(event, before, rules)
        if outcome.verdict is Verdict.USED:
            customers.keep(event.customer_id, outcome.state)
            timeline.happened(event, before, outcome.state)
        yield outcome
