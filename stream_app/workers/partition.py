"""One partition at work: the events that wait, the customers touched since the last checkpoint, and the rules."""

from collections import Counter
from collections.abc import Mapping

from stream_app.codec.state import NOTHING_APPLIED, decode_read, decode_site, encode_read, encode_site
from stream_app.core.audience import IgnoredReason
from stream_app.core.erasure import Erasure, hash_of
from stream_app.core.events import NEVER, CustomerProfile, Event, Interaction, InteractionKind, Micros, TimePassed
from stream_app.core.order import NOT_KNOWN, Waiting, first
from stream_app.core.pipeline import Outcome, Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.site import Site
from stream_app.core.state import CustomerState
from stream_app.core.timeline import Timeline
from stream_app.topics import RECORDED, InputTopic
from stream_app.workers.erased import Known, known_of, remember
from stream_app.workers.lanes import Lane
from stream_app.workers.stores import ERASED_KEY, RESERVED, PartitionStore
from stream_app.workers.touched import Customer, Touched

SITE_KEY = RESERVED + b"site"
TIME_KEY = RESERVED + b"time"
READ_KEY = RESERVED + b"read"

_CUSTOMERS = tuple(InputTopic).index(InputTopic.CUSTOMERS)

NO_RECORD = -1
"""The timestamp of what no record brought about, but time."""


class Judged:
    """What a round of judging came to: outcomes with something to say, and counts of all."""

    __slots__ = ("count", "due", "erasures", "ignored", "interactions", "latest", "replayed", "speaking", "verdicts")

    def __init__(self) -> None:
        self.count = 0
        self.due = 0  # how many of these were moments that came due
        self.latest: dict[int, Micros] = {}  # by lane: time of the event judged last
        self.replayed: Counter[int] = Counter()  # by lane: applied before a crash, skipped now
        self.verdicts: Counter[tuple[int, Verdict]] = Counter()
        self.ignored: Counter[IgnoredReason] = Counter()
        self.interactions: Counter[InteractionKind] = Counter()
        self.erasures: list[Erasure] = []
        self.speaking: list[tuple[int, Outcome]] = []  # with the timestamp in ms of the record behind


class Partition:
    """The lanes of one partition, in the order that decides ties, and what judging them has changed."""

    def __init__(self, number: int, lanes: list[Lane], store: PartitionStore, rules: RuleSet, known: Known) -> None:
        self.number = number
        self.lanes = lanes
        self.erasures, self._salt = known.erasures, known.salt
        self.ended = [NOT_KNOWN] * len(lanes)
        self._unknown: tuple[float, int] | None = (
            None  # since when nobody can tell where a topic ends; the arrival then
        )
        self._erased_to = self._last_erased()
        self._told_before = self._erased_to[_CUSTOMERS]  # by others, or before a crash
        self._doubtful = True
        self._saved_erased = self._erased = known_of(store.fetch(number, ERASED_KEY))[1]  # times
        self._queues = [lane.waiting for lane in lanes]
        self._committed = list(self.committable().values())
        self._saved_read = decode_read(store.fetch(number, READ_KEY))
        self.rules = rules
        self.midway = False  # not all that is due before the next event is judged
        self._customers = Touched(number, store, self._is_void)
        site = store.fetch(number, SITE_KEY)
        self._counted, counted = (list(NOTHING_APPLIED), Site()) if site is None else decode_site(site)
        self._saved = int(store.fetch(number, TIME_KEY) or NEVER)
        self._saved_site = counted
        self._time = Timeline(self._customers, rules, site=counted, newest=self._saved)

    @property
    def site(self) -> Site:
        """What is known of the site."""
        return self._time.site

    @property
    def committed(self) -> list[int]:
        """For each lane the offset up to which everything is durable, and committed or about to be."""
        return self._committed

    @property
    def newest(self) -> Micros:
        """The time of the newest event that was judged, or is about to be."""
        return self._time.newest

    def judge_by(self, rules: RuleSet) -> None:
        """Judge by other rules from here on, as if the partition had just come."""
        self.rules = rules
        self._time = Timeline(self._customers, rules, site=self.site, newest=self.newest)

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
        self._doubtful = self.lanes[_CUSTOMERS].committable <= self._told_before
        while judged.count < limit and (lane := first(self._queues, self.ended)) >= 0:
            # An event stays where it is until its turn has come: up to it everything is committed.
            self.midway = self._time.reach(self._queues[lane][0].at) and not self._judge_due(judged, limit)
            if self.midway:
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
        if waiting.offset <= self._erased_to[lane] and self.is_erased(lane, event.customer_id, waiting.offset):
            judged.verdicts[lane, Verdict.ERASED] += 1
            self._customers.get(event.customer_id)  # void if it is of before
            return
        customer = self._customers.get(event.customer_id)
        if waiting.offset <= customer.fence[lane]:
            judged.replayed[lane] += 1
        else:
            self._apply(lane, waiting, customer, judged)

    def is_erased(self, lane: int, customer_id: str, offset: int) -> bool:
        """Say whether what stands there of a customer is erased."""
        return self.erasures.erased(customer_id, RECORDED[lane], self.number, offset)

    def _apply(self, lane: int, waiting: Waiting[Event], customer: Customer, judged: Judged) -> None:
        event, before = waiting.event, customer.state
        outcome = process(event, before, self.rules)
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
        if isinstance(event, CustomerProfile) and event.profile is None:
            judged.erasures.append(self._erase(event, customer, waiting.offset))
        if outcome.speaks:
            judged.speaking.append((waiting.timestamp_ms, outcome))

    def _erase(self, tombstone: CustomerProfile, customer: Customer, offset: int) -> Erasure:
        """Erase a customer, all that was read and waits as well; return what has to be told."""
        customer_id, number = tombstone.customer_id, self.number
        upto = {RECORDED[lane]: self.lanes[lane].position - 1 for lane in range(len(RECORDED))}
        upto[InputTopic.CUSTOMERS] = offset
        erasure = Erasure(
            hash=hash_of(customer_id, self._salt),
            salt=self._salt,
            erased_at=tombstone.occurred_at,
            upto={topic.value: {number: last} for topic, last in upto.items() if last >= 0},
        )
        self._customers.forget(customer_id, customer)
        whole = self.erasures.add(erasure)
        self._erased_to = self._last_erased()
        self._erased += 1
        return whole

    def _last_erased(self) -> list[int]:
        return [self.erasures.last(topic, self.number) for topic in InputTopic]

    def _is_void(self, customer_id: str, fence: list[int], state: CustomerState) -> bool:
        """Say whether state is of before an erasure: told by others, or just before a crash kept it from going."""
        erasure = self.erasures.of(customer_id) if self._doubtful and self._told_before >= 0 else None
        if erasure is None:
            return False
        upto = [erasure.upto.get(topic, {}).get(self.number, -1) for topic in InputTopic]
        if not any(0 <= applied <= last for applied, last in zip(fence, upto, strict=True)):
            return False
        self._time.forgotten(state, counted=upto[_CUSTOMERS] <= self._counted[_CUSTOMERS])
        self._erased += 1
        return True

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
        if self._erased != self._saved_erased:
            found[ERASED_KEY] = remember(len(self.erasures), self._erased)
            self._saved_erased = self._erased
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
