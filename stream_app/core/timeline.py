"""A partition's time: what comes due before an event may be judged, and in which order; live and in replay alike."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Generic, Protocol, TypeVar

from stream_app.core.events import DAY, HOUR, MINUTE, NEVER, Due, Event, Interaction, Micros, PageView, Purchase
from stream_app.core.pipeline import Outcome, Verdict, process
from stream_app.core.relation import BY_THE_CUSTOMER
from stream_app.core.rule_set import RuleSet
from stream_app.core.site import Site, answered, hour_over, next_hour, saw
from stream_app.core.state import UNKNOWN_CUSTOMER, CustomerState

K = TypeVar("K", str, bytes)

NOT_YET: Micros = 2**62
"""After every time that can be: when nothing is due."""

_ROOM = 64
_OF_LATE = 70 * DAY  # more than any rule looks back at days without records


class Agenda(Generic[K]):
    """When each customer is due, the earliest first; an entry that does not hold any more goes when it is met."""

    def __init__(self) -> None:
        self._due: dict[K, Micros] = {}
        self._heap: list[tuple[Micros, K]] = []

    def put(self, key: K, due: Micros) -> None:
        """Note when a customer is due; NEVER: not at all."""
        if self._due.get(key, NEVER) == due:
            return
        if due == NEVER:
            del self._due[key]
            return
        self._due[key] = due
        heappush(self._heap, (due, key))
        if len(self._heap) > 2 * len(self._due) + _ROOM:
            self._heap = [(at, one) for one, at in self._due.items()]
            heapify(self._heap)

    def first(self) -> tuple[Micros, K] | None:
        """Return who is due first."""
        heap = self._heap
        while heap and self._due.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0] if heap else None

    def in_order(self) -> Iterator[tuple[Micros, K]]:
        """Yield who is due, the earliest first, until the next `put`; only what is asked for is sorted."""
        heap = self._heap
        front = [(heap[0], 0)] if heap else []
        while front:
            entry, place = heappop(front)
            if self._due.get(entry[1]) == entry[0]:
                yield entry
            for below in (2 * place + 1, 2 * place + 2):
                if below < len(heap):
                    heappush(front, (heap[below], below))


class Customers(Protocol):
    """A partition's customers, as its time asks for them."""

    def first_due(self) -> tuple[Micros, str] | None:
        """Return the smallest (due, customer id) of all."""

    def state_of(self, customer_id: str) -> CustomerState:
        """Return what is remembered of a customer."""

    def keep(self, customer_id: str, state: CustomerState) -> None:
        """Remember this of a customer from now on; UNKNOWN_CUSTOMER: nothing, there is no such customer any more."""


class States:
    """The customers of one partition, in memory."""

    def __init__(self) -> None:
        self.states: dict[str, CustomerState] = {}
        self._agenda: Agenda[str] = Agenda()

    def first_due(self) -> tuple[Micros, str] | None:
        """Return the smallest (due, customer id) of all."""
        return self._agenda.first()

    def state_of(self, customer_id: str) -> CustomerState:
        """Return what is remembered of a customer."""
        return self.states.get(customer_id, UNKNOWN_CUSTOMER)

    def keep(self, customer_id: str, state: CustomerState) -> None:
        """Remember this of a customer; of nobody that there is one."""
        self._agenda.put(customer_id, state.due)
        if state is UNKNOWN_CUSTOMER:
            self.states.pop(customer_id, None)
        else:
            self.states[customer_id] = state


class Timeline:
    """One partition's time: that of its newest event less the lateness, in whole minutes.

    Before an event is judged: `reach` its time, and while something is due `judge_next`; afterwards say what
    `happened`. `site` and `newest` are what has to be kept.
    """

    def __init__(
        self,
        customers: Customers,
        rules: RuleSet,
        *,
        site: Site = Site(),  # noqa: B008  (a frozen value)
        newest: Micros = NEVER,
    ) -> None:
        self._site = site
        # Of the hour that is in the record: its latest view, and whom it has seen since first on a day. Both may wait.
        self._noted, self._new = NEVER, 0
        self._hour_from, self._hour_to = NOT_YET, NEVER
        self.newest = newest
        self._customers = customers
        self._rules = rules
        self._now = NEVER
        self._hour = self._next_hour()
        self._next = NEVER  # nothing is due before this
        if newest != NEVER:
            self.pass_to(newest - rules.policy.lateness)

    def reach(self, at: Micros) -> bool:
        """Take note of the time of an event that is about to be judged; say whether something may be due before it."""
        if at > self.newest:
            self.newest = at
            if (now := at - self._rules.policy.lateness) >= self._now + MINUTE:
                self.pass_to(now)
        return self._now >= self._next

    def pass_to(self, now: Micros) -> None:
        """Let it be this time, if it is not later already."""
        self._now = max(self._now, now // MINUTE * MINUTE)

    def judge_next(self) -> Outcome | None:
        """Judge what is due first, the site before customers at equal times; None if nothing is."""
        first = self._customers.first_due()
        due = NOT_YET if first is None else first[0]
        self._next = min(due, self._hour)
        if self._next > self._now:
            return None
        if first is None or self._hour <= due:
            return self._judge_hour()
        return self._judge_customer(first[1])

    def happened(self, event: Event, before: CustomerState, after: CustomerState, *, counted: bool = False) -> None:
        """Take note of what an event made of a customer's state; `counted`: the site's record has it already."""
        if NEVER != after.due < self._next:
            self._next = after.due
        if counted or not self._rules.full:
            return
        at, first_of_day = event.occurred_at, after.active is not before.active
        if self._hour_from <= at < self._hour_to and type(event) is PageView:
            self._new += first_of_day
            if at > self._noted:
                self._noted = at
            return
        site = self.site
        if _is_activity(event):
            site = saw(site, at, new=int(first_of_day), rules=self._rules)
        self._keep_site(answered(site, before.relation, after.relation))

    def forgotten(self, before: CustomerState, *, counted: bool) -> None:
        """Take note that a customer's state is void; `counted`: the site's record knows it already."""
        if self._rules.full and not counted:
            self._keep_site(answered(self.site, before.relation, UNKNOWN_CUSTOMER.relation))

    @property
    def site(self) -> Site:
        """What is known of the site."""
        if self._noted != NEVER:
            self._site = saw(self._site, self._noted, new=self._new, rules=self._rules)
            self._noted, self._new = NEVER, 0
        return self._site

    def _judge_hour(self) -> Outcome:
        judged = hour_over(self.site, self._hour, self._rules)
        self._keep_site(judged.site)
        return Outcome(Verdict.USED, UNKNOWN_CUSTOMER, alerts=judged.alerts, resolutions=judged.resolutions)

    def _judge_customer(self, customer_id: str) -> Outcome:
        before = self._customers.state_of(customer_id)
        at = self._now if before.due == NEVER else before.due  # a state from before there were due moments
        due = Due(customer_id=customer_id, occurred_at=at, lost=self._lost_on(before, at))
        outcome = process(due, before, self._rules)
        self._customers.keep(customer_id, outcome.state)
        if self._rules.full:
            self._keep_site(answered(self.site, before.relation, outcome.state.relation))
        return outcome

    def _lost_on(self, state: CustomerState, at: Micros) -> tuple[tuple[Micros, Micros], ...]:
        """Return the spans without records that may concern a customer: since they were there, and of late."""
        since = min(state.active.newest * DAY, at - _OF_LATE) - DAY  # a day on the company's clock may begin earlier
        return tuple(span for span in self._site.lost if span[1] >= since)

    def _keep_site(self, site: Site) -> None:
        if site is self._site:
            return
        self._site = site
        self._hour = self._next_hour()
        self._next = min(self._next, self._hour)
        hour = site.ahead[-1] if site.ahead else None
        self._hour_from, self._hour_to = (NOT_YET, NEVER) if hour is None else (hour.first, (hour.hour + 1) * HOUR)

    def _next_hour(self) -> Micros:
        hour = next_hour(self._site) if self._rules.full else NEVER
        return NOT_YET if hour == NEVER else hour


def _is_activity(event: Event) -> bool:
    """Say whether a customer did it: what we tell of one says nothing about whether the site is recorded."""
    if type(event) is PageView:
        return True
    return event.kind in BY_THE_CUSTOMER if isinstance(event, Interaction) else isinstance(event, Purchase)
