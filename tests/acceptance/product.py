"""The product's own verdict on a history, from bytes on the wire to alerts, in the shape of the naive judge's."""

import json
from collections import deque
from datetime import datetime
from typing import TypeAlias

from aiokafka.partitioner import murmur2

from stream_app.codec import decode
from stream_app.core.alerts import Alert, Suppressed
from stream_app.core.audience import Audience
from stream_app.core.events import Event
from stream_app.core.order import ALWAYS, Waiting, merge
from stream_app.core.pipeline import Outcome, process
from stream_app.core.policy import Policy
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.core.timeline import States, Timeline
from stream_app.topics import InputTopic
from tests.acceptance.naive import Record, Topics, Verdict, Wire, customer_of, micros
from tests.acceptance.strategies import STAFF

Lanes: TypeAlias = list[deque[Waiting[Event]]]  # one per topic

TOPICS = tuple(InputTopic)
AUDIENCE = Audience(staff_ids=(STAFF,))


def product_verdict(
    topics: Topics,
    *,
    partitions: int = 1,
    alerts_from: datetime | None = None,
    judge_unknown: bool = True,
) -> Verdict:
    """Return what the product's codec, merge and rules make of `topics`."""
    since = None if alerts_from is None else micros(alerts_from)
    rules = RuleSet(audience=AUDIENCE, policy=Policy(judge_unknown=judge_unknown, alerts_from=since))
    verdict = Verdict()
    parts: list[Lanes] = [[deque() for _ in TOPICS] for _ in range(partitions)]
    for lane, topic in enumerate(TOPICS):
        for offset, record in enumerate(topics.get(topic, [])):
            event = decoded(topic, record)
            if event.customer_id:
                number = (murmur2(event.customer_id.encode()) & 0x7FFFFFFF) % partitions
                parts[number][lane].append(Waiting(event.occurred_at, 0, offset, -1, event))
            else:  # nobody's view has no key and no place in the order of a partition
                _add(topic, process(event, UNKNOWN_CUSTOMER, rules), verdict)
    for lanes in parts:
        states = States()
        timeline = Timeline(states, rules)
        for lane, waiting in merge(lanes, [ALWAYS] * len(lanes)):
            if timeline.reach(waiting.at):
                while (outcome := timeline.judge_next()) is not None:
                    _say(outcome, verdict)
            event = waiting.event
            before = states.state_of(event.customer_id)
            outcome = process(event, before, rules)
            states.keep(event.customer_id, outcome.state)
            timeline.happened(event, before, outcome.state)
            _add(TOPICS[lane], outcome, verdict)
    return verdict


def decoded(topic: str, record: Record) -> Event:
    """Return the event that the product's codec reads from the record's bytes."""
    key = customer_of(record).encode() or None
    if isinstance(record, tuple):
        return decode(InputTopic(topic), key, None, micros(record[2]) // 1000)
    return decode(InputTopic(topic), key, json.dumps(record).encode(), -1)


def _add(topic: str, outcome: Outcome, verdict: Verdict) -> None:
    verdict.counts[str(topic), str(outcome.verdict)] += 1
    _say(outcome, verdict)


def _say(outcome: Outcome, verdict: Verdict) -> None:
    verdict.alerts += map(_alert, outcome.alerts)
    verdict.fates += map(_fate, outcome.suppressed)


def _alert(alert: Alert) -> Wire:
    return {
        "alert_id": alert.alert_id,
        "rule_id": alert.rule_id,
        "intent": str(alert.intent),
        "severity": str(alert.severity),
        "customer_id": alert.customer_id,
        "account_id": alert.account_id or None,
        "event_id": alert.event_id,
        "evidence": [one.event_id for one in alert.evidence],
    }


def _fate(held: Suppressed) -> Wire:
    return {
        "match_id": held.match_id,
        "rule_id": held.rule_id,
        "intent": str(held.intent),
        "severity": str(held.severity),
        "customer_id": held.customer_id,
        "account_id": held.account_id or None,
        "event_id": held.event_id,
        "reason": str(held.reason),
    }
