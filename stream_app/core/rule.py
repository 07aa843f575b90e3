"""What a rule is: a business reason, a small pure function, and what its alerts look like."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias, TypeVar

from msgspec import Struct

from stream_app.core.alerts import (
    Intent,
    Polarity,
    Reading,
    ResolvedReason,
    SegmentChange,
    Severity,
    Weighed,
    alert_id,
)
from stream_app.core.bought import Bought
from stream_app.core.days import Days
from stream_app.core.events import DAY, HOUR, Due, Event, Micros
from stream_app.core.example import Example
from stream_app.core.pages import PageTable
from stream_app.core.relation import Met
from stream_app.core.state import CustomerState, Matter, Viewed
from stream_app.core.tuning import Feed, Tuning

T = TypeVar("T")

HELP_THREAD = "help"
"""The thread of what help pages tell: one difficulty at a time."""


class Kind(StrEnum):
    """What rules may be asked about beside page categories and the kinds of purchases and interactions."""

    PROFILE = "profile"
    VISIT = "visit"  # a view of a page that does not matter
    DUE = "due"  # the moment has come that `Rule.due` named


class Asked:
    """What a rule is asked about: an event, and the customer just after it. `view` is set for a page that matters."""

    __slots__ = ("_known", "at", "days", "event", "lateness", "moved", "pages", "state", "tuning", "view")

    def __init__(
        self,
        event: Event | Due,
        state: CustomerState,
        view: Viewed | None,
        tuning: Tuning,
        pages: PageTable,
        days: Days,
        lateness: Micros = HOUR,
    ) -> None:
        self.event = event
        self.at = event.occurred_at
        self.state = state
        self.view = view
        self.tuning = tuning
        self.pages = pages
        self.days = days
        self.moved: SegmentChange | None = None
        self.lateness = lateness
        self._known: dict[object, object] = {}

    def stands_later(self, rule_id: str, thread: str, anchor: tuple[str, Micros]) -> bool:
        """Say whether the rule's own open alert could have spoken at the anchor, had that come in order."""
        matter = self.state.matters.get(thread)
        if matter is None or matter.rule_id != rule_id:
            return False
        event_id, at = anchor
        if at == matter.occurred_at:
            return alert_id(rule_id, self.event.customer_id, event_id) != matter.alert_id
        return matter.free_from <= at < matter.occurred_at

    def once(self, find: "Callable[[Asked], T]") -> T:
        """Return what `find` says of this, found once however many rules ask."""
        if find not in self._known:
            self._known[find] = find(self)
        return self._known[find]  # type: ignore[return-value]


class Match(Struct, frozen=True, kw_only=True):
    """A rule's finding: one sentence and what it rests on.

    `anchor` is (id, time) of what the alert's own id and time are taken from; None: the event asked about. A rule
    asked at `Kind.DUE` must give one, made from the customer's last event, never from the moment of asking.
    `instead`: it is the rule's own open alert, whose anchor another order of arrival would have put there.
    `again`: it holds only because of what was not recorded, and is to be asked about again then.
    `complete` gives it what it rests on, where that is dear to gather: most of what is found must not speak.
    """

    reason: str
    views: tuple[Viewed, ...] = ()
    purchases: tuple[Bought, ...] = ()
    interactions: tuple[Met, ...] = ()
    anchor: tuple[str, Micros] | None = None
    mark: str = ""  # sets the alert's id apart from that of another alert of the same rule and event
    severity: Severity | None = None  # where not the rule's own
    readings: tuple[Weighed, ...] = ()
    reading: Reading | None = None
    second: bool = False
    instead: bool = False
    again: Micros | None = None
    complete: "Callable[[Match], Match] | None" = None


Check: TypeAlias = Callable[[Asked], Match | None]
DueAt: TypeAlias = Callable[[CustomerState, Micros, Tuning, Days], Micros | None]
Ends: TypeAlias = Callable[[Asked, Matter], ResolvedReason | None]


def never_ends(asked: Asked, matter: Matter) -> ResolvedReason | None:
    """Leave the end to the time for which the alert is open."""
    return None


class Rule(Struct, frozen=True, kw_only=True):
    """A rule as a value.

    `check` is asked for each event whose kind is in `on`, and for one in `on_late` that is older than the newest of
    the customer, with the state after it, unless the cheaper question `where`
    says that there is nothing to be found. `due` says the first moment later
    than the second argument at which it wants to be asked with `Kind.DUE`, None for never. Of a `thread` one alert of
    a customer is open at a time: the next replaces it. `ends` is asked at every event while the rule's alert is
    open, at views of pages that do not matter only if these can end it (`ended_by_visits`). When it is over, what
    comes then is new, but for a rule that says a thing once (`remembers`).
    """

    id: str
    intent: Intent
    severity: Severity
    polarity: Polarity
    cooldown: Micros
    why: str
    check: Check
    on: frozenset[str]
    enabled: bool = True
    digest: bool = False  # its alerts wait for the digest
    patient: bool = False  # speaks of what comes up to a day late
    thread: str = ""
    open_for: Micros = 14 * DAY
    feeds: frozenset[Feed] = frozenset()  # without all of them it sleeps
    one_of: frozenset[Feed] = frozenset()  # and without any of these
    due: DueAt | None = None
    ends: Ends = never_ends
    ended_by_visits: bool = False
    remembers: bool = False
    where: Callable[[Asked], bool] | None = None
    on_late: frozenset[str] = frozenset()
    playbook: str = ""  # empty: that of the intent
    examples: tuple[Example, ...] = ()

    def sleeps_for(self, feeds: frozenset[Feed]) -> frozenset[Feed]:
        """Return for want of which feeds it sleeps; of those of which one would do, all."""
        return self.feeds - feeds | (frozenset() if self.one_of & feeds else self.one_of)


def rule(
    rule_id: str,
    *,
    intent: Intent,
    severity: Severity,
    polarity: Polarity,
    cooldown: Micros,
    on: frozenset[str] | set[str],
    digest: bool = False,
    patient: bool = False,
    thread: str = "",
    open_for: Micros = 14 * DAY,
    feeds: frozenset[Feed] | set[Feed] = frozenset(),
    one_of: frozenset[Feed] | set[Feed] = frozenset(),
    due: DueAt | None = None,
    ends: Ends = never_ends,
    ended_by_visits: bool = False,
    remembers: bool = False,
    where: Callable[[Asked], bool] | None = None,
    on_late: frozenset[str] = frozenset(),
    playbook: str = "",
    examples: tuple[Example, ...] = (),
) -> Callable[[Check], Rule]:
    """Make a rule of a check; its docstring is the business reason."""

    def build(check: Check) -> Rule:
        return Rule(
            id=rule_id,
            intent=intent,
            severity=severity,
            polarity=polarity,
            cooldown=cooldown,
            why=" ".join((check.__doc__ or "").split()),
            check=check,
            on=frozenset(on),
            digest=digest,
            patient=patient,
            thread=thread,
            open_for=open_for,
            feeds=frozenset(feeds),
            one_of=frozenset(one_of),
            due=due,
            ends=ends,
            ended_by_visits=ended_by_visits,
            remembers=remembers,
            where=where,
            on_late=on_late,
            playbook=playbook,
            examples=examples,
        )

    return build
