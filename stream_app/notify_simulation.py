"""What notify would say over a stretch of time: its two machines and a simulated clock, without Kafka and sinks."""

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from itertools import count
from typing import Protocol, TypeAlias

from msgspec import Struct

from stream_app.core.alerts import AccountView, PublishedAlert, Resolution, Suppressed
from stream_app.core.calendar import Calendar
from stream_app.core.erasure import Erasure, Erasures
from stream_app.core.events import DAY, NEVER, Micros
from stream_app.core.notify.cases import Cases, Said
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.message import Place
from stream_app.core.notify.orders import Action, Contacted, Order, Solved
from stream_app.core.notify.parcels import Kind, Outcome, Parcel, Sent
from stream_app.core.routing import Target

Happening: TypeAlias = PublishedAlert | AccountView | Suppressed | Resolution | Feedback | Contacted | Solved | Erasure
Sinks: TypeAlias = Callable[[Parcel, Micros], Outcome]
Readers: TypeAlias = Callable[[Parcel, Micros], Iterable[tuple[Micros, Happening]]]
Orders: TypeAlias = Iterable[tuple[Target, Order]]

NEW = frozenset({Kind.ALERT, Kind.BUNDLE, Kind.DIGEST})
"""Kinds that stand in a place of their own."""


class Told(Struct, frozen=True, kw_only=True):
    """All that was said, each with when, and what became of the alerts."""

    parcels: tuple[tuple[Micros, Parcel], ...]
    deliveries: tuple[Delivery, ...]


class Stuck(RuntimeError):
    """A desk wants to be woken at once though it has nothing to say: the worker would never rest."""


def perfect(parcel: Parcel, at: Micros) -> Outcome:
    """Take everything, as a sink does on a good day, and tell where it stands."""
    if parcel.kind not in NEW:
        return Sent()
    return Sent(place=Place(channel=parcel.target.address, id=f"{parcel.id}@{at}"))


def nobody(parcel: Parcel, at: Micros) -> Iterable[tuple[Micros, Happening]]:
    """Do nothing about anything."""
    return ()


def acknowledging(minutes: int, hours: Calendar) -> Readers:
    """Return people who take on what they are told in a message of its own, so many business minutes later."""

    def readers(parcel: Parcel, at: Micros) -> Iterable[tuple[Micros, Happening]]:
        when = hours.after(at, minutes)
        for message in parcel.messages if parcel.kind in (Kind.ALERT, Kind.BUNDLE) else ():
            yield (
                when,
                Feedback(
                    feedback_id=f"{message.case_id}@{when}",
                    case_id=message.case_id,
                    account=message.account,
                    action=Action.ACKNOWLEDGE,
                    by=message.routing.person,
                    at=when,
                ),
            )

    return readers


class Witness(Protocol):
    """Who is told of everything while it happens."""

    def told(self, at: Micros, parcel: Parcel) -> None:
        """A sink took a parcel."""

    def became(self, delivery: Delivery) -> None:
        """An alert has its fate on a route."""


def simulate_notify(
    happenings: Iterable[tuple[Micros, Happening]],
    cases: Cases,
    desk: Callable[[Target], Desk],
    *,
    until: Micros,
    sinks: Sinks = perfect,
    readers: Readers = nobody,
) -> Told:
    """Tell what happens, in order of time, let the clock go on until `until`, and return all that was said.

    The rest as `play` has it.
    """
    kept = _Kept()
    play(happenings, cases, desk, kept, until=until, sinks=sinks, readers=readers)
    return Told(parcels=tuple(kept.parcels), deliveries=tuple(kept.deliveries))


def play(
    happenings: Iterable[tuple[Micros, Happening]],
    cases: Cases,
    desk: Callable[[Target], Desk],
    witness: Witness,
    *,
    until: Micros,
    sinks: Sinks = perfect,
    readers: Readers = nobody,
) -> Mapping[Target, Desk]:
    """Tell what happens, in order of time, let the clock go on until `until`, and return the desks as they are then.

    `desk` makes a target's desk when it is first told something; `readers` says what people do about a parcel, and
    when. What is over is forgotten once a day, so that years may pass. Raises Stuck.
    """
    run, tidied = _Run(cases, desk, witness, sinks, readers), NEVER
    for at, happening in happenings:
        if at >= until:
            break
        run.before(at)
        if at >= tidied + DAY:
            run.forget(at)
            tidied = at
        run.hear(happening, at)
    run.before(until)
    return run.desks


class _Kept:
    """Keeps everything."""

    def __init__(self) -> None:
        self.parcels: list[tuple[Micros, Parcel]] = []
        self.deliveries: list[Delivery] = []

    def told(self, at: Micros, parcel: Parcel) -> None:
        self.parcels.append((at, parcel))

    def became(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)


class _Run:
    """One run of the clock."""

    def __init__(
        self, cases: Cases, desk: Callable[[Target], Desk], witness: Witness, sinks: Sinks, readers: Readers
    ) -> None:
        self._cases, self._make, self._witness, self._sinks, self._readers = cases, desk, witness, sinks, readers
        self.desks: dict[Target, Desk] = {}
        self._wake: dict[Target, Micros | None] = {}
        self._waiting: list[tuple[Micros, int, Target | Happening]] = []
        self._serial = count()  # unique: what stands behind it is never compared

    def forget(self, at: Micros) -> None:
        """Forget what is over; that it changed is written down nowhere."""
        self._cases.forget(at)
        self._cases.changes()
        for desk in self.desks.values():
            desk.changes()

    def before(self, until: Micros) -> None:
        """Let everything happen that is due before `until`."""
        while self._waiting and self._waiting[0][0] < until:
            at, _, what = heappop(self._waiting)
            if not isinstance(what, Target):
                self.hear(what, at)
            elif self._wake[what] == at:  # else it has asked for another moment since
                self._work(what, at)

    def hear(self, happening: Happening, at: Micros) -> None:
        """Tell the cases, or every desk, and let those work that were told something."""
        if isinstance(happening, Contacted | Solved):
            self._pass_on([(target, happening) for target in self.desks], at)
            return
        if isinstance(happening, Erasure):
            self._erase(Erasures([happening]), at)
            return
        said = self._said(happening, at)
        self._became(said.deliveries)
        self._pass_on(said.orders, at)

    def _erase(self, erasures: Erasures, at: Micros) -> None:
        """Let everybody forget these people; machines that know who was erased must know of them already."""
        self._cases.erase(erasures)
        desks = list(self.desks.items())
        for _, desk in desks:
            desk.erase(erasures, at)
        for target, _ in desks:
            self._work(target, at)

    def _said(self, happening: PublishedAlert | AccountView | Suppressed | Resolution | Feedback, at: Micros) -> Said:
        match happening:
            case PublishedAlert():
                return self._cases.alert(happening, at)
            case AccountView():
                return self._cases.viewed(happening, at)
            case Suppressed():
                return self._cases.held_back(happening, at)
            case Resolution():
                return self._cases.resolved(happening, at)
            case Feedback():
                return self._cases.acted(happening, at)

    def _pass_on(self, orders: Orders, at: Micros) -> None:
        told = list(orders)
        for target, order in told:
            if target not in self.desks:
                self.desks[target] = self._make(target)
            self.desks[target].take(order, at)
        for target in dict.fromkeys(target for target, _ in told):
            self._work(target, at)

    def _work(self, target: Target, at: Micros) -> None:
        desk = self.desks[target]
        while (parcel := desk.next(at)) is not None:
            self._send(desk, parcel, at)
        self._became(desk.deliveries())
        self._pass_on(desk.orders(), at)
        self._wake[target] = wake = desk.wake_at(at)
        if wake is None:
            return
        if wake <= at:
            raise Stuck(f"{target} has nothing to say at {at} and wants to be woken at {wake}")
        heappush(self._waiting, (wake, next(self._serial), target))

    def _send(self, desk: Desk, parcel: Parcel, at: Micros) -> None:
        outcome = self._sinks(parcel, at)
        desk.settle(parcel, outcome, at)
        if isinstance(outcome, Sent):
            self._witness.told(at, parcel)
            for when, deed in self._readers(parcel, at):
                heappush(self._waiting, (max(when, at + 1), next(self._serial), deed))

    def _became(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            self._witness.became(delivery)
