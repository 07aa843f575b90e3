"""What one target is told, minute by minute: an independent reading of the decision, over plain lists.

Every sink takes everything at once; nothing is ever repeated. Fates are (alert id, route, fate, reason).
"""

from zoneinfo import ZoneInfo

from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import MINUTE, moment_of
from stream_app.core.notify.orders import (
    Acted,
    Action,
    Again,
    Contacted,
    Escalated,
    Overtaken,
    Replaced,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.routes import Sink, facts_of
from stream_app.core.routing import CRMS
from tests.core.notify.naive_cases import WEEK, account_of, is_calm
from tests.core.notify.naive_matter import RANK, Matter
from tests.core.notify.naive_order import in_order, why_digested
from tests.core.notify.naive_reminding import Reminding
from tests.core.notify.naive_striking import REPLACED, Striking


class NaiveDesk(Striking, Reminding):
    """Hears orders, and each minute says what is to be said."""

    def __init__(self, target, world):
        self.target, self.world = target, world
        self.each, self.task = target.sink is Sink.WEBHOOK, target.sink in CRMS
        self.matters, self.heard = {}, {}
        self.solved = set()  # ids of alerts that were heard of before
        self.used, self.pushed = {}, {}  # accounts by (day, reader) and by day
        self.said, self.fates, self.orders = [], [], []

    def hear(self, order, now):
        match order:
            case Told() | Escalated():
                self.told(order, now)
            case Again() if order.case_id in self.matters:
                matter = self.matters[order.case_id]
                self.heard[matter.account] = now
                matter.evidence_at = now
                matter.changed = True
            case Replaced():
                self.strike(order.alert_id if self.each else order.case_id, order.alert_id, REPLACED, now)
            case Resolved():
                key = order.alert_id if self.each else order.case_id
                self.strike(key, order.alert_id, ("resolved", str(order.reason)), now)
            case Overtaken() if order.case_id in self.matters:
                self.overtaken(self.matters[order.case_id], now)
            case Acted() if order.case_id in self.matters:
                self.acted(self.matters[order.case_id], order, now)
            case Contacted():
                for matter in self.matters.values():
                    if matter.told and any(alert.customer_id == order.customer_id for alert in matter.alerts):
                        matter.contacted, matter.recalled = True, False
                        matter.remind_at = matter.escalate_at = None
            case Solved():
                here = [alert for matter in self.matters.values() for alert in matter.alerts]
                about = [alert for alert in here if alert.customer_id == order.customer_id]
                self.solved |= {alert.alert_id for alert in about if alert.occurred_at <= order.at}
                for matter in self.matters.values():
                    ids = {alert.alert_id for alert in matter.live if alert.intent is Intent.SUPPORT}
                    if ids and ids <= self.solved:
                        self.weed(matter, now)
                        matter.ended = True

    def told(self, order, now):
        alert, routing = order.alert, order.routing
        key = alert.alert_id if self.each else order.case_id
        if isinstance(order, Escalated) and key in self.matters:
            matter = self.matters[key]
            if matter.told is not None and not matter.escalation and matter.routing.route != "escalation":
                matter.escalate_at = now
            return
        self.strike(alert.supersedes if self.each else key, alert.supersedes, REPLACED, now, by=order)
        if key in self.matters and self.matters[key].ended:
            del self.matters[key]
        minor = routing.digest or alert.severity is Severity.LOW or is_calm(alert)
        if self.task and not (key in self.matters and self.matters[key].alerts) and minor:
            self.fates.append((alert.alert_id, routing.route, "silenced", "no_task"))
            self.matters.pop(key, None)
            return
        matter = self.matters.setdefault(key, Matter(key, routing, account_of(alert), now))
        if isinstance(order, Told) and order.takes_over and matter.told is None:
            self.supersede(matter)
            matter = self.matters[key] = Matter(key, routing, account_of(alert), now, deeds=matter.deeds)
        if not matter.alerts:
            matter = self.matters[key] = Matter(key, routing, account_of(alert), now, deeds=matter.deeds)
        matter.alerts.append(alert)
        matter.evidence_at = now
        matter.escalation = isinstance(order, Escalated)
        if not matter.escalation:
            matter.unsaid.append(alert)
            matter.takes_over |= order.takes_over and not is_calm(alert)
        self.heard[matter.account] = now
        if matter.overflow and alert.severity is Severity.HIGH:
            matter.overflow = False
        if matter.digest_at is None:
            matter.digest_at = self.next_digest(matter, now)
        if self.for_digest(matter):
            matter.quiet_from = None
        elif matter.quiet_from is None:
            matter.quiet_from = now

    def overtaken(self, matter, now):
        """A churn message speaks for it now: what was told is edited to say so, and nobody is reminded of it."""
        self.supersede(matter)
        matter.alerts = [alert for alert in matter.alerts if alert not in matter.unsaid]
        matter.unsaid = []
        if matter.told is not None and not matter.ended:
            self.update(matter, now)
        matter.ended = True

    def supersede(self, matter):
        for alert in matter.unsaid:
            self.fate(alert, matter, "superseded", "churn")

    def acted(self, matter, deed, now):
        matter.deeds.append(deed)
        matter.remind_at = matter.escalate_at = None
        matter.recalled = deed.action is Action.SNOOZE and matter.told is not None
        if deed.action is Action.ACKNOWLEDGE and not any(one.action is deed.action for one in matter.deeds[:-1]):
            matter.changed, matter.noted = True, matter.shared
        if deed.action is Action.SNOOZE:
            matter.snoozed_until = self.next_digest(matter, now)

    def next_digest(self, matter, now):
        """Return when the next business day opens."""
        hours = self.world.hours(matter.routing)
        return hours.next_open(hours.business_days_after(now, 0) if hours.is_open(now) else now)

    def minute(self, now):
        """Say all that is to be said at this minute."""
        living = [matter for matter in self.matters.values() if not matter.ended]
        if self.each:
            self.post_each(living, now)
            return
        self.push([one for one in living if one.told is None and one.pending and self.may_push(one, now)], now)
        for matter in [one for one in living if one.told is not None or one.shared]:
            self.join(matter, now)
            self.remind(matter, now)
            if now >= matter.evidence_at + WEEK:
                matter.ended = True
        waiting = [one for one in living if one.told is None and one.pending and not one.ended]
        self.digest([one for one in waiting if self.in_digest(one, now)], now)

    def post_each(self, living, now):
        for matter in living:
            if self.audible(matter, now):
                self.weed(matter, now)
                if matter.unsaid:
                    self.say("alert", [matter], now)
                    self.fate(matter.unsaid[0], matter, "delivered", "sent")
                matter.ended = True

    def audible(self, matter, now):
        may_pass = self.each or matter.pressing or not matter.unsaid
        passes = may_pass and matter.severity in matter.routing.passes
        return passes or self.world.hours(matter.routing).is_open(now)

    def for_digest(self, matter):
        return matter.overflow or (matter.minor and not matter.escalation)

    def may_push(self, matter, now):
        if self.for_digest(matter):
            return False
        quiet = min(self.heard[matter.account] + 10 * MINUTE, matter.quiet_from + 30 * MINUTE)
        return (matter.severity is Severity.HIGH or now >= quiet) and self.audible(matter, now)

    def in_digest(self, matter, now):
        return self.for_digest(matter) and now >= matter.digest_at and self.world.hours(matter.routing).is_open(now)

    def weed(self, matter, now):
        """Give those their fate that must not be told any more; end a message of which nothing is left."""
        for alert in list(matter.unsaid):
            if (why := self.why_not(alert, matter, now)) is not None:
                matter.unsaid.remove(alert)
                matter.alerts.remove(alert)
                self.fate(alert, matter, *why)
                self.rest(matter)
        if not matter.alerts:
            matter.ended = True
        return matter.pending

    def why_not(self, alert, matter, now):
        if any(mute.takes(facts_of(alert)) and now < until for mute, until in self.world.mutes):
            return "silenced", "mute"
        if alert.intent is Intent.SUPPORT and alert.alert_id in self.solved:
            return "resolved", "solved"
        return ("expired", "too_old") if self.world.is_too_old(alert, matter.routing, now) else None

    def push(self, due, now):
        due = [matter for matter in in_order(due) if self.weed(matter, now)]
        due = [matter for matter in due if self.may_push(matter, now) and self.has_budget(matter, now)]
        at_once = len(due) > 5 and not self.task
        for group in [due] if at_once else [[one] for one in due]:
            kind, reason = ("bundle", "bundled") if at_once else ("alert", "sent")
            self.say(kind, group, now)
            for matter in group:
                self.settle(matter, now, ("delivered", reason), ("merged", "joined"))
                matter.shared = kind == "bundle"

    def has_budget(self, matter, now):
        day = self.day(matter, now)
        pushed = self.pushed.setdefault(day, set())
        used = self.used.setdefault((day, matter.routing.person), set())
        costs = matter.severity is Severity.MEDIUM and not matter.escalation and not self.task
        if costs and matter.account not in pushed:
            if len(used) >= self.world.budget:
                matter.overflow, matter.digest_at, matter.quiet_from = True, self.next_digest(matter, now), None
                return False
            used.add(matter.account)
        pushed.add(matter.account)
        return True

    def day(self, matter, now):
        return moment_of(now).astimezone(ZoneInfo(self.world.hours(matter.routing).hours.timezone)).date()

    def settle(self, matter, now, first, rest, loud=False):
        """Give the alerts that are said their fates, and set the clock of reminders."""
        head = (
            min(matter.unsaid, key=lambda one: (is_calm(one), one.intent is not Intent.CHURN, RANK[one.severity]))
            if loud
            else None
        )
        for number, alert in enumerate(matter.unsaid):
            self.fate(alert, matter, *(first if (alert is head if loud else number == 0) else rest))
        was = matter.told
        notified = [one.severity for one in (matter.alerts if matter.escalation else matter.pressing)]
        matter.told = min([*notified, *([was] if was else [])], key=RANK.get, default=Severity.MEDIUM)
        if matter.told is Severity.HIGH and was is not Severity.HIGH and not (matter.escalation or self.task):
            hours = self.world.hours(matter.routing)
            if not matter.deeds and not matter.contacted:
                matter.remind_at, matter.escalate_at = hours.after(now, 120), hours.after(now, 240)
        matter.unsaid, matter.takes_over, matter.changed, matter.quiet_from = [], False, False, None

    def join(self, matter, now):
        """Add to what was told."""
        if matter.told is not None and matter.unsaid and not self.still_loud(matter, now) and self.quietly(matter, now):
            if not self.weed(matter, now):
                return
            self.update(matter, now)
            self.settle(matter, now, ("merged", "joined"), ("merged", "joined"))
        if matter.told is not None and matter.unsaid and self.audible(matter, now):
            self.weed(matter, now)
            if matter.unsaid:
                self.add(matter, now)
        if matter.noted and matter.shared and self.audible(matter, now):
            self.say("add", [matter], now)
            matter.noted = False
        if matter.changed:
            self.update(matter, now)
            matter.changed = False

    def still_loud(self, matter, now):
        more = any(RANK[alert.severity] < RANK[matter.told] for alert in matter.pressing)
        return not self.task and (matter.takes_over or more)

    def quietly(self, matter, now):
        return (
            self.task
            or matter.silent(now)
            or all(alert.severity is Severity.LOW or is_calm(alert) for alert in matter.unsaid)
        )

    def add(self, matter, now):
        loud = self.still_loud(matter, now)
        raised = "took_over" if matter.takes_over else "raised"
        self.say("raise" if loud else "add", [matter], now)
        self.update(matter, now)
        self.settle(matter, now, ("delivered", raised) if loud else ("merged", "joined"), ("merged", "joined"), loud)

    def update(self, matter, now):
        if not matter.shared:
            self.say("update", [matter], now)

    def digest(self, due, now):
        due = [matter for matter in in_order(due) if self.weed(matter, now)]
        if due:
            self.say("digest", due, now)
        for matter in due:
            for alert in matter.unsaid:
                self.fate(alert, matter, "digested", why_digested(alert, matter))
            matter.unsaid, matter.takes_over, matter.changed, matter.quiet_from = [], False, False, None
            # A digest lists, it notifies nobody: what comes after it waits as if nothing had been told.
            matter.shared, matter.told, matter.overflow, matter.digest_at = True, None, False, None
            matter.remind_at = matter.escalate_at = None

    def fate(self, alert, matter, fate, reason):
        self.fates.append((alert.alert_id, matter.routing.route, fate, reason))

    def say(self, kind, matters, now):
        self.said.append((now, self.target, kind, tuple(matter.case_id for matter in matters)))
