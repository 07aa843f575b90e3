"""The messages and the book of a desk, what changed of them, and which fates and orders came of it."""

from collections import defaultdict

from msgspec import json
from msgspec.structs import replace

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import Micros
from stream_app.core.notify.book import Book
from stream_app.core.notify.fates import Delivery, Fate, FateReason, delivery
from stream_app.core.notify.keys import desk_record
from stream_app.core.notify.message import Message, Stage
from stream_app.core.notify.orders import Order
from stream_app.core.routing import Target

_WAITING = (Stage.HELD, Stage.DIGEST, Stage.PARKED)


class Shelf:
    """Everything that a desk remembers; orders and parcels change it through here."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.book = Book()
        self.messages: dict[str, Message] = {}
        self.deliveries: list[Delivery] = []
        self.orders: list[tuple[Target, Order]] = []
        self._of_account: defaultdict[str, set[str]] = defaultdict(set)
        self._live: dict[str, None] = {}  # a set in the order of coming
        self._changed: set[str] = set()  # "": the book

    def load(self, case_id: str, value: bytes) -> None:
        """Take back what `changes` gave; a parcel that was on its way may have arrived."""
        if case_id:
            self._keep(json.decode(value, type=Message))
            return
        self.book = json.decode(value, type=Book)
        if self.book.on_way is not None:
            self.book = replace(self.book, on_way=replace(self.book.on_way, unsure=True))

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Return the changelog records since last asked; None deletes."""
        changed, self._changed = sorted(self._changed), set()
        return [(desk_record(self.target, case_id), self._encoded(case_id)) for case_id in changed]

    def of_account(self, account: str) -> list[Message]:
        """Return an account's messages."""
        return [self.messages[case_id] for case_id in self._of_account.get(account, ())]

    def put(self, message: Message) -> None:
        """Keep a message as it is now."""
        if self.messages.get(message.case_id) != message:
            self._keep(message)
            self._changed.add(message.case_id)

    def write(self, book: Book) -> None:
        """Keep the book as it is now."""
        if book != self.book:
            self.book = book
            self._changed.add("")

    def remove(self, message: Message) -> None:
        """Forget a message."""
        del self.messages[message.case_id]
        self._live.pop(message.case_id, None)
        self._of_account[message.account].discard(message.case_id)
        if not self._of_account[message.account]:
            del self._of_account[message.account]
        self._changed.add(message.case_id)

    def is_on_way(self, message: Message) -> bool:
        """Tell whether a parcel about it was given out and has no outcome yet."""
        return self.book.on_way is not None and message.case_id in self.book.on_way.case_ids

    def end(
        self, message: Message, alert_ids: set[str], fate: Fate, reason: FateReason, now: Micros, detail: str = ""
    ) -> Message:
        """Give alerts of a message their fate, but those on their way, and return the message without them."""
        on_way = set(self.book.on_way.alert_ids) if self.book.on_way is not None else set()
        gone = {each for each in message.unsaid if each in alert_ids and each not in on_way}
        for alert in message.alerts:
            if alert.alert_id in gone:
                self.deliver(message, alert, fate, reason, now, detail)
        if not gone:
            return message
        return replace(
            message,
            alerts=tuple(alert for alert in message.alerts if alert.alert_id not in gone),
            ends=tuple(end for end in message.ends if end.alert_id not in gone),
            unsaid=tuple(each for each in message.unsaid if each not in gone),
        )

    def deliver(
        self, message: Message, alert: PublishedAlert, fate: Fate, reason: FateReason, now: Micros, detail: str = ""
    ) -> None:
        """Note an alert's fate; one that was handed on by another target has its fate there."""
        if message.escalated_from:
            return
        self.deliveries.append(delivery(alert, message.case_id, message.routing, fate, reason, now, detail))

    def live(self) -> list[Message]:
        """Return the messages that have something to say, now or later."""
        return [self.messages[case_id] for case_id in self._live]

    def _keep(self, message: Message) -> None:
        self.messages[message.case_id] = message
        if message.stage in _WAITING or message.todo or message.remind_at or message.escalate_at or message.wipe:
            self._live[message.case_id] = None
        else:
            self._live.pop(message.case_id, None)
        self._of_account[message.account].add(message.case_id)

    def _encoded(self, case_id: str) -> bytes | None:
        if not case_id:
            return json.encode(self.book)
        message = self.messages.get(case_id)
        return json.encode(message) if message is not None else None
