"""What an order changes at a desk."""

from msgspec.structs import replace

from stream_app.core.alerts import Intent
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.ends import End, end_of
from stream_app.core.notify.erased import anonymous, fate_of_erased, is_of_erased, without_erased
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.joining import (
    acted_on,
    begun,
    contacted,
    counted,
    joined,
    not_rising,
    raised,
    reconsidered,
    struck,
)
from stream_app.core.notify.manner import Manner, manner_of
from stream_app.core.notify.message import MAX_IDS, MAX_SHOWN, Deed, Message, Stage
from stream_app.core.notify.orders import (
    Acted,
    Action,
    Again,
    Contacted,
    Escalated,
    Operated,
    Operation,
    Order,
    Overtaken,
    Raised,
    Replaced,
    Replied,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.notify.shelf import Shelf
from stream_app.core.notify.telling import ending, finished
from stream_app.core.notify.together import Together
from stream_app.core.notify.waiting import at_rest, makes_no_task, scheduled
from stream_app.core.routes import ESCALATION


class Incoming:
    """Takes orders."""

    def __init__(self, shelf: Shelf, rules: NotifyRules, erasures: Erasures) -> None:
        self._shelf = shelf
        self._rules = rules
        self._erasures = erasures
        self._manner = manner_of(shelf.target.sink)

    def take(self, order: Order, now: Micros) -> None:
        """Take an order; one that is known, or about nothing known, changes nothing."""
        if is_of_erased(order, self._erasures):
            if isinstance(order, Told):
                self._told_of_erased(order, now)
            return
        order = without_erased(order, self._erasures)
        match order:
            case Told():
                self._told(order, now)
            case Escalated():
                self._escalated(order, now)
            case Operated():
                self._operated(order, now)
            case Solved():
                self._solved(order, now)
            case Replaced() | Resolved():
                self._ended(order.alert_id if self._manner is Manner.EACH else order.case_id, end_of(order), now)
            case Raised(case_id=case_id, together=together):
                for key in together.alert_ids if self._manner is Manner.EACH else (case_id,):
                    self._raised(key, together, now)
            case Contacted() | Replied():
                for message in list(self._shelf.messages.values()):
                    if message.stage is not Stage.DONE:
                        self._shelf.put(self._touched(message, order, now))
            case Again() | Acted() | Overtaken():
                about = self._shelf.messages.get(order.case_id)
                if about is not None and about.alerts:
                    self._about(about, order, now)

    def scheduled(self, message: Message, now: Micros) -> Message:
        """Return a message that nobody was told of yet with when it may go; a CRM is spared low ones."""
        if self._manner is Manner.TASK and makes_no_task(message):
            spared = finished(self._end(message, Fate.SILENCED, FateReason.NO_TASK, now))
            return replace(spared, alerts=message.alerts)  # others of the account may make them worth a task yet
        signs = [message.last_at, *(each.last_at for each in self._shelf.of_account(message.account))]
        return scheduled(message, max(signs), self._rules, now)

    def _told(self, order: Told, now: Micros) -> None:
        case_id = order.alert.alert_id if self._manner is Manner.EACH else order.case_id
        before = self._shelf.messages.get(case_id)
        if before is not None and order.alert.alert_id in before.ids:
            self._raised(case_id, order.together, now)  # what it is said with may be news all the same
            return
        end = End(alert_id=order.alert.supersedes, by=order.alert.alert_id, at=order.alert.occurred_at)
        if self._manner is Manner.EACH:
            self._ended(end.alert_id, end, now)
        joins = before is not None and not before.over
        if before is not None and joins:
            before = self._without(before, end, now)
        if before is None or not joins or not before.alerts:
            message = begun(replace(order, case_id=case_id), now, before)
        elif order.takes_over and before.told is None and not self._shelf.is_on_way(before):
            message = begun(order, now, self._end(before, Fate.SUPERSEDED, FateReason.CHURN, now))
        else:
            message = self._trimmed(joined(_no_escalation(before), order, now), now)
        self._shelf.put(message)
        self.wait(message, now)
        for other in self._shelf.of_account(message.account):
            if other.stage is Stage.HELD and other.case_id != case_id:
                self.wait(other, now)

    def _told_of_erased(self, order: Told, now: Micros) -> None:
        """Give an alert its fate, and know it if it is told again; nothing else of it is kept."""
        case_id = order.alert.alert_id if self._manner is Manner.EACH else order.case_id
        before = self._shelf.messages.get(case_id)
        if before is None:
            self._shelf.put(finished(begun(replace(anonymous(order), case_id=case_id), now)))
        elif order.alert.alert_id in before.ids:
            return
        else:
            self._shelf.put(replace(before, ids=(*before.ids, order.alert.alert_id)[-MAX_IDS:]))
        self._shelf.deliveries.append(fate_of_erased(order, case_id, now))

    def _raised(self, key: str, together: Together, now: Micros) -> None:
        """Take that alerts of a message are more severe for others of the account, or that more of them are known."""
        message = self._shelf.messages.get(key)
        if message is None or (message.over and not message.is_spared):
            return
        after = raised(message, together, now)
        if message.is_spared and after.raised:
            after = replace(after, stage=Stage.HELD, rising=after.raised)
        self._shelf.put(after)
        if after.news:
            self.wait(after, now)

    def _ended(self, key: str, end: End, now: Micros) -> None:
        """Take that an alert is over, or replaced elsewhere."""
        message = self._shelf.messages.get(key)
        if message is None or message.over:
            return
        left = self._without(message, end, now)
        if left is message:
            return
        if left.over or not left.alerts:
            self.end(left)
            return
        self._shelf.put(left)
        if left.news:
            self.wait(left, now)

    def _without(self, message: Message, end: End, now: Micros) -> Message:
        """Return the message without an alert that nobody was told of, or with it struck out."""
        if end.alert_id not in {alert.alert_id for alert in message.alerts}:
            return message
        left = self._shelf.end(message, {end.alert_id}, *end.fate, now)
        if left is message:
            left = struck(left, end, self._rules)
        if left.news == message.news:
            return left
        return reconsidered(left, now) if left.told is not None else at_rest(left)

    def wait(self, message: Message, now: Micros) -> None:
        """Let a message wait that nobody was told of yet."""
        if message.told is None and message.stage is not Stage.PARKED and not self._shelf.is_on_way(message):
            self._shelf.put(self.scheduled(message, now))

    def _trimmed(self, message: Message, now: Micros) -> Message:
        """Return the message within bounds: alerts too many to be shown are counted, and that is their fate."""
        while len(message.alerts) > MAX_SHOWN:
            lead = message.lead.alert_id
            first = [end.alert_id for end in message.ends] or [alert.alert_id for alert in message.alerts]
            oldest = next(alert_id for alert_id in first if alert_id != lead)
            without = self._shelf.end(message, {oldest}, Fate.MERGED, FateReason.JOINED, now)
            kept = tuple(alert for alert in without.alerts if alert.alert_id != oldest)
            ends = tuple(end for end in without.ends if end.alert_id != oldest)
            left = replace(without, alerts=kept, ends=ends, left_out=message.left_out + 1)
            message = not_rising(left, oldest)
        return message

    def _escalated(self, order: Escalated, now: Micros) -> None:
        before = self._shelf.messages.get(order.case_id)
        if before is None:
            told = Told(case_id=order.case_id, alert=order.alert, routing=order.routing)
            together = order.together
            message = replace(
                begun(told, now), escalated_from=order.of, raised=together.alert_ids, looks=together.looks
            )
            self._shelf.put(self.scheduled(message, now))
        elif before.told is not None and not (before.over or before.escalated_from or _heard_at_once(before)):
            self._shelf.put(replace(before, escalate_at=now))

    def _operated(self, order: Operated, now: Micros) -> None:
        for message in list(self._shelf.messages.values()):
            if message.case_id == order.case_id or (not order.case_id and message.stage is Stage.PARKED):
                match order.operation:
                    case Operation.RETRY:
                        self._retry(message, now)
                    case Operation.DROP:
                        self._drop(message, now)

    def _retry(self, message: Message, now: Micros) -> None:
        if self._shelf.is_on_way(message):
            self._shelf.write(replace(self._shelf.book, retry_at=now))
        elif message.stage is Stage.PARKED:
            stage = Stage.HELD if message.told is None else Stage.OPEN
            self._shelf.put(replace(message, stage=stage, send_at=now, refused=""))

    def _drop(self, message: Message, now: Micros) -> None:
        if message.stage not in (Stage.HELD, Stage.DIGEST, Stage.PARKED) and not message.unsaid:
            return
        if self._shelf.is_on_way(message):
            self._shelf.write(self._shelf.book.arrived())
        self._shelf.put(finished(self._end(message, Fate.DROPPED, FateReason.OPERATOR, now)))

    def _solved(self, order: Solved, now: Micros) -> None:
        for message in list(self._shelf.messages.values()):
            if message.over or message.lead.intent is not Intent.SUPPORT or order.at < message.lead.occurred_at:
                continue
            if any(alert.customer_id == order.customer_id for alert in message.alerts):
                left = self._end(message, Fate.RESOLVED, FateReason.SOLVED, now)
                self.end(replace(left, solved_at=order.at))

    def _touched(self, message: Message, order: Contacted | Replied, now: Micros) -> Message:
        if isinstance(order, Contacted):
            return contacted(message, order.customer_id, order.at)
        place = message.place
        if place is None or (place.channel, place.id) != (order.channel, order.thread):
            return message
        return acted_on(message, Deed(action=Action.REPLY, by=order.by, at=order.at), self._rules, now)

    def _about(self, message: Message, order: Again | Acted | Overtaken, now: Micros) -> None:
        match order:
            case Again():
                self._shelf.put(counted(message, order, now))
                for each in self._shelf.of_account(message.account):
                    if each.stage is Stage.HELD:
                        self.wait(each, now)
            case Acted(action=action, by=by, at=at):
                self._shelf.put(acted_on(message, Deed(action=action, by=by, at=at), self._rules, now))
            case Overtaken():
                left = self._end(message, Fate.SUPERSEDED, FateReason.CHURN, now)
                self.end(replace(left, overtaken=True))

    def end(self, message: Message) -> None:
        """Let a message end; one that is on its way ends when that is known."""
        self._shelf.put(message if self._shelf.is_on_way(message) else ending(message, said=False))

    def _end(self, message: Message, fate: Fate, reason: FateReason, now: Micros) -> Message:
        return self._shelf.end(message, set(message.unsaid), fate, reason, now)


def _heard_at_once(message: Message) -> bool:
    """Tell whether the second target was told besides, so that the message has a clock of its own here."""
    return message.routing.route == ESCALATION


def _no_escalation(message: Message) -> Message:
    """Return the message as one of this target's own: from now on its alerts have fates here."""
    return replace(message, escalated_from="", unsaid=()) if message.escalated_from else message
