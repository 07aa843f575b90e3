"""Who is told of an alert, where, and why: first match wins, and a fallback always exists."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Severity
from stream_app.core.events import Micros
from stream_app.core.people import NobodyReason, People, StandIn, person_key, stand_in
from stream_app.core.routes import OWNER, AlertFacts, Route, Routes, Sink

CRMS = frozenset({Sink.SALESFORCE, Sink.HUBSPOT})


class AddressKind(StrEnum):
    """What an address is in its sink; `itself`: the sink has one place and needs none."""

    CHANNEL = "channel"
    USER = "user"
    QUEUE = "queue"
    ITSELF = "itself"


class Target(Struct, frozen=True, kw_only=True):
    """Where a message goes. A user's address is the sink's own name for them, else their e-mail address."""

    sink: Sink
    kind: AddressKind = AddressKind.ITSELF
    address: str = ""


class Why(StrEnum):
    """Why somebody is told, and not somebody else; the same word is the metric's label."""

    MATCHED = "matched"
    UNKNOWN_TIER = "unknown_tier"  # counts as low
    UNKNOWN_OWNER = "unknown_owner"  # not in the settings: reached by e-mail address, hours and absences unknown
    OWNER_AWAY = "owner_away"
    USER_AWAY = "user_away"  # somebody whom the route names
    DEPUTY = "deputy"
    NO_OWNER = "no_owner"
    NO_DEPUTY = "no_deputy"
    DEPUTY_CYCLE = "deputy_cycle"
    FALLBACK = "fallback"
    SECOND = "second"  # it is told to the second target besides


class Routing(Struct, frozen=True, kw_only=True):
    """One message to be: by which route, where to, whom it tells and mentions, and why.

    `person` is an e-mail address, empty where a channel or queue is told and nobody in it; `mentions` are addresses in
    the sink; `absent` are those who would have been told but are away.
    """

    route: str
    target: Target
    why: tuple[Why, ...]
    person: str = ""
    mentions: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    digest: bool = False
    passes: tuple[Severity, ...] = ()


class Open(Protocol):
    """Somebody's business hours, as the calendar has them."""

    def is_open(self, at: Micros) -> bool:
        """Tell whether `at` is within them."""

    def next_open(self, at: Micros) -> Micros:
        """Return `at` itself if it is within them, else when they begin next."""

    def business_days_after(self, at: Micros, days: int) -> Micros:
        """Return the close of the business day so many after that of `at`; 0: of its own."""


def route(alert: AlertFacts, routes: Routes, people: People, at: Micros) -> tuple[Routing, ...]:
    """Return who is told of an alert at `at`: at least one, each target once, in the order of the routes."""
    found: dict[Target, Routing] = {}
    for each in _matching(alert, routes.ordered):
        routing = _routed(each, alert, routes.fallback, people, at)
        found.setdefault(routing.target, routing)
    return tuple(found.values()) or (standing(routes.fallback, people, at),)


def standing(fixed: Route, people: People, at: Micros) -> Routing:
    """Return the routing of a route that does not ask whose the customer is: the fallback's, or the second target's.

    A user of it who is away and has nobody is told all the same.
    """
    found = stand_in(fixed.user, people, at) if fixed.user else StandIn()
    why = (Why.FALLBACK, *_absence(found, Why.USER_AWAY))
    there = replace(found, email=person_key(fixed.user)) if found.nobody is not None else found
    return _to(fixed, there, people, why)


def told_at(routing: Routing, severity: Severity, at: Micros, hours: Open) -> Micros:
    """Return when the reader hears: now, or when the reader's hours begin; of a digest always when they begin next."""
    if routing.digest:
        return hours.next_open(hours.business_days_after(at, 0) if hours.is_open(at) else at)
    return at if severity in routing.passes else hours.next_open(at)


def _matching(alert: AlertFacts, routes: tuple[Route, ...]) -> Iterator[Route]:
    for each in routes:
        if each.takes(alert):
            yield each
            if not each.goes_on:
                return


def _routed(taken: Route, alert: AlertFacts, fallback: Route, people: People, at: Micros) -> Routing:
    why: tuple[Why, ...] = (Why.MATCHED,)
    if alert.tier is None and taken.match.tier:
        why = (Why.MATCHED, Why.UNKNOWN_TIER)
    wants_owner = taken.user == OWNER or taken.mentions_owner
    wanted = person_key(alert.owner) if wants_owner else taken.user
    if not wanted and not wants_owner:
        return _to(taken, StandIn(), people, why)
    if not wanted:
        return _diverted(taken, fallback, people, at, (*why, Why.NO_OWNER))
    if wants_owner and wanted not in people:
        why = (*why, Why.UNKNOWN_OWNER)
    found = stand_in(wanted, people, at)
    why += _absence(found, Why.OWNER_AWAY if wants_owner else Why.USER_AWAY)
    if found.nobody is not None:
        return _diverted(taken, fallback, people, at, why, found.absent)
    return _to(taken, found, people, why)


def _absence(found: StandIn, who: Why) -> tuple[Why, ...]:
    if not found.absent:
        return ()
    match found.nobody:
        case None:
            return (who, Why.DEPUTY)
        case NobodyReason.NO_DEPUTY:
            return (who, Why.NO_DEPUTY)
        case NobodyReason.DEPUTY_CYCLE:
            return (who, Why.DEPUTY_CYCLE)


def _to(taken: Route, found: StandIn, people: People, why: tuple[Why, ...]) -> Routing:
    return Routing(
        route=taken.name,
        target=_target(taken, found.email, people),
        why=why,
        person=found.email,
        mentions=(_address(taken.sink, found.email, people),) if taken.mentions_owner else (),
        absent=found.absent,
        digest=taken.digest,
        passes=taken.passes,
    )


def _diverted(
    taken: Route, fallback: Route, people: People, at: Micros, why: tuple[Why, ...], absent: tuple[str, ...] = ()
) -> Routing:
    """Return the fallback's address for what a route took: the route's name and manner stay."""
    last = standing(fallback, people, at)
    return replace(
        last,
        route=taken.name,
        why=(*why, *last.why),
        absent=(*absent, *last.absent),
        digest=taken.digest,
        passes=taken.passes,
    )


def _target(taken: Route, email: str, people: People) -> Target:
    if taken.channel:
        return Target(sink=taken.sink, kind=AddressKind.CHANNEL, address=taken.channel)
    if taken.queue:
        return Target(sink=taken.sink, kind=AddressKind.QUEUE, address=taken.queue)
    if taken.user:
        return Target(sink=taken.sink, kind=AddressKind.USER, address=_address(taken.sink, email, people))
    return Target(sink=taken.sink)


def _address(sink: Sink, email: str, people: People) -> str:
    person = people.get(email)
    own = "" if person is None else person.slack if sink is Sink.SLACK else person.crm if sink in CRMS else ""
    return own or email
