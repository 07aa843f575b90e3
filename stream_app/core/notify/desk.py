"""A target's desk: what it was told, and what it says next. It reads no clock: `now` is always given."""

from collections import Counter
from collections.abc import Mapping

from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.erasing import Erased, Erasing
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.incoming import Incoming
from stream_app.core.notify.message import Message, Stage
from stream_app.core.notify.orders import Order
from stream_app.core.notify.outgoing import Outgoing
from stream_app.core.notify.parcels import Outcome, Parcel
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.notify.shelf import Shelf
from stream_app.core.routing import Target


class Desk:
    """One target. Orders come in, parcels go out one at a time, and `changes` is what must be kept of it.

    `erasures`: everybody who was erased; whoever is told of new ones calls `erase` too.
    """

    def __init__(self, target: Target, rules: NotifyRules, erasures: Erasures | None = None) -> None:
        self._shelf = Shelf(target)
        self._erasures = Erasures() if erasures is None else erasures
        self.follow(rules)

    def follow(self, rules: NotifyRules) -> None:
        """Go by these rules from now on; what waits is asked about when its time has come, by them."""
        self._incoming = Incoming(self._shelf, rules, self._erasures)
        self._erasing = Erasing(self._shelf, rules, self._incoming)
        self._outgoing = Outgoing(self._shelf, rules, self._incoming)

    def load(self, case_id: str, value: bytes) -> None:
        """Take back what `changes` gave; a parcel that was on its way may have arrived."""
        self._shelf.load(case_id, value)

    def take(self, order: Order, now: Micros) -> None:
        """Take an order; one that is known, or about nothing known, changes nothing."""
        self._incoming.take(order, now)

    def next(self, now: Micros) -> Parcel | None:
        """Return what to say now, None: nothing; `settle` must follow before it is asked again."""
        return self._outgoing.next(now)

    def settle(self, parcel: Parcel, outcome: Outcome, now: Micros) -> None:
        """Take what came of a parcel."""
        self._outgoing.settle(parcel, outcome, now)

    def erase(self, erasures: Erasures, now: Micros) -> Erased:
        """Forget these people; what stands of them in the sink is to be overwritten."""
        return self._erasing.erase(erasures, now)

    def wake_at(self, now: Micros) -> Micros | None:
        """Return when `next` is to be asked again if nothing is taken before; None: never."""
        return self._outgoing.wake_at(now)

    def deliveries(self) -> list[Delivery]:
        """Return the fates since last asked."""
        given, self._shelf.deliveries = self._shelf.deliveries, []
        return given

    def orders(self) -> list[tuple[Target, Order]]:
        """Return what other desks are to be told, since last asked."""
        given, self._shelf.orders = self._shelf.orders, []
        return given

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Return the changelog records since last asked; None deletes."""
        return self._shelf.changes()

    def messages(self) -> list[Message]:
        """Return all messages, those that are over among them."""
        return list(self._shelf.messages.values())

    def counts(self) -> Mapping[Stage, int]:
        """Return how many messages stand where."""
        return Counter(message.stage for message in self._shelf.messages.values())

    def oldest_waiting(self, now: Micros) -> Micros | None:
        """Return since when something has been due that was not said yet; None: nothing is."""
        waiting = (each for each in self._shelf.live() if each.stage is not Stage.PARKED)
        due = [each.send_at for each in waiting if each.send_at is not None and each.send_at <= now]
        return min(due, default=None)
