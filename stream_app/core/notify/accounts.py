"""What is kept of a company: its cases, and the alerts that are known. Values in, values out."""

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Standing
from stream_app.core.events import DAY, Micros
from stream_app.core.notify.ends import End
from stream_app.core.notify.rules import ENDS_WITHIN, NotifyRules
from stream_app.core.notify.together import KEPT_FOR, RAISED, Look, company, merged
from stream_app.core.routing import Routing, Target

_T = TypeVar("_T")

KNOWN_FOR = 7 * DAY
"""How long an alert's id is known: detect repeats itself within minutes of a crash, if ever."""

LATEST = 30 * DAY
"""How long after it happened an alert may still be told, at most: its age is counted in business days."""

MAX_KNOWN = 200
"""Alert ids kept of an account, of a case, and of ends that came before their alert: the newest."""

MAX_PAST = 20
"""Cases kept of an account that nothing joins any more, the newest."""


class Case(Struct, frozen=True, kw_only=True):
    """What a customer's company has in mind, and everybody who was told of it, the last of a route's name last."""

    id: str
    intent: Intent
    routings: tuple[Routing, ...]
    last_at: Micros  # when its last alert came
    live: tuple[str, ...] = ()  # ids of its alerts that hold still: neither replaced nor over
    moments: dict[str, Micros] = {}  # when those happened that others of the account can make more severe

    def with_alert(self, alert: PublishedAlert) -> "Case":
        """Return the case with an alert more; what is of no account has no others."""
        live = (*self.live, alert.alert_id)[-MAX_KNOWN:]
        raisable = alert.intent in RAISED and bool(alert.account_id)
        moments = self.moments | ({alert.alert_id: alert.occurred_at} if raisable else {})
        return replace(self, live=live, moments={each: at for each, at in moments.items() if each in live})

    def without_alert(self, alert_id: str) -> "Case":
        """Return the case after one of its alerts ended."""
        live = tuple(each for each in self.live if each != alert_id)
        return replace(self, live=live, moments={each: at for each, at in self.moments.items() if each != alert_id})

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every target that heard of it, once."""
        return tuple(dict.fromkeys(routing.target for routing in self.routings))


class Early(Struct, frozen=True, kw_only=True):
    """The end of an alert that did not come yet: topics are read in any order."""

    end: End
    heard_at: Micros


class Account(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The open cases, one an intent at most; those of which the end may still be heard; and what is known of alerts."""

    cases: dict[Intent, Case] = {}
    past: tuple[Case, ...] = ()
    known: dict[str, Micros] = {}  # id → when it came
    ended: dict[str, Early] = {}  # by the id of the alert
    contacted_at: Micros | None = None
    looks: tuple[Look, ...] = ()  # of its people at pages that concern all of it, by time

    def company(self, case: Case | None) -> dict[str, tuple[Look, ...]]:
        """Return the alerts of a case that are more severe for others of the account, with whose looks."""
        moments = case.moments if case is not None and self.looks else {}
        found = ((alert_id, company(self.looks, at)) for alert_id, at in moments.items())
        return {alert_id: looks for alert_id, looks in found if looks}

    def seeing(self, look: Look, now: Micros) -> "Account":
        """Return the account with a look more, unless it is too old to matter."""
        looks = merged(self.looks, (look,))
        return replace(self, looks=looks) if now < look.occurred_at + KEPT_FOR and looks != self.looks else self

    def holder(self, alert_id: str) -> Case | None:
        """Return the case in which an alert holds still."""
        if not alert_id:
            return None
        return next((case for case in (*self.cases.values(), *self.past) if alert_id in case.live), None)

    def with_case(self, case: Case, rivals: list[Case], now: Micros, rules: NotifyRules) -> "Account":
        """Return the account with this case, and without those that it speaks for."""
        over = {case.id, *(one.id for one in rivals)}
        others = {intent: one for intent, one in self.cases.items() if one.id not in over}
        before = others.get(case.intent)
        past = tuple(one for one in self.past if one.id != case.id)
        if before is not None and _may_end(before, now):
            past = (*past, before)[-MAX_PAST:]
        return replace(self, cases={**others, case.intent: case}, past=past)

    def without_alert(self, case: Case, alert_id: str) -> "Account":
        """Return the account after an alert of a case ended; a case none of whose alerts holds is no more."""
        left = case.without_alert(alert_id)
        kept = (left,) if left.live else ()
        return replace(
            self,
            cases={
                intent: one for intent, each in self.cases.items() for one in (kept if each.id == case.id else (each,))
            },
            past=tuple(one for each in self.past for one in (kept if each.id == case.id else (each,))),
        )

    def knowing(self, alert_id: str, now: Micros) -> "Account":
        """Return the account that knows of an alert."""
        ended = {each: early for each, early in self.ended.items() if each != alert_id}
        return replace(self, known={**_newest(self.known), alert_id: now}, ended=ended)

    def expecting(self, end: End, now: Micros) -> "Account":
        """Return the account that knows of the end of an alert that did not come yet."""
        if not end.alert_id or end.alert_id in self.known or end.alert_id in self.ended:
            return self
        return replace(self, ended={**_newest(self.ended), end.alert_id: Early(end=end, heard_at=now)})

    def in_contact(self, alert: PublishedAlert) -> "Account":
        """Return the account with the newest contact that any alert of it carried."""
        at = alert.standing.contacted_at if alert.standing is not None else None
        return self if at is None or at <= (self.contacted_at or 0) else replace(self, contacted_at=at)

    def without_old(self, now: Micros, rules: NotifyRules) -> "Account":
        """Return the account without what is over."""
        contact = self.contacted_at
        return Account(
            cases={
                intent: case
                for intent, case in self.cases.items()
                if now < case.last_at + rules.open_for or _may_end(case, now)
            },
            past=tuple(case for case in self.past if _may_end(case, now)),
            known={alert: at for alert, at in self.known.items() if now < at + KNOWN_FOR},
            ended={alert: early for alert, early in self.ended.items() if now < early.heard_at + KNOWN_FOR},
            contacted_at=contact if contact is not None and now < contact + rules.contact_counts + LATEST else None,
            looks=tuple(look for look in self.looks if now < look.occurred_at + KEPT_FOR),
        )


def with_contact(alert: PublishedAlert, account: Account, rules: NotifyRules) -> PublishedAlert:
    """Return an alert with the newest contact of its account, where that is newer than its own and counts still."""
    at = account.contacted_at
    own = alert.standing.contacted_at if alert.standing is not None else None
    if at is None or at == own or alert.occurred_at >= at + rules.contact_counts:
        return alert
    return replace(alert, standing=replace(alert.standing or Standing(), contacted_at=at))


def _may_end(case: Case, now: Micros) -> bool:
    return bool(case.live) and now < case.last_at + ENDS_WITHIN


def _newest(kept: dict[str, _T]) -> dict[str, _T]:
    return dict(list(kept.items())[1 - MAX_KNOWN :])
