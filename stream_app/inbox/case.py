"""A case as the topics tell of it. Values in, values out; whatever comes first, or twice, the case is the same."""

from collections.abc import Mapping, Set
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import PublishedAlert, account_key
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.ends import End
from stream_app.core.notify.erased import is_erased, still_there
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.message import MAX_EVIDENCE, MAX_IDS, MAX_SHOWN, Deed
from stream_app.core.notify.orders import Escalated, Told
from stream_app.core.notify.together import Together, above, merged
from stream_app.core.routing import Routing

MAX_DEEDS = 50

_V = TypeVar("_V")


class Case(Struct, frozen=True, kw_only=True):
    """All that is kept of a case. Without alerts nobody sees it: what else is known of it came first.

    `asked` and `fates` are by alert: which routes were to tell it, and what became of it there. `last_at`: when
    something came of it last, by the clock of notify.
    """

    id: str
    account: str = ""
    alerts: tuple[PublishedAlert, ...] = ()  # by time, as detect said them
    known: tuple[str, ...] = ()  # ids of all alerts, also of those that are no longer kept
    asked: Mapping[str, tuple[Routing, ...]] = {}
    fates: Mapping[str, tuple[Delivery, ...]] = {}
    escalated: tuple[Routing, ...] = ()
    together: Together = Together()
    ends: Mapping[str, End] = {}
    deeds: tuple[Deed, ...] = ()  # by time
    again: tuple[str, ...] = ()  # ids of matches
    overtaken: bool = False
    solved_at: Micros | None = None
    contacted_at: Micros | None = None
    last_at: Micros = 0

    @property
    def shown(self) -> tuple[PublishedAlert, ...]:
        """The alerts, as severe as they are for others of the account."""
        return tuple(
            replace(one, severity=above(one.severity)) if one.alert_id in self.together.alert_ids else one
            for one in self.alerts
        )

    @property
    def holding(self) -> tuple[PublishedAlert, ...]:
        """Those of them that hold still; all once none does, so that it can be told what is over."""
        return tuple(one for one in self.shown if one.alert_id not in self.ends) or self.shown

    @property
    def left_out(self) -> int:
        """How many alerts there were that are no longer kept."""
        return len(self.known) - len(self.alerts)

    @property
    def routings(self) -> tuple[Routing, ...]:
        """All by which somebody was to be told, each target once."""
        asked = (each for routings in self.asked.values() for each in routings)
        return tuple({each.target: each for each in (*asked, *self.escalated)}.values())

    def waits(self, alert_id: str) -> tuple[Routing, ...]:
        """Return by which routes an alert is still to be told."""
        done = {each.route for each in self.fates.get(alert_id, ())}
        return tuple(each for each in self.asked.get(alert_id, ()) if each.route not in done)

    def told(self, order: Told | Escalated) -> "Case":
        """Return the case with an alert, or with another who is told of it."""
        case = self._with_alert(order.alert).raised(order.together)
        if isinstance(order, Escalated):
            return replace(case, escalated=_added(case.escalated, order.routing))
        if order.alert.alert_id not in {one.alert_id for one in case.alerts}:
            return case
        asked = _added(case.asked.get(order.alert.alert_id, ()), order.routing)
        return replace(case, asked={**case.asked, order.alert.alert_id: asked})

    def raised(self, together: Together) -> "Case":
        """Return the case with alerts that are more severe for the looks of others."""
        if not together:
            return self
        ids = tuple(dict.fromkeys((*self.together.alert_ids, *together.alert_ids)))[-MAX_IDS:]
        looks = merged(self.together.looks, together.looks)
        return replace(self, together=Together(alert_ids=ids, looks=looks))

    def ended(self, end: End) -> "Case":
        """Return the case after one of its alerts ended; the first end counts."""
        if end.alert_id in self.ends:
            return self
        kept = dict(list(self.ends.items())[1 - MAX_IDS :])
        return replace(self, ends={**kept, end.alert_id: end}, last_at=max(self.last_at, end.at))

    def met(self, fate: Delivery) -> "Case":
        """Return the case with what became of an alert on a route; said again, the first counts."""
        fates = self.fates.get(fate.alert_id, ())
        if any(one.route == fate.route for one in fates) or len(self.fates) >= MAX_IDS:
            return self
        met = {**self.fates, fate.alert_id: (*fates, fate)}
        return replace(self, fates=met, last_at=max(self.last_at, fate.at))

    def acted(self, said: Feedback) -> "Case":
        """Return the case after somebody did something with it."""
        deed = Deed(action=said.action, by=said.by, at=said.at)
        if deed in self.deeds:
            return self
        deeds = tuple(sorted((*self.deeds, deed), key=lambda one: one.at))[-MAX_DEEDS:]
        account = self.account or said.account
        return replace(self, deeds=deeds, account=account, last_at=max(self.last_at, said.at))

    def counted(self, match_id: str) -> "Case":
        """Return the case after detect held back the same once more."""
        again = self.again if match_id in self.again else (*self.again, match_id)[-MAX_IDS:]
        return replace(self, again=again)

    def without(self, erasures: Erasures) -> "Case | None":
        """Return the case without those who were erased, itself if they are not in it; None if nobody is left."""
        alerts = tuple(one for one in self.alerts if not is_erased(one, erasures))
        looks = still_there(self.together.looks, erasures)
        if self.account and erasures.erased_by(self.account, self.last_at):
            return None
        if alerts == self.alerts and looks == self.together.looks:
            return self
        left = {one.alert_id for one in alerts}
        return None if not alerts else replace(
            self,
            alerts=alerts,
            known=tuple(sorted(left)),
            asked=_of(left, self.asked),
            fates=_of(left, self.fates),
            ends=_of(left, self.ends),
            together=replace(self.together, looks=looks),
        )  # fmt: skip

    def _with_alert(self, alert: PublishedAlert) -> "Case":
        if alert.alert_id in self.known:
            return self
        fewer = replace(alert, evidence=alert.evidence[-MAX_EVIDENCE:])
        alerts = tuple(sorted((*self.alerts, fewer), key=lambda one: (one.occurred_at, one.alert_id)))[-MAX_SHOWN:]
        kept = {one.alert_id for one in alerts}
        return replace(
            self,
            account=account_key(alert),
            alerts=alerts,
            known=(*self.known, alert.alert_id)[-MAX_IDS:],
            asked=_of(kept, self.asked),
            fates=_of({*kept, *self.fates} - ({*self.known} - kept), self.fates),
            last_at=max(self.last_at, alert.occurred_at),
        )


def customers(case: Case) -> frozenset[str]:
    """Return whom a case is about."""
    return frozenset(one.customer_id for one in case.alerts if one.customer_id)


def _added(routings: tuple[Routing, ...], routing: Routing) -> tuple[Routing, ...]:
    return (*(each for each in routings if each.route != routing.route), routing)


def _of(kept: Set[str], table: Mapping[str, _V]) -> dict[str, _V]:
    return {key: value for key, value in table.items() if key in kept}
