"""The two machines at their simplest: every alert is one parcel at one desk, in the order of arrival, and once."""

import json
from collections import Counter

import msgspec

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import MINUTE, SECOND
from stream_app.core.language import Language
from stream_app.core.notify.erasing import Erased
from stream_app.core.notify.fates import Delivery, Fate, FateReason
from stream_app.core.notify.keys import account_record, desk_record
from stream_app.core.notify.message import Message, Stage
from stream_app.core.notify.orders import Acted, Contacted, Told
from stream_app.core.notify.parcels import Failed, Kind, Parcel, Refused, Sent
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target
from stream_app.notify.machines import Machines
from stream_app.render.letters import Note
from stream_app.sinks.base import Envelope


class Said(msgspec.Struct):
    orders: tuple = ()
    deliveries: tuple = ()


def target_for(alert):
    """Return the desk of an alert: one for each rule."""
    return Target(sink=Sink.FILE, kind=AddressKind.CHANNEL, address=f"#{alert.rule_id}")


class NaiveCases:
    """Counts each account's alerts; those of the rule `stale` are too old for anybody."""

    def __init__(self):
        self.seen = {}
        self._changed = set()

    def load(self, account, value):
        self.seen[account] = json.loads(value)

    def alert(self, alert, now):
        seen = self.seen.setdefault(alert.customer_id, [])
        if alert.rule_id == "stale":
            return Said(deliveries=(fate_of(alert, Fate.EXPIRED, FateReason.TOO_OLD, now),))
        if alert.alert_id in seen:
            return Said()
        seen.append(alert.alert_id)
        self._changed.add(alert.customer_id)
        routing = Routing(route="r", target=target_for(alert), why=())
        return Said(orders=((routing.target, Told(case_id=alert.alert_id, alert=alert, routing=routing)),))

    def resolved(self, resolution, now):
        return Said()

    def viewed(self, view, now):
        return Said()

    def held_back(self, fate, now):
        return Said()

    def acted(self, feedback, now):
        acted = Acted(case_id=feedback.case_id, action=feedback.action, by=feedback.by, at=feedback.at)
        return Said(orders=((Target(sink=Sink.FILE, kind=AddressKind.CHANNEL, address="#r"), acted),))

    def forget(self, now):
        pass

    def erase(self, erasures):
        for customer_id in [each for each in self.seen if erasures.holds(each)]:
            del self.seen[customer_id]
            self._changed.add(customer_id)

    def changes(self):
        changed, self._changed = sorted(self._changed), set()
        return [(account_record(key), self._encoded(key)) for key in changed]

    def _encoded(self, key):
        return json.dumps(self.seen[key]).encode() if key in self.seen else None


class DeskState(msgspec.Struct):
    known: list[str] = []
    queue: list[PublishedAlert] = []
    on_its_way: bool = False
    retry_at: int = 0
    contacted: list[str] = []
    parked: int = 0


class NaiveDesk:
    """Says what it was told, one after the other; a failure is tried again after a second."""

    def __init__(self, target):
        self.target = target
        self.state = DeskState()
        self._doubtful = False
        self._dirty = False
        self._deliveries = []

    def load(self, case_id, value):
        self.state = msgspec.json.decode(value, type=DeskState)
        self._doubtful = self.state.on_its_way

    def take(self, order, now):
        if isinstance(order, Told) and order.case_id not in self.state.known:
            self.state.known.append(order.case_id)
            self.state.queue.append(order.alert)
            self._dirty = True
        elif isinstance(order, Contacted):
            self.state.contacted.append(order.customer_id)
            self._dirty = True

    def next(self, now):
        if not self.state.queue or self.state.retry_at > now:
            return None
        self.state.on_its_way = self._dirty = True
        return parcel_of(self.state.queue[0], self.target, repeat=self._doubtful)

    def settle(self, parcel, outcome, now):
        alert = self.state.queue[0]
        self._dirty, self.state.on_its_way = True, False
        self._doubtful = isinstance(outcome, Failed) and (self._doubtful or outcome.unsure)
        if isinstance(outcome, Failed):
            self.state.retry_at = outcome.retry_at or now + SECOND
            return
        self.state.queue.pop(0)
        if isinstance(outcome, Sent):
            self._deliveries.append(fate_of(alert, Fate.DELIVERED, FateReason.SENT, now))
        if isinstance(outcome, Refused):
            self.state.parked += 1
            self._deliveries.append(fate_of(alert, Fate.REJECTED, FateReason.SINK_REFUSED, now, outcome.why))

    def wake_at(self, now):
        return max(now, self.state.retry_at) if self.state.queue else None

    def erase(self, erasures, now):
        gone = [each for each in self.state.queue if erasures.holds(each.customer_id)]
        self.state.queue = [each for each in self.state.queue if each not in gone]
        self._deliveries += [fate_of(each, Fate.ERASED, FateReason.ERASED, now) for each in gone]
        self._dirty = True
        return Erased(alerts=len(gone))

    def deliveries(self):
        given, self._deliveries = self._deliveries, []
        return given

    def orders(self):
        return []

    def changes(self):
        if not self._dirty:
            return []
        self._dirty = False
        return [(desk_record(self.target), msgspec.json.encode(self.state))]

    def counts(self):
        return Counter({Stage.HELD: len(self.state.queue), Stage.PARKED: self.state.parked})

    def oldest_waiting(self, now):
        return now - MINUTE if self.state.queue else None


NAIVE = Machines(cases=NaiveCases, desk=NaiveDesk)


def parcel_of(alert, target, repeat=False):
    """Return the parcel that says one alert."""
    message = Message(
        case_id=alert.alert_id,
        routing=Routing(route="r", target=target, why=()),
        account=alert.customer_id,
        stage=Stage.HELD,
        alerts=(alert,),
        first_at=0,
        last_at=0,
    )
    ids = (alert.alert_id,)
    return Parcel(id=alert.alert_id, kind=Kind.ALERT, target=target, messages=(message,), alert_ids=ids, repeat=repeat)


def fate_of(alert, fate, reason, now, detail=""):
    """Return the fate of an alert at its desk."""
    return Delivery(
        alert_id=alert.alert_id,
        case_id=alert.alert_id,
        route="r",
        target=target_for(alert),
        fate=fate,
        reason=reason,
        at=now,
        intent=alert.intent,
        severity=alert.severity,
        rule_id=alert.rule_id,
        customer_id=alert.customer_id,
        detail=detail,
    )


def say(parcel, now):
    """Return a letter that says nothing."""
    return Envelope(parcel=parcel, letter=Note(language=Language.JA, case_id=parcel.id, lines=()))
