"""What one target is told, minute by minute: an independent reading of the decision, over plain lists.

Every sink takes everything at once; nothing is ever repeated. Fates are (alert id, route, fate, reason).
"""

from zoneinfo import ZoneInfo

from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import MINUTE, Tier, moment_of
from stream_app.core.notify.orders import Acted, Action, Again, Contacted, Escalated, Overtaken, Solved, Told
from stream_app.core.routes import Sink, facts_of
from stream_app.core.routing import CRMS
from tests.core.notify.naive_cases import WEEK, account_of
from tests.core.notify.naive_matter import RANK, Matter

TIERS = {Tier.HIGH: 0, Tier.LOW: 1, None: 1, Tier.TECH: 2}


class NaiveDesk:
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
            case Overtaken() if order.case_id in self.matters:
                self.matters[order.case_id].overtaken = True
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
                    ids = {alert.alert_id for alert in matter.alerts if alert.intent is Intent.SUPPORT}
                    if (matter.told or matter.shared) and ids and ids <= self.solved:
                        self.weed(matter, now)
                        matter.ended = True

    def told(self, order, now):
        alert, routing = order.alert, order.routing
        key = alert.alert_id if self.each else order.case_id
        if isinstance(order, Escalated) and key in self.matters:
            if self.matters[key].told is not None and not self.matters[key].escalation:
                self.matters[key].escalate_at = now
            return
        if self.task and key not in self.matters and (routing.digest or alert.severity is Severity.LOW):
            self.fates.append((alert.alert_id, routing.route, "silenced", "no_task"))
            return
        matter = self.matters.setdefault(key, Matter(key, routing, account_of(alert), now))
        if isinstance(order, Told) and order.takes_over and matter.told is None:
            self.supersede(matter)
            matter = self.matters[key] = Matter(key, routing, account_of(alert), now, deeds=matter.deeds)
        matter.alerts.append(alert)
        matter.evidence_at = now
        matter.escalation = isinstance(order, Escalated)
        if not matter.escalation:
            matter.unsaid.append(alert)
            matter.takes_over |= order.takes_over
        self.heard[matter.account] = now
        if matter.overflow and alert.severity is Severity.HIGH:
            matter.overflow = False
        if matter.digest_at is None:
            matter.digest_at = self.next_digest(matter, now)
        if self.for_digest(matter):
            matter.quiet_from = None
        elif matter.quiet_from is None:
            matter.quiet_from = now

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
        return matter.severity in matter.routing.passes or self.world.hours(matter.routing).is_open(now)

    def for_digest(self, matter):
        return matter.routing.digest or matter.overflow or matter.severity is Severity.LOW

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
        if not matter.alerts:
            matter.ended = True
        return matter.pending

    def why_not(self, alert, matter, now):
        if any(mute.takes(facts_of(alert)) and now < until for mute, until in self.world.mutes):
            return "silenced", "mute"
        if alert.intent is Intent.SUPPORT and alert.alert_id in self.solved:
            return "resolved", "solved"
        if matter.overtaken:
            return "superseded", "churn"
        return ("expired", "too_old") if self.world.is_too_old(alert, matter.routing, now) else None

    def push(self, due, now):
        due = [matter for matter in sorted(due, key=self.order) if self.weed(matter, now)]
        due = [matter for matter in due if self.may_push(matter, now) and self.has_budget(matter, now)]
        at_once = len(due) > 5 and not self.task
        for group in [due] if at_once else [[one] for one in due]:
            kind, reason = ("bundle", "bundled") if at_once else ("alert", "sent")
            self.say(kind, group, now)
            for matter in group:
                self.settle(matter, now, ("delivered", reason), ("merged", "joined"))
                matter.shared = kind == "bundle"

    def order(self, matter):
        newest = max(matter.alerts, key=lambda alert: alert.occurred_at)
        tier = newest.customer.tier if newest.customer else None
        return RANK[matter.severity], TIERS[tier], -newest.occurred_at

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
            min(matter.unsaid, key=lambda alert: (alert.intent is not Intent.CHURN, RANK[alert.severity]))
            if loud
            else None
        )
        for number, alert in enumerate(matter.unsaid):
            self.fate(alert, matter, *(first if (alert is head if loud else number == 0) else rest))
        was, matter.told = matter.told, min((alert.severity for alert in matter.alerts), key=RANK.get)
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
        return not self.task and (matter.takes_over or RANK[matter.severity] < RANK[matter.told])

    def quietly(self, matter, now):
        return self.task or matter.silent(now) or all(alert.severity is Severity.LOW for alert in matter.unsaid)

    def add(self, matter, now):
        loud = self.still_loud(matter, now)
        raised = "took_over" if matter.takes_over else "raised"
        self.say("raise" if loud else "add", [matter], now)
        self.update(matter, now)
        self.settle(matter, now, ("delivered", raised) if loud else ("merged", "joined"), ("merged", "joined"), loud)

    def update(self, matter, now):
        if not matter.shared:
            self.say("update", [matter], now)

    def remind(self, matter, now):
        open_ = self.world.hours(matter.routing).is_open(now)
        if matter.snoozed_until is not None and now >= matter.snoozed_until and open_:
            matter.snoozed_until = None
            if matter.recalled:
                self.say("remind", [matter], now)
        if matter.remind_at is not None and now >= matter.remind_at and open_:
            matter.remind_at = None
            self.say("remind", [matter], now)
        if matter.escalate_at is not None and now >= matter.escalate_at and self.second_open(now):
            matter.escalate_at = None
            self.escalate(matter, now)

    def second_open(self, now):
        return self.world.calendars[""].is_open(now)

    def escalate(self, matter, now):
        second = self.world.second_target()
        if second == self.target:
            self.say("escalate", [matter], now)
        else:
            self.orders.append((second, matter))

    def digest(self, due, now):
        due = [matter for matter in sorted(due, key=self.order) if self.weed(matter, now)]
        if due:
            self.say("digest", due, now)
        for matter in due:
            flag = "route_digest" if matter.routing.digest else "budget" if matter.overflow else "low"
            self.settle(matter, now, ("digested", flag), ("digested", flag))
            # A digest lists, it notifies nobody: what comes after it waits as if nothing had been told.
            matter.shared, matter.told, matter.overflow, matter.digest_at = True, None, False, None
            matter.remind_at = matter.escalate_at = None

    def fate(self, alert, matter, fate, reason):
        self.fates.append((alert.alert_id, matter.routing.route, fate, reason))

    def say(self, kind, matters, now):
        self.said.append((now, self.target, kind, tuple(matter.case_id for matter in matters)))
