"""Lost, duplicated, wrong: what a group of workers left behind against what it should have been (see `truth`)."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord

from stream_app.codec.state import NOTHING_APPLIED, decode_state
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import CustomerState
from stream_app.topics import ALERT_TOPICS, InputTopic, OutputTopic
from stream_app.workers.stores import RESERVED
from tests.faults.ground import Ground
from tests.faults.truth import Found, Judge, Known, Truth


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


async def verify(
    ground: Ground,
    rules: RuleSet | None = None,
    beyond_the_judge: Iterable[str] = (),
    told: Callable[[Truth, Found], None] | None = None,
) -> Verdict:
    """Return what is amiss of a group that has caught up; see `Judge`. `told` may know better what must come of it."""
    found = await ground.read(topics_of(ground))
    truth = Judge(ground, rules, beyond_the_judge).take(found)
    if told is not None:
        told(truth, found)
    return compare(ground, truth, found)


def topics_of(ground: Ground) -> list[str]:
    """Return all topics that a verdict rests on."""
    return [*(ground.settings.topic(topic) for topic in (*InputTopic, *OutputTopic)), ground.changelog]


def compare(ground: Ground, truth: Truth, found: Found) -> Verdict:
    """Return what is amiss in what was found."""
    names = {topic: ground.settings.topic(topic) for topic in OutputTopic}
    of = {topic: [r for tp, records in found.items() if tp.topic == names[topic] for r in records] for topic in names}
    verdict = Verdict()
    _alerts(truth, [json.loads(r.value) for topic in ALERT_TOPICS.values() for r in of[topic]], verdict)
    _fates(truth, [json.loads(r.value) for r in of[OutputTopic.FATES]], verdict)
    letters = [json.loads(record.value) for record in of[OutputTopic.DEAD_LETTERS]]
    _same("dead letter", truth.dead, {(x["topic"], x["partition"], x["offset"]) for x in letters}, verdict.wrong)
    _states(truth, [r for tp, records in found.items() if tp.topic == ground.changelog for r in records], verdict)
    return verdict


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
