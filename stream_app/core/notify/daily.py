"""What a desk may do once a business day: so many pushes of medium alerts, and one digest."""

from zoneinfo import ZoneInfo

from msgspec.structs import replace

from stream_app.core.alerts import Severity
from stream_app.core.events import DAY, SECOND, Micros, moment_of
from stream_app.core.notify.incoming import Incoming
from stream_app.core.notify.manner import Manner, manner_of
from stream_app.core.notify.message import Message, Stage
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.notify.shelf import Shelf
from stream_app.core.notify.waiting import severity_of


class Daily:
    """Keeps the days of one desk's readers."""

    def __init__(self, shelf: Shelf, rules: NotifyRules, incoming: Incoming) -> None:
        self._shelf = shelf
        self._rules = rules
        self._incoming = incoming
        self._is_conversation = manner_of(shelf.target.sink) is Manner.CONVERSATION

    def within_budget(self, posts: list[Message], now: Micros) -> list[Message]:
        """Return those that may be pushed today; the others go to the digest."""
        kept, used = [], self._shelf.book
        for message in posts:
            if not self.uses_budget(message):
                kept.append(message)
                continue
            day, person = self.day(message, now), message.routing.person
            accounts = used.accounts(day, person)
            if message.account in accounts or len(accounts) < self._rules.daily_budget:
                used = used.used(day, person, message.account)
                kept.append(message)
            else:
                self._shelf.put(self._overflown(message, now))
        return kept

    def uses_budget(self, message: Message) -> bool:
        """Tell whether pushing it uses budget."""
        return self._is_conversation and severity_of(message) is Severity.MEDIUM and not message.escalated_from

    def digest_may_go(self, now: Micros) -> bool:
        """Tell whether it is the hour of a digest, and today had none."""
        waiting = next((each for each in self._shelf.live() if each.stage is Stage.DIGEST), None)
        if waiting is None or self._shelf.book.digest_day == self.day(waiting, now):
            return False
        return self._rules.hours_of(waiting.routing).is_open(now)

    def day(self, message: Message, now: Micros) -> str:
        """Return the reader's date."""
        return moment_of(now).astimezone(self._zone(message)).date().isoformat()

    def digest_at(self, message: Message, at: Micros) -> Micros:
        """Return when the first digest from `at` on may go; a day that had one has no second."""
        hours = self._rules.hours_of(message.routing)
        opens = hours.next_open(at)
        if self.day(message, opens) != self._shelf.book.digest_day:
            return opens
        return hours.next_open(_midnight(self._zone(message), opens) + DAY)

    def _overflown(self, message: Message, now: Micros) -> Message:
        """Return the message for the digest: today's, if that is still to come and it waited for this opening."""
        waits = self._incoming.scheduled(replace(message, overflow=True), now)
        opened = self._rules.hours_of(message.routing).next_open(_midnight(self._zone(message), now))
        today = self._shelf.book.digest_day != self.day(message, now) and message.first_at < opened
        return replace(waits, send_at=now) if today else waits

    def _zone(self, message: Message) -> ZoneInfo:
        return ZoneInfo(self._rules.hours_of(message.routing).hours.timezone)


def _midnight(zone: ZoneInfo, now: Micros) -> Micros:
    local = moment_of(now).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(local.timestamp()) * SECOND
