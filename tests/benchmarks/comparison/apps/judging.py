"""What the raw loops share: a partition's lanes, its customers in plain dictionaries, and what came of judging them.

It does what the product does, and nothing for crashes: it shows what is left when Kafka and rules cost what they must.
"""

import os
from collections import deque
from collections.abc import Iterable

from stream_app import codec
from stream_app.codec.state import NOTHING_APPLIED, encode_state
from stream_app.core.order import NOT_KNOWN, Waiting, merge
from stream_app.core.pipeline import Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.timeline import States, Timeline
from stream_app.topics import ALERT_TOPICS, InputTopic, OutputTopic

BROKER = os.environ["BENCH_BROKER"]
PREFIX = os.environ["BENCH_PREFIX"]
GROUP = os.environ["BENCH_GROUP"]
CHANGELOG = os.environ["BENCH_CHANGELOG"]
PARTITIONS = int(os.environ["BENCH_PARTITIONS"])
CHECKPOINT_SECONDS = 1.0

TOPICS = list(InputTopic)
NAMES = [f"{PREFIX}{topic}" for topic in TOPICS]
LANE_OF = {name: lane for lane, name in enumerate(NAMES)}
ALERTS = {intent: f"{PREFIX}{topic}" for intent, topic in ALERT_TOPICS.items()}
FATES = f"{PREFIX}{OutputTopic.FATES}"

Said = tuple[str, bytes, bytes]  # topic, key, value


class Touched(States):
    """A partition's customers, and which of them are to be written at the next checkpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: set[str] = set()

    def keep(self, customer_id, state):
        super().keep(customer_id, state)
        self.touched.add(customer_id)


class Judge:
    """One partition."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.lanes: list[deque[Waiting]] = [deque() for _ in TOPICS]
        self.positions = [0] * len(TOPICS)
        self.unsaved = False  # something was judged since the last checkpoint
        self._ended = [NOT_KNOWN] * len(TOPICS)
        self._rules = RuleSet()
        self._customers = Touched()
        self._fences: dict[str, list[int]] = {}
        self._time = Timeline(self._customers, self._rules)

    @property
    def blocked(self) -> bool:
        """Whether events wait for news of another topic."""
        return any(self.lanes) and not all(self.lanes)

    def empty(self) -> list[int]:
        """Return the lanes in which nothing waits."""
        return [lane for lane, waiting in enumerate(self.lanes) if not waiting]

    def learn_end(self, lane: int, end: int, asked: int) -> None:
        """Note where a lane's topic ended after `asked` had arrived."""
        if not self.lanes[lane] and self.positions[lane] >= end:
            self._ended[lane] = asked

    def take(self, lane: int, arrival: int, records: Iterable[tuple[int, int, bytes, bytes]]) -> None:
        """Take records: offset, timestamp, key, value."""
        topic, waiting = TOPICS[lane], self.lanes[lane]
        for offset, timestamp, key, value in records:
            event = codec.decode(topic, key, value, timestamp)
            waiting.append(Waiting(event.occurred_at, arrival, offset, timestamp, event))
            self.positions[lane] = offset + 1

    def judge(self) -> list[Said]:
        """Judge what may go; return what is to be said."""
        said: list[Said] = []
        time, customers, rules, fences = self._time, self._customers, self._rules, self._fences
        for lane, waiting in merge(self.lanes, self._ended):
            event, self.unsaved = waiting.event, True
            if time.reach(event.occurred_at):
                while (outcome := time.judge_next()) is not None:
                    said += spoken(outcome)
            before = customers.state_of(event.customer_id)
            outcome = process(event, before, rules)
            if outcome.speaks:
                said += spoken(outcome)
            fences.setdefault(event.customer_id, list(NOTHING_APPLIED))[lane] = waiting.offset
            if outcome.verdict is Verdict.USED:
                customers.keep(event.customer_id, outcome.state)
                time.happened(event, before, outcome.state)
        return said

    def changes(self) -> list[tuple[bytes, bytes]]:
        """Return what the changelog is to be told, once."""
        customers, self.unsaved = self._customers, False
        touched, customers.touched = customers.touched, set()
        return [(key.encode(), encode_state(self._fences[key], customers.state_of(key))) for key in touched]

    def committable(self) -> dict[str, int]:
        """Return for each topic the offset of the first record that was not judged."""
        return {
            name: waiting[0].offset if waiting else position
            for name, waiting, position in zip(NAMES, self.lanes, self.positions, strict=True)
        }


def spoken(outcome) -> list[Said]:
    """Return the records that say what was found."""
    fates = [(FATES, codec.alert_key(held), codec.encode_fate(held, None)) for held in outcome.suppressed]
    alerts = [(ALERTS[each.intent], codec.alert_key(each), codec.encode_alert(each, None)) for each in outcome.alerts]
    return fates + alerts
