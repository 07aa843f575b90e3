"""One partition at work: the events that wait, the customers touched since the last checkpoint, and the rules."""

from collections import Counter
from collections.abc import Mapping

from faust.types import TP

from stream_app.codec.state import NOTHING_APPLIED, decode_state, encode_state
from stream_app.core.audience import IgnoredReason
from stream_app.core.events import Event, Micros
from stream_app.core.order import NOT_KNOWN, Waiting, merge
from stream_app.core.pipeline import Outcome, RuleSet, Verdict, process
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.workers.lanes import Lane
from stream_app.workers.stores import PartitionStore


class Judged:
    """What a round of judging came to: outcomes with something to say, and counts of all."""

    __slots__ = ("count", "ignored", "latest", "replayed", "speaking", "verdicts")

    def __init__(self) -> None:
        self.count = 0
        self.latest: dict[int, Micros] = {}  # by lane: time of the event judged last
        self.replayed: Counter[int] = Counter()  # by lane: applied before a crash, skipped now
        self.verdicts: Counter[tuple[int, Verdict]] = Counter()
        self.ignored: Counter[IgnoredReason] = Counter()
        self.speaking: list[tuple[Waiting[Event], Outcome]] = []


class _Customer:
    """A customer as touched since the last checkpoint."""

    __slots__ = ("changed", "fence", "state")

    def __init__(self, fence: list[int], state: CustomerState) -> None:
        self.fence = fence
        self.state = state
        self.changed = False


class Partition:
    """The lanes of one partition, in the order that decides ties, and what judging them has changed."""

    def __init__(self, number: int, lanes: list[Lane], store: PartitionStore, rules: RuleSet) -> None:
        self.number = number
        self.lanes = lanes
        self.ended = [NOT_KNOWN] * len(lanes)
        self.unknown_since: float | None = None  # monotonic seconds: nobody can tell where a topic ends
        self._queues = [lane.waiting for lane in lanes]
        self._store = store
        self._rules = rules
        self._touched: dict[str, _Customer] = {}

    @property
    def blocked(self) -> bool:
        """Whether events wait for news of another topic."""
        return any(self._queues) and not all(self._queues)

    def learn_ends(self, asked: int, ends: Mapping[TP, int], passed: Mapping[TP, int]) -> bool:
        """Note which empty lanes were at their end when `asked` was the latest arrival; say whether one was.

        `ends` are the offsets that the next records will get. A log may end with offsets that hold no record:
        `passed` are the lanes whose consumer has gone by those, and up to where it handed records out.
        """
        self.unknown_since = None
        found = False
        for i, lane in enumerate(self.lanes):
            at_end = lane.tp in ends and (lane.position >= ends[lane.tp] or passed.get(lane.tp) == lane.position)
            if at_end and not lane.waiting:
                self.ended[i] = asked
                found = True
        return found

    def let_go(self, asked: int) -> int:
        """Take every lane for ended, though nobody knows; return how many events that may concern."""
        self.ended = [asked] * len(self.lanes)
        return sum(map(len, self._queues))

    def judge(self, limit: int) -> Judged:
        """Judge what may go, at most `limit` events."""
        judged = Judged()
        for lane, waiting in merge(self._queues, self.ended):
            customer = self._customer(waiting.event.customer_id)
            if waiting.offset <= customer.fence[lane]:
                judged.replayed[lane] += 1
            else:
                self._apply(lane, waiting, customer, judged)
            judged.count += 1
            judged.latest[lane] = waiting.at
            if judged.count >= limit:
                break
        return judged

    def _apply(self, lane: int, waiting: Waiting[Event], customer: _Customer, judged: Judged) -> None:
        outcome = process(waiting.event, customer.state, self._rules)
        judged.verdicts[lane, outcome.verdict] += 1
        if outcome.verdict is Verdict.IGNORED:
            if outcome.ignored is not None:
                judged.ignored[outcome.ignored] += 1
            return
        # A duplicate moves the fence too: judged again after a crash, what it repeats may have been forgotten by then.
        customer.state = outcome.state
        customer.fence[lane] = waiting.offset
        customer.changed = True
        if outcome.alerts or outcome.suppressed:
            judged.speaking.append((waiting, outcome))

    def _customer(self, customer_id: str) -> _Customer:
        customer = self._touched.get(customer_id)
        if customer is None:
            raw = self._store.fetch(self.number, customer_id.encode())
            known = (list(NOTHING_APPLIED), UNKNOWN_CUSTOMER) if raw is None else decode_state(raw)
            customer = self._touched[customer_id] = _Customer(*known)
        return customer

    def changes(self) -> Mapping[bytes, bytes]:
        """Return the values of the customers that changed since `settled`."""
        return {
            customer_id.encode(): encode_state(customer.fence, customer.state)
            for customer_id, customer in self._touched.items()
            if customer.changed
        }

    def settled(self) -> None:
        """Forget what was touched: it is in the store now."""
        self._touched.clear()

    def committable(self) -> dict[Lane, int]:
        """Return for each lane the offset of the first record not judged yet."""
        return {lane: lane.committable for lane in self.lanes}
