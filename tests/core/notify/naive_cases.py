"""Which case an alert belongs to and who is told: an independent reading of the decision, over plain lists."""

from dataclasses import dataclass, field

from msgspec.structs import replace

from stream_app.core.alerts import Intent, Polarity, PublishedAlert, Resolution, Severity, Standing, SuppressedReason
from stream_app.core.calendar import Calendar, Hours
from stream_app.core.events import DAY
from stream_app.core.notify.orders import Acted, Again, Overtaken, Replaced, Resolved, Told
from stream_app.core.routes import DEFAULT_ROUTES, AlertFacts, Routes, Sink, facts_of
from stream_app.core.routing import AddressKind, route, told_at

MAX_AGE = {Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}
WEEK = 7 * DAY
NO_FACTS = AlertFacts(intent=Intent.CHURN, severity=Severity.HIGH, polarity=Polarity.RISK, rule="")
CHANCES = (Intent.BUDGET, Intent.UPGRADE)


@dataclass(frozen=True)
class World:
    """What the settings say."""

    routes: Routes = DEFAULT_ROUTES
    people: dict = field(default_factory=dict)
    calendars: dict = field(default_factory=lambda: {"": Calendar(Hours())})
    budget: int = 5
    mutes: tuple = ()  # of (Matcher, until)

    def second_target(self):
        """Return where a high alert goes that nobody took up: to the fallback."""
        return route(NO_FACTS, Routes(ordered=(), fallback=self.routes.fallback), self.people, 0)[0].target

    def hours(self, routing):
        """Return the reader's hours: a person's at a direct message, else the team's."""
        person = routing.person if routing.target.kind is AddressKind.USER else ""
        return self.calendars.get(person) or self.calendars[""]

    def is_too_old(self, alert, routing, now):
        """Tell whether the last business day on which it may be told is over."""
        return now >= self.hours(routing).business_days_after(alert.occurred_at, MAX_AGE[alert.severity])


@dataclass
class Case:
    """One open matter of an account."""

    id: str
    intent: Intent
    routings: tuple
    arrived_at: int
    live: list = field(default_factory=list)  # ids of alerts that are neither replaced nor over

    def is_open(self, now):
        return now < self.arrived_at + WEEK

    def is_remembered(self, now):
        return now < self.arrived_at + 15 * DAY


class NaiveCases:
    """Says what the desks are told: pairs of target and order; and the fates of what no desk hears of."""

    def __init__(self, world):
        self.world = world
        self.cases = {}  # by account
        self.known = {}  # alert id → when it came
        self.gone = {}  # alert id → (when heard, why) of what ended before it came
        self.contacts = {}  # account → the newest contact
        self.fates = []  # (alert id, route, fate, reason)

    def hear(self, what, now):
        if isinstance(what, PublishedAlert):
            return self.alert(what, now)
        if isinstance(what, Acted):
            return self.acted(what)
        if isinstance(what, Resolution):
            return self.end(what.alert_id, account_of(what), what, now)
        return self.held_back(what, now)

    def alert(self, alert, now):
        if now < self.known.get(alert.alert_id, -WEEK) + WEEK:
            return []
        self.known[alert.alert_id] = now
        alert = self.in_contact(alert)
        heard, why = self.gone.get(alert.alert_id, (-WEEK, None))
        if now < heard + WEEK:
            fate = ("superseded", "replaced") if isinstance(why, PublishedAlert) else ("resolved", str(why.reason))
            self.fates += [(alert.alert_id, one.route, *fate) for one in self.routings(alert, None, now)]
            return self.end(alert.supersedes, account_of(alert), why, now)
        case, overtaken = self.belongs(alert, now)
        routings = self.routings(alert, case, now)
        fresh = [one for one in routings if not self.world.is_too_old(alert, one, now)]
        self.fates += [(alert.alert_id, one.route, "expired", "too_old") for one in routings if one not in fresh]
        if not fresh:
            return self.end(alert.supersedes, account_of(alert), alert, now)
        takes_over = case is not None and case.intent is not alert.intent and alert.intent is Intent.CHURN
        if case is None:
            case = Case(alert.alert_id, alert.intent, tuple(fresh), now)
            self.cases.setdefault(account_of(alert), []).append(case)
        case.intent, case.arrived_at = alert.intent, now
        case.live.append(alert.alert_id)
        case.routings += tuple(one for one in fresh if one.target not in {old.target for old in case.routings})
        orders = [(one.target, Told(case_id=case.id, alert=alert, routing=one, takes_over=takes_over)) for one in fresh]
        for other in overtaken:
            self.cases[account_of(alert)].remove(other)
            orders += [(one.target, Overtaken(case_id=other.id, by=case.id)) for one in other.routings]
        told = {(one.target, case.id) for one in fresh}
        ended = self.end(alert.supersedes, account_of(alert), alert, now)
        return orders + [(target, order) for target, order in ended if (target, order.case_id) not in told]

    def end(self, alert_id, account, why, now):
        """Tell all who heard of an alert that it holds no more; `why` is a resolution or the alert that replaced it."""
        cases = [one for one in self.cases.get(account, ()) if alert_id in one.live and one.is_remembered(now)]
        if not cases and alert_id and alert_id not in self.known:
            self.gone.setdefault(alert_id, (now, why))
        orders = []
        for case in cases:
            case.live.remove(alert_id)
            if not case.live:
                self.cases[account].remove(case)
            if isinstance(why, PublishedAlert):
                order = Replaced(case_id=case.id, alert_id=alert_id, by=why.alert_id, at=why.occurred_at)
            else:
                order = Resolved(case_id=case.id, alert_id=alert_id, reason=why.reason, at=why.occurred_at)
            targets = [one.target for one in case.routings] + [self.world.second_target()]
            orders += [(target, order) for target in dict.fromkeys(targets)]
        return orders

    def in_contact(self, alert):
        """Return the alert with the newest contact of its account that counts still."""
        own = alert.standing.contacted_at if alert.standing else None
        newest = max(filter(None, [own, self.contacts.get(account_of(alert))]), default=None)
        if newest is None:
            return alert
        self.contacts[account_of(alert)] = newest
        if newest == own or alert.occurred_at >= newest + WEEK:
            return alert
        return replace(alert, standing=replace(alert.standing or Standing(), contacted_at=newest))

    def belongs(self, alert, now):
        """Return the case that the alert joins, None for a new one, and those that a churn alert ends besides."""
        still = [case for case in self.cases.get(account_of(alert), ()) if case.is_open(now)]
        same = [case for case in still if case.intent is alert.intent]
        if same:
            return same[0], []
        before = [case for case in still if alert.supersedes in case.live]
        if alert.intent is not Intent.CHURN:
            return (before[0] if before else None), []
        chances = sorted((case for case in still if case.intent in CHANCES), key=lambda case: case.arrived_at)
        taken = (before or chances[-1:] or [None])[0]
        return taken, [case for case in chances if case is not taken]

    def routings(self, alert, case, now):
        """Return who is told: as the case's first, and besides by routes of other names, or today in their place."""
        routings = {one.route: one for one in case.routings} if case else {}
        if not alert.second:
            routings.pop("escalation", None)
        for one in self.routed(alert, now):
            if one.route not in routings or one.absent:
                routings[one.route] = one
        first = {one.target: one for one in reversed(routings.values())}
        return tuple(one for one in routings.values() if first[one.target] is one)

    def routed(self, alert, now):
        """Return whom the routes name at the moment at which each would be told."""
        facts, found = facts_of(alert), {}
        for first in route(facts, self.world.routes, self.world.people, now):
            at = self.told_at(first, alert, now)
            then = route(facts, self.world.routes, self.world.people, at)
            routing = next((one for one in then if one.route == first.route), first)
            found.setdefault(routing.target, routing)
        if alert.second:
            second = replace(route(NO_FACTS, Routes(ordered=(), fallback=self.world.routes.fallback), {}, now)[0])
            found.setdefault(second.target, replace(second, route="escalation"))
        return tuple(found.values())

    def told_at(self, routing, alert, now):
        """Return when it is told; a low one, and what its route sends there, by the digest where there is one."""
        posted = routing.target.sink in (Sink.SALESFORCE, Sink.HUBSPOT, Sink.WEBHOOK)
        digest = not posted and (routing.digest or alert.severity is Severity.LOW or is_calm(alert))
        return told_at(replace(routing, digest=digest), alert.severity, now, self.world.hours(routing))

    def held_back(self, fate, now):
        wanted = {SuppressedReason.COOLDOWN: fate.intent, SuppressedReason.INHIBITED: Intent.CHURN}.get(fate.reason)
        for case in self.cases.get(account_of(fate), ()):
            if case.is_open(now) and case.intent is wanted:
                again = Again(
                    case_id=case.id,
                    match_id=fate.match_id,
                    customer_id=fate.customer_id,
                    occurred_at=fate.occurred_at,
                    reason=fate.reason,
                )
                return [(one.target, again) for one in case.routings]
        return []

    def acted(self, deed):
        if deed.action == "too_early":
            return []
        for case in (case for cases in self.cases.values() for case in cases):
            if case.id == deed.case_id:
                targets = [one.target for one in case.routings] + [self.world.second_target()]
                return [(target, deed) for target in dict.fromkeys(targets)]
        return []


def account_of(one):
    return one.account_id or one.customer_id or one.alert_id


def is_calm(alert):
    """Tell whether it waits for the digest of its own accord, or because somebody was in contact."""
    contacted = alert.standing is not None and alert.standing.contacted_at is not None
    return alert.digest or (contacted and alert.severity is not Severity.HIGH)
