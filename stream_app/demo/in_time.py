"""Machines of notify for a demonstration, in which alerts arrive before the clock has come to where they happened."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from stream_app.core.alerts import AccountView, PublishedAlert, Resolution, Suppressed
from stream_app.core.events import Micros
from stream_app.core.notify.cases import Cases, Said
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.orders import (
    Acted,
    Again,
    Contacted,
    Escalated,
    Order,
    Overtaken,
    Raised,
    Replaced,
    Replied,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.notify.parcels import Parcel
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routing import Target
from stream_app.notify.machines import Machines


class Underway:
    """What the clock must wait for: escalations that one desk said and another has not taken, desks that are new."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    def add(self, number: int) -> None:
        """Count some that began, or if less than 0 ended."""
        self._count += number
        (self._none.clear if self._count > 0 else self._none.set)()

    async def none(self) -> None:
        """Return when there is none."""
        await self._none.wait()


def machines_in_time(rules: NotifyRules, underway: Underway, attend: Callable[[], None]) -> Machines:
    """Return the usual machines, which take nothing before its time; `attend` tells the clock who is awake."""
    return Machines(cases=lambda: CasesInTime(rules), desk=lambda target: DeskInTime(target, rules, underway, attend))


class CasesInTime(Cases):
    """Judges each alert at the moment it happened, and what ends an alert after that alert, as it happened too."""

    def __init__(self, rules: NotifyRules) -> None:
        super().__init__(rules)
        self._seen: set[str] = set()
        self._aside: defaultdict[str, list[PublishedAlert | Resolution]] = defaultdict(list)  # by what must come first

    def alert(self, alert: PublishedAlert, now: Micros) -> Said:
        """Take an alert, and what was read before it though it happened later."""
        if alert.supersedes and alert.supersedes not in self._seen:
            self._aside[alert.supersedes].append(alert)
            return Said()
        self._seen.add(alert.alert_id)
        said = super().alert(alert, max(now, alert.occurred_at))
        for each in self._aside.pop(alert.alert_id, ()):
            then = self.alert(each, now) if isinstance(each, PublishedAlert) else self.resolved(each, now)
            said = Said(orders=(*said.orders, *then.orders), deliveries=(*said.deliveries, *then.deliveries))
        return said

    def resolved(self, resolution: Resolution, now: Micros) -> Said:
        """Take that an alert is over."""
        if resolution.alert_id not in self._seen:
            self._aside[resolution.alert_id].append(resolution)
            return Said()
        return super().resolved(resolution, max(now, resolution.occurred_at))

    def viewed(self, view: AccountView, now: Micros) -> Said:
        """Take that somebody of an account looked at a page that concerns all of it."""
        return super().viewed(view, max(now, view.occurred_at))

    def held_back(self, fate: Suppressed, now: Micros) -> Said:
        """Take a match that detect held back."""
        return super().held_back(fate, max(now, fate.occurred_at))


class DeskInTime(Desk):
    """Lays an order aside until the clock has come to what it is about."""

    def __init__(self, target: Target, rules: NotifyRules, underway: Underway, attend: Callable[[], None]) -> None:
        super().__init__(target, rules)
        self._underway = underway
        self._attend = attend
        self._is_new = False  # it took its first order, and nobody has asked yet what it says
        self._asked = False
        self._aside: list[tuple[Micros, int, Order]] = []
        self._numbers = count()

    def take(self, order: Order, now: Micros) -> None:
        """Lay it aside."""
        if not self._asked and not self._is_new:
            self._is_new = True
            self._underway.add(1)
        self._underway.add(-isinstance(order, Escalated))
        follows = isinstance(order, Overtaken | Raised)  # what it is about may lie aside too
        last = max((at for at, _, _ in self._aside if follows), default=now)
        at = max(now, last, _time_of(order) or now)
        heappush(self._aside, (at, next(self._numbers), order))

    def next(self, now: Micros) -> Parcel | None:
        """Take what is due, then say what there is to say."""
        self._attend()
        self._underway.add(-self._is_new)
        self._asked, self._is_new = True, False
        while self._aside and self._aside[0][0] <= now:
            at, _, order = heappop(self._aside)
            super().take(order, at)
        return super().next(now)

    def orders(self) -> list[tuple[Target, Order]]:
        """Return what other desks are told."""
        said = super().orders()
        self._underway.add(len(said))
        return said

    def wake_at(self, now: Micros) -> Micros | None:
        """Return when there is something to take or say."""
        moments = [super().wake_at(now), self._aside[0][0] if self._aside else None]
        return min((moment for moment in moments if moment is not None), default=None)


def _time_of(order: Order) -> Micros | None:
    match order:
        case Told(alert=alert, together=together):
            return max([alert.occurred_at, *(look.occurred_at for look in together.looks)])
        case Raised(together=together):
            return max(look.occurred_at for look in together.looks)
        case Again(occurred_at=at):
            return at
        case Acted() | Contacted() | Replied() | Replaced() | Resolved() | Solved():
            return order.at
    return None
