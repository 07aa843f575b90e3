"""What an erasure takes from a desk: a person's alerts, wherever they wait, and what stands of them in the sink."""

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import account_key
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.erased import is_erased, still_there
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.incoming import Incoming
from stream_app.core.notify.joining import edited, reconsidered, unhurried
from stream_app.core.notify.message import Message, Place, Stage
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.notify.shelf import Shelf
from stream_app.core.notify.telling import nobodys
from stream_app.core.notify.together import Look
from stream_app.core.notify.waiting import at_rest


class Erased(Struct, frozen=True, kw_only=True):
    """What came of erasures at a desk: alerts taken from it, messages that nobody can edit, and whether the parcel
    that is on its way shows somebody of them.
    """

    alerts: int = 0
    left: int = 0
    recalled: bool = False


class Erasing:
    """Takes erasures."""

    def __init__(self, shelf: Shelf, rules: NotifyRules, incoming: Incoming) -> None:
        self._shelf = shelf
        self._rules = rules
        self._incoming = incoming

    def erase(self, erasures: Erasures, now: Micros) -> Erased:
        """Take everybody from this desk who was erased; alerts of other people stay."""
        alerts = left = 0
        for message in list(self._shelf.messages.values()):
            gone = frozenset(alert.alert_id for alert in message.alerts if is_erased(alert, erasures))
            looks = still_there(message.looks, erasures)
            if gone or looks != message.looks:
                alerts += len(gone)
                left += message.told is not None and message.place is None
                self._without(message, gone, looks, now)
            self._unname(self._shelf.messages[message.case_id], erasures)
        self._unname_budget(erasures)
        way = self._shelf.book.on_way
        return Erased(alerts=alerts, left=left, recalled=way is not None and way.recalled)

    def _without(self, message: Message, gone: frozenset[str], looks: tuple[Look, ...], now: Micros) -> None:
        named = gone.union(message.named_with(frozenset({*message.looks} - {*looks})))
        self._recall(message, gone)
        left = self._shelf.end(message, set(gone), Fate.ERASED, FateReason.ERASED, now)
        left = replace(
            left,
            alerts=tuple(alert for alert in left.alerts if alert.alert_id not in gone),
            ends=tuple(end for end in left.ends if end.alert_id not in gone),
            looks=looks,
            replies=tuple(reply for reply in left.replies if named.isdisjoint(reply.alert_ids)),
            wipe=_standing(left, named),
            refused="",  # a sink may have quoted what it refused
            erased=True,
        )
        if self._shelf.is_on_way(left):
            self._shelf.put(left)
        elif not left.alerts:
            self._shelf.put(nobodys(left))
        else:
            self._go_on(left, now)

    def _go_on(self, message: Message, now: Micros) -> None:
        """Let a message go on with its other people."""
        if message.stage is Stage.PARKED and message.editable:
            message = replace(message, stage=Stage.OPEN)
        left = reconsidered(message, now) if message.told is not None else at_rest(message)
        self._shelf.put(edited(unhurried(left, self._rules)))
        if left.over:
            self._incoming.end(left)
        elif left.news:
            self._incoming.wait(left, now)

    def _recall(self, message: Message, gone: frozenset[str]) -> None:
        """Note that a parcel on its way shows them; what comes of it is not theirs any more."""
        book = self._shelf.book
        if book.on_way is None or not self._shelf.is_on_way(message):
            return
        ids = tuple(each for each in book.on_way.alert_ids if each not in gone)
        self._shelf.write(replace(book, on_way=replace(book.on_way, alert_ids=ids, recalled=True), why=""))

    def _unname(self, message: Message, erasures: Erasures) -> None:
        """Let a message not be gathered under a customer's id any more, unless they are a customer again."""
        theirs = any(account_key(alert) == message.account for alert in message.alerts)
        if theirs or not erasures.holds(message.account):
            return
        self._shelf.remove(message)
        self._shelf.put(replace(message, account=message.case_id))

    def _unname_budget(self, erasures: Erasures) -> None:
        """Leave the day's pushes counted, though not whose they were."""
        book = self._shelf.book
        pushed = {
            person: tuple("" if erasures.holds(account) else account for account in accounts)
            for person, accounts in book.pushed.items()
        }
        self._shelf.write(replace(book, pushed=pushed))


def _standing(message: Message, named: frozenset[str]) -> tuple[Place, ...]:
    """Return the places that must be overwritten; what a message's own text says is edited."""
    shared = (message.place,) if message.place is not None and message.place.shared else ()
    replies = (reply.place for reply in message.replies if not named.isdisjoint(reply.alert_ids))
    return tuple(dict.fromkeys((*message.wipe, *shared, *replies)))
