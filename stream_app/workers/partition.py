"""One partition at work: the events that wait, the customers touched since the last checkpoint, and the rules."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from stream_app.codec.state import (
    AT_ONCE,
    NOTHING_APPLIED,
    decode_read,
    decode_site,
    decode_state,
    encode_read,
    encode_site,
    encode_state,
)
from stream_app.core.audience import IgnoredReason
from stream_app.core.events import NEVER, Event, Interaction, InteractionKind, Micros, TimePassed
from stream_app.core.order import NOT_KNOWN, Waiting, first
from stream_app.core.pipeline import Outcome, Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.site import Site
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState
from stream_app.core.timeline import Agenda, Timeline
from stream_app.workers.lanes import Lane
from stream_app.workers.stores import RESERVED, PartitionStore

SITE_KEY = RESERVED + b"site"
TIME_KEY = RESERVED + b"time"
READ_KEY = RESERVED + b"read"

NO_RECORD = -1
"""The timestamp of what no record brought about, but time."""


class Judged:
    """What a round of judging came to: outcomes with something to say, and counts of all."""

    __slots__ = ("count", "due", "ignored", "interactions", "latest", "replayed", "speaking", "verdicts")

    def __init__(self) -> None:
        self.count = 0
        self.due = 0  # how many of these were moments that came due
        self.latest: dict[int, Micros] = {}  # by lane: time of the event judged last
        self.replayed: Counter[int] = Counter()  # by lane: applied before a crash, skipped now
        self.verdicts: Counter[tuple[int, Verdict]] = Counter()
        self.ignored: Counter[IgnoredReason] = Counter()
        self.interactions: Counter[InteractionKind] = Counter()
        self.speaking: list[tuple[int, Outcome]] = []  # with the timestamp in ms of the record behind


class _Customer:
    """A customer as touched since the last checkpoint; `gone` by the passing of time."""

    __slots__ = ("changed", "fence", "gone", "state")

    def __init__(self, fence: list[int], state: CustomerState) -> None:
        self.fence = fence
        self.state = state
        self.changed = self.gone = False

    def value(self, committed: Iterable[int]) -> bytes | None:
        """Return what is to be kept, if events below these offsets are never read again.

        One that is gone leaves its fence behind as long as it may be needed, and is looked at again.
        """
        if not self.gone:
            return encode_state(self.fence, self.state)
        if all(applied < offset for applied, offset in zip(self.fence, committed, strict=True)):
            return None
        return encode_state(self.fence, self.state, due=AT_ONCE)


class Partition:
    """The lanes of one partition, in the order that decides ties, and what judging them has changed."""

    def __init__(self, number: int, lanes: list[Lane], store: PartitionStore, rules: RuleSet) -> None:
        self.number = number
        self.lanes = lanes
        self.ended = [NOT_KNOWN] * len(lanes)
        self._unknown: tuple[float, int] | None = (
            None  # since when nobody can tell where a topic ends; the arrival then
        )
        self._queues = [lane.waiting for lane in lanes]
        self._committed = list(self.committable().values())
        self._saved_read = decode_read(store.fetch(number, READ_KEY))
        self._rules = rules
        self._customers = _Touched(number, store)
        site = store.fetch(number, SITE_KEY)
        self._counted, known = (list(NOTHING_APPLIED), Site()) if site is None else decode_site(site)
        self._saved = int(store.fetch(number, TIME_KEY) or NEVER)
        self._saved_site = known
        self._time = Timeline(self._customers, rules, site=known, newest=self._saved)

    @property
    def site(self) -> Site:
        """What is known of the site."""
        return self._time.site

    @property
    def idle(self) -> bool:
        """Whether no event waits."""
        return not any(self._queues)

    @property
    def blocked(self) -> bool:
        """Whether events wait for news of another topic."""
        return any(self._queues) and not all(self._queues)

    def waited_since(self, arrival: int) -> list[Lane]:
        """Return the empty lanes whose end is not known up to this arrival, if an event that came by then waits."""
        if not any(queue and queue[0].arrival <= arrival for queue in self._queues):
            return []
        self._look_at_ends()
        return [
            lane
            for lane, queue, ended in zip(self.lanes, self._queues, self.ended, strict=True)
            if not queue and ended < arrival
        ]

    def unknown_since(self, now: float, asked: int) -> float:
        """Return since when nobody can tell where the topics ended that events wait for: from now on, maybe."""
        self._unknown = self._unknown or (now, asked)
        return self._unknown[0]

    def known(self) -> None:
        """Take note that somebody could tell."""
        self._unknown = None

    def let_go(self, asked: int) -> int:
        """Take every lane for ended, though nobody knows; return how many events that may concern."""
        self.ended = [asked] * len(self.lanes)
        return sum(map(len, self._queues))

    def judge(self, limit: int) -> Judged:
        """Judge what may go and what comes due before it, at most `limit` of them."""
        judged = Judged()
        self._look_at_ends()
        while judged.count < limit and (lane := first(self._queues, self.ended)) >= 0:
            # An event stays where it is until its turn has come: up to it everything is committed.
            if self._time.reach(self._queues[lane][0].at) and not self._judge_due(judged, limit):
                break
            waiting = self._queues[lane].popleft()
            judged.count += 1
            judged.latest[lane] = waiting.at
            self._take(lane, waiting, judged)
        return judged

    def _look_at_ends(self) -> None:
        for i, lane in enumerate(self.lanes):
            self.ended[i] = max(lane.ended, self.ended[i])
        if self._unknown is not None and all(lane.waiting or lane.ended >= self._unknown[1] for lane in self.lanes):
            self.known()

    def _judge_due(self, judged: Judged, limit: int) -> bool:
        """Judge what is due, at most up to `limit`; say whether that was all."""
        while judged.count < limit:
            outcome = self._time.judge_next()
            if outcome is None:
                return True
            judged.count += 1
            judged.due += 1
            if outcome.speaks:
                judged.speaking.append((NO_RECORD, outcome))
        return False

    def _take(self, lane: int, waiting: Waiting[Event], judged: Judged) -> None:
        event = waiting.event
        if isinstance(event, TimePassed):
            judged.verdicts[lane, Verdict.USED] += 1
            return
        customer = self._customers.get(event.customer_id)
        if waiting.offset <= customer.fence[lane]:
            judged.replayed[lane] += 1
        else:
            self._apply(lane, waiting, customer, judged)

    def _apply(self, lane: int, waiting: Waiting[Event], customer: _Customer, judged: Judged) -> None:
        event, before = waiting.event, customer.state
        outcome = process(event, before, self._rules)
        judged.verdicts[lane, outcome.verdict] += 1
        if outcome.verdict is Verdict.IGNORED:
            if outcome.ignored is not None:
                judged.ignored[outcome.ignored] += 1
            return
        # A duplicate moves the fence too: judged again after a crash, what it repeats may have been forgotten by then.
        customer.fence[lane] = waiting.offset
        customer.changed = True
        if outcome.verdict is Verdict.USED:
            self._customers.put(event.customer_id, customer, outcome.state)
            self._time.happened(event, before, outcome.state, counted=waiting.offset <= self._counted[lane])
            self._counted[lane] = max(waiting.offset, self._counted[lane])
            if isinstance(event, Interaction):
                judged.interactions[event.kind] += 1
        if outcome.speaks:
            judged.speaking.append((waiting.timestamp_ms, outcome))

    def changes(self) -> Mapping[bytes, bytes | None]:
        """Return what changed since the last call, in the order in which it has to be written.

        A crash may leave a first part of it. The site comes first: with its fence, nobody is counted twice or never.
        The time comes last: it must not be ahead of any customer. Events may be judged on while this is written.
        """
        found: dict[bytes, bytes | None] = {}
        if self.site is not self._saved_site:
            found[SITE_KEY] = encode_site(self._counted, self.site)
            self._saved_site = self.site
        found |= self._customers.changes(self._committed)
        if self._time.newest != self._saved:
            found[TIME_KEY] = str(self._time.newest).encode()
            self._saved = self._time.newest
        read = [max(lane.committable, before) for lane, before in zip(self.lanes, self._saved_read, strict=True)]
        if read != self._saved_read:
            found[READ_KEY], self._saved_read = encode_read(read), read
        return found

    def settled(self, committed: Mapping[Lane, int]) -> None:
        """Forget what `changes` told of: it is in the store now, and the commit of these offsets follows."""
        self._committed = list(committed.values())
        self._customers.settled()

    def committable(self) -> dict[Lane, int]:
        """Return for each lane the offset of the first record not judged yet."""
        return {lane: lane.committable for lane in self.lanes}


class _Touched:
    """A partition's customers: those touched since the last checkpoint over those in the store."""

    def __init__(self, number: int, store: PartitionStore) -> None:
        self._number = number
        self._store = store
        self._touched: dict[str, _Customer] = {}
        self._agenda: Agenda[str] = Agenda()
        self._stored: Iterator[tuple[Micros, bytes]] | None = None
        self._next_stored: tuple[Micros, str] | None = None

    def get(self, customer_id: str) -> _Customer:
        """Return a customer, who counts as touched from now on."""
        customer = self._touched.get(customer_id)
        if customer is None:
            raw = self._store.fetch(self._number, customer_id.encode())
            known = (list(NOTHING_APPLIED), UNKNOWN_CUSTOMER) if raw is None else decode_state(raw)
            customer = self._touched[customer_id] = _Customer(*known)
            self._agenda.put(customer_id, customer.state.due)
        return customer

    def put(self, customer_id: str, customer: _Customer, state: CustomerState) -> None:
        """Note what an event made of a customer's state."""
        if state.due != customer.state.due:
            self._agenda.put(customer_id, state.due)
        customer.state = state
        customer.gone = False

    def changes(self, committed: Iterable[int]) -> Mapping[bytes, bytes | None]:
        """Return the values of the customers that changed since the last call."""
        changed = {id_: customer for id_, customer in self._touched.items() if customer.changed}
        for customer in changed.values():
            customer.changed = False
        return {customer_id.encode(): customer.value(committed) for customer_id, customer in changed.items()}

    def settled(self) -> None:
        """Forget who was touched, but for those that changed after the last `changes`."""
        self._touched = {id_: customer for id_, customer in self._touched.items() if customer.changed}
        self._agenda = Agenda()
        for customer_id, customer in self._touched.items():
            self._agenda.put(customer_id, customer.state.due)
        self._stored = None

    def first_due(self) -> tuple[Micros, str] | None:
        """Return the smallest (due, customer id) of all."""
        touched, stored = self._agenda.first(), self._first_stored()
        if touched is None or stored is None:
            return touched or stored
        return min(touched, stored)

    def state_of(self, customer_id: str) -> CustomerState:
        """Return what is remembered of a customer."""
        return self.get(customer_id).state

    def keep(self, customer_id: str, state: CustomerState) -> None:
        """Remember this of a customer whose moment has come."""
        customer = self.get(customer_id)
        self.put(customer_id, customer, state)
        customer.changed = True
        customer.gone = state is UNKNOWN_CUSTOMER

    def _first_stored(self) -> tuple[Micros, str] | None:
        """Return the first in the store who was not touched; what is passed here stays touched until `settled`."""
        if self._stored is None:
            self._stored = self._store.dues(self._number)
            self._advance()
        while self._next_stored is not None and self._next_stored[1] in self._touched:
            self._advance()
        return self._next_stored

    def _advance(self) -> None:
        found = next(self._stored, None) if self._stored is not None else None
        self._next_stored = None if found is None else (found[0], found[1].decode())
