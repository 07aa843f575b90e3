"""Lost, duplicated, wrong: what a group of workers left behind against what it should have been.

Both sides are read from Kafka. Which alerts and fates must be there is said by the naive judge of the acceptance
tests, what exactly stands in them and in state by one clean pass of the product's own rules over the same records.
"""

import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition

from stream_app import codec
from stream_app.codec.state import NOTHING_APPLIED, decode_state
from stream_app.core.order import ALWAYS, Waiting, merge
from stream_app.core.pipeline import Outcome, process
from stream_app.core.pipeline import Verdict as Became
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.core.timeline import States, Timeline
from stream_app.topics import ALERT_TOPICS, InputTopic, OutputTopic
from stream_app.workers.stores import RESERVED
from tests.acceptance.naive import Record, Topics, judge, names_a_bot
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


@dataclass
class Verdict:
    """What is amiss, in words; all empty is how it should be."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    alerts: int = 0
    repeated: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing is amiss."""
        return not (self.lost or self.duplicated or self.wrong)

    def __str__(self) -> str:
        """Return the verdict in one line, and what is amiss below."""
        line = f"LOST {len(self.lost)} DUPLICATED {len(self.duplicated)} WRONG {len(self.wrong)}"
        more = [*self.lost[:5], *self.duplicated[:5], *self.wrong[:10]]
        return "\n  ".join([f"{line} (alerts {self.alerts}, repeated {self.repeated})", *more])


async def verify(ground: Ground) -> Verdict:
    """Return what is amiss of a group that has caught up."""
    names = {topic: ground.settings.topic(topic) for topic in (*InputTopic, *OutputTopic)}
    found = await ground.read([*names.values(), ground.changelog])
    of = {topic: [r for tp, records in found.items() if tp.topic == names[topic] for r in records] for topic in names}
    truth, verdict = truth_of(ground, found), Verdict()
    _alerts(truth, [json.loads(r.value) for topic in ALERT_TOPICS.values() for r in of[topic]], verdict)
    _fates(truth, [json.loads(r.value) for r in of[OutputTopic.FATES]], verdict)
    letters = [json.loads(record.value) for record in of[OutputTopic.DEAD_LETTERS]]
    _same("dead letter", truth.dead, {(x["topic"], x["partition"], x["offset"]) for x in letters}, verdict.wrong)
    _states(truth, [r for tp, records in found.items() if tp.topic == ground.changelog for r in records], verdict)
    return verdict


def truth_of(ground: Ground, found: Found) -> Truth:
    """Return what must come of the input topics in `found`."""
    truth = Truth()
    for number in range(ground.partitions):
        lanes = [found[TopicPartition(ground.settings.topic(topic), number)] for topic in LANES]
        events = [list(_decoded(topic, lane, truth)) for topic, lane in zip(LANES, lanes, strict=True)]
        said = judge(_plain(lanes, events), is_bot=_is_bot, is_staff=_is_staff)
        truth.alert_ids |= {alert["alert_id"] for alert in said.alerts}
        truth.fates |= {(fate["match_id"], fate["reason"]) for fate in said.fates}
        _clean_pass(ground, [deque(lane) for lane in events], truth)
    return truth


def _is_bot(view: dict[str, Any]) -> bool:
    return names_a_bot(view) or "Headless" in view.get("user_agent", "")


def _is_staff(view: dict[str, Any]) -> bool:
    """Tell whether a view is the simulator's own staff's."""
    return str(view["customer_id"]).endswith("@staff.example")


def _decoded(topic: InputTopic, records: list[ConsumerRecord], truth: Truth) -> Iterator[Waiting[Any]]:
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


def _clean_pass(ground: Ground, lanes: list[deque[Waiting[Any]]], truth: Truth) -> None:
    rules, customers = ground.settings.rule_set(), Remembered()
    timeline = Timeline(customers, rules)
    for lane, waiting in merge(lanes, [ALWAYS] * len(lanes)):
        if timeline.reach(waiting.at):
            _judge_due(timeline, truth)
        before = customers.state_of(waiting.event.customer_id)
        outcome = process(waiting.event, before, rules)
        truth.counts[outcome.verdict] += 1
        if outcome.verdict is not Became.IGNORED:
            customers.take(lane, waiting, outcome.state)
            timeline.happened(waiting.event, before, outcome.state)
        _expect(outcome, truth)
    truth.states |= {one.encode(): (fence, customers.state_of(one)) for one, fence in customers.fences.items()}
    truth.since |= {one.encode(): fence for one, fence in customers.since.items()}


def _judge_due(timeline: Timeline, truth: Truth) -> None:
    """Judge what is due; of what time says the naive judge knows nothing."""
    while (outcome := timeline.judge_next()) is not None:
        truth.alert_ids |= {alert.alert_id for alert in outcome.alerts}
        truth.fates |= {(held.match_id, held.reason) for held in outcome.suppressed}
        _expect(outcome, truth)


def _expect(outcome: Outcome, truth: Truth) -> None:
    for alert in outcome.alerts:
        truth.alerts[alert.alert_id].append(json.loads(codec.encode_alert(alert, None)))


def _alerts(truth: Truth, alerts: list[dict[str, Any]], verdict: Verdict) -> None:
    ids = {alert["alert_id"] for alert in alerts}
    verdict.alerts, verdict.repeated = len(ids), len(alerts) - len(ids)
    verdict.lost += [f"alert {one}" for one in sorted(truth.alert_ids - ids)]
    verdict.duplicated += [f"alert {one} should not be" for one in sorted(ids - truth.alert_ids)]
    for alert in alerts:
        said = {key: value for key, value in alert.items() if key != "detected_at"}
        if alert["alert_id"] in truth.alert_ids and said not in truth.alerts[alert["alert_id"]]:
            verdict.duplicated.append(f"alert with other content: {said}")


def _fates(truth: Truth, fates: list[dict[str, Any]], verdict: Verdict) -> None:
    _same("fate", truth.fates, {(fate["match_id"], fate["reason"]) for fate in fates}, verdict.wrong)


def _states(truth: Truth, changelog: list[ConsumerRecord], verdict: Verdict) -> None:
    values = {record.key: record.value for record in changelog if not record.key.startswith(RESERVED)}
    known = {key: decode_state(value) for key, value in values.items() if value is not None}
    gone = {key for key, since in truth.since.items() if since == list(NOTHING_APPLIED)}
    _same("customer", set(truth.states), set(known) | gone, verdict.wrong)
    for key in truth.states.keys() & known.keys():
        fence, state = truth.states[key]
        # Of one that was forgotten the fence stays behind for a while: from there on either is right.
        fits = all(lane in either for lane, *either in zip(known[key][0], fence, truth.since[key], strict=True))
        if state != known[key][1] or not fits:
            verdict.wrong.append(f"state of {key.decode()}: {'; '.join(_differing(truth.states[key], known[key]))}")


def _differing(expected: Known, actual: Known) -> Iterator[str]:
    yield f"fence {expected[0]} became {actual[0]}"
    for name in CustomerState.__struct_fields__:
        should, does = getattr(expected[1], name), getattr(actual[1], name)
        if should != does:
            yield f"{name} {should!r:.80} became {does!r:.80}"


def _same(what: str, expected: set[Any], actual: set[Any], wrong: list[str]) -> None:
    wrong += [f"{what} missing: {one}" for one in sorted(expected - actual)]
    wrong += [f"{what} too many: {one}" for one in sorted(actual - expected)]
