"""What a desk says next, and what came of it."""

from collections.abc import Iterator
from hashlib import sha256

from msgspec.structs import replace

from stream_app.core.events import DAY, HOUR, Micros
from stream_app.core.notify.book import OnWay
from stream_app.core.notify.choosing import LOUD, Choice, choices, in_order
from stream_app.core.notify.daily import Daily
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.incoming import Incoming
from stream_app.core.notify.joining import not_rising, reconsidered
from stream_app.core.notify.message import Message, Place, Stage, Todo
from stream_app.core.notify.orders import Escalated
from stream_app.core.notify.overwriting import overwriting
from stream_app.core.notify.parcels import Failed, Kind, Outcome, Parcel, Refused, Sent
from stream_app.core.notify.rules import ENDS_WITHIN, NotifyRules
from stream_app.core.notify.shelf import Shelf
from stream_app.core.notify.telling import arrived, ending, fates, finished, nobodys, overwritten, recalled, refused
from stream_app.core.notify.together import Together
from stream_app.core.notify.waiting import at_rest, may_go
from stream_app.core.routing import standing


class Outgoing:
    """Gives out parcels, one at a time."""

    def __init__(self, shelf: Shelf, rules: NotifyRules, incoming: Incoming) -> None:
        self._shelf = shelf
        self._rules = rules
        self._incoming = incoming
        self._daily = Daily(shelf, rules, incoming)
        self._swept_at: Micros | None = None

    def next(self, now: Micros) -> Parcel | None:
        """Return what to say now, None: nothing; `settle` must follow before it is asked again."""
        if self._swept_at is None or now >= self._swept_at + HOUR:
            self._sweep(now)
        if (way := self._shelf.book.on_way) is not None:
            return self._once_more(way, now)
        if (found := overwriting(self._shelf)) is not None:
            return self._give_out(found, now)
        self._reject_old(now)
        self._hand_on(now)
        posts = self._daily.within_budget(in_order(self._cleared(Stage.HELD, now)), now)
        digest = in_order(self._cleared(Stage.DIGEST, now)) if self._daily.digest_may_go(now) else []
        told = [self._clear(message, now) for message in self._shelf.live() if message.stage is Stage.OPEN]
        found = min(choices(posts, digest, told, self._rules, now), key=lambda choice: choice.order, default=None)
        return self._give_out(found, now) if found is not None else None

    def settle(self, parcel: Parcel, outcome: Outcome, now: Micros) -> None:
        """Take what came of a parcel."""
        book, way = self._shelf.book, self._shelf.book.on_way
        assert way is not None, "settled what was not given out"
        if isinstance(outcome, Failed):
            self._shelf.write(book.failed(outcome, now))
            return
        self._shelf.write(book.arrived())
        told = {said.case_id: said for said in parcel.messages}
        for case_id in way.case_ids:
            message = self._shelf.messages[case_id]
            match outcome:
                case Sent(place=place):
                    self._arrived(way, message, told.get(case_id, message), place, now)
                case Refused() if way.kind is Kind.ERASE:  # what cannot be edited now will not be later
                    self._shelf.put(overwritten(message, way))
                case Refused(why=why):
                    self._shelf.put(refused(way.kind, message, why))
        if way.kind is Kind.DIGEST and isinstance(outcome, Sent):
            self._shelf.write(replace(self._shelf.book, digest_day=self._daily.day(parcel.messages[0], now)))

    def wake_at(self, now: Micros) -> Micros | None:
        """Return when `next` is to be asked again if nothing is taken before; None: never."""
        if not self._shelf.messages:
            return None
        book = self._shelf.book
        if book.on_way is not None:
            return max(now, book.retry_at or now)
        return max(now, min(self._moments(now), default=(self._swept_at or now) + HOUR))

    def _moments(self, now: Micros) -> Iterator[Micros]:
        """Yield when there may be something to say; of digests, which may be thousands, the first speaks for all."""
        live = self._shelf.live()
        yield from (now for each in live if each.wipe)
        yield from (each.send_at for each in live if each.stage is Stage.HELD and each.send_at is not None)
        yield from (self._past_at(each) + 1 for each in live if each.stage is Stage.PARKED)
        for message in live:
            if message.stage is Stage.OPEN:
                yield from self._told_moments(message, now)
        digests = [(each.send_at or now, each) for each in live if each.stage is Stage.DIGEST]
        if digests:
            at, first = min(digests, key=lambda digest: digest[0])
            yield self._daily.digest_at(first, max(at, now))

    def _told_moments(self, message: Message, now: Micros) -> Iterator[Micros]:
        if Todo.UPDATE in message.todo:
            yield now
        loud = [now] if message.todo else []
        loud += [moment for moment in (message.remind_at, message.escalate_at) if moment is not None]
        hours = self._rules.hours_of(message.routing)
        yield from (at if may_go(message, self._rules, at) else hours.next_open(at) for at in loud)

    def _cleared(self, stage: Stage, now: Micros) -> list[Message]:
        """Return the messages of a stage that are due and still have something to say."""
        waiting = (each for each in self._shelf.live() if each.stage is stage)
        due = [each for each in waiting if each.send_at is not None and each.send_at <= now]
        cleared = [self._clear(message, now) for message in due]
        return [message for message in cleared if message.stage is stage and self._in_hours(message, now)]

    def _in_hours(self, message: Message, now: Micros) -> bool:
        """Tell whether the reader may be notified now; if not, it waits for the opening."""
        if may_go(message, self._rules, now):
            return True
        self._shelf.put(replace(message, send_at=self._rules.hours_of(message.routing).next_open(now)))
        return False

    def _clear(self, message: Message, now: Micros) -> Message:
        """Return the message without what nobody should hear any more, which gets its fate."""
        if not message.news:
            return message
        left = self._without_muted_and_old(message, now)
        if left is message:
            return message
        if left.told is not None:
            left = reconsidered(left, now)
        elif not left.news:
            left = at_rest(left) if left.alerts and not left.escalated_from else finished(left)
        elif left.stage is Stage.HELD:
            left = self._incoming.scheduled(left, now)
            left = replace(left, send_at=now) if left.stage is Stage.HELD else left
        self._shelf.put(left)
        return left

    def _without_muted_and_old(self, message: Message, now: Micros) -> Message:
        if message.escalated_from:
            return replace(message, unsaid=()) if message.deeds or message.contacted_at is not None else message
        left = message
        for alert in message.alerts:
            mute = next((mute for mute in self._rules.mutes if mute.takes(alert, now)), None)
            if mute is not None:
                left = self._shelf.end(left, {alert.alert_id}, Fate.SILENCED, FateReason.MUTE, now, mute.why)
            elif self._rules.is_too_old(alert, message.routing, now):
                left = self._shelf.end(left, {alert.alert_id}, Fate.EXPIRED, FateReason.TOO_OLD, now)
            else:
                continue
            left = not_rising(left, alert.alert_id)
        return left

    def _hand_on(self, now: Micros) -> None:
        """Tell the second target of what nobody took up, unless that is this one."""
        for message in self._shelf.live():
            if message.stage is not Stage.OPEN or message.escalate_at is None or message.escalate_at > now:
                continue
            second = standing(self._rules.second, self._rules.people, now)
            if second.target == self._shelf.target:
                continue
            of = message.routing.person or self._shelf.target.address
            together = Together(alert_ids=message.raised, looks=message.looks)
            order = Escalated(case_id=message.case_id, alert=message.lead, routing=second, of=of, together=together)
            self._shelf.orders.append((second.target, order))
            self._shelf.put(replace(message, escalate_at=None, remind_at=None))

    def _give_out(self, choice: Choice, now: Micros) -> Parcel:
        messages = choice.messages
        only_edit = choice.kind is Kind.UPDATE and any(message.todo != (Todo.UPDATE,) for message in messages)
        says_alerts = choice.kind not in (Kind.REMIND, Kind.ESCALATE, Kind.ERASE) and not only_edit
        new = choice.kind in (Kind.ALERT, Kind.BUNDLE, Kind.DIGEST)
        way = OnWay(
            id=_parcel_id(messages),
            kind=choice.kind,
            case_ids=tuple(message.case_id for message in messages),
            alert_ids=tuple(each for message in messages for each in message.unsaid) if says_alerts else (),
            place=None if new else choice.place or messages[0].place,
        )
        book = self._shelf.book.sending(way)
        for message in messages:
            self._shelf.put(replace(message, said=message.said + 1))
            if choice.kind in (Kind.ALERT, Kind.BUNDLE) and self._daily.uses_budget(message):
                book = book.used(self._daily.day(message, now), message.routing.person, message.account)
        self._shelf.write(book)
        return self._parcel(way)

    def _parcel(self, way: OnWay) -> Parcel:
        """Return what is said; of cases whose people were all erased only that."""
        messages = tuple(self._shelf.messages[case_id] for case_id in way.case_ids)
        return Parcel(
            id=way.id,
            kind=way.kind,
            target=self._shelf.target,
            messages=tuple(one for one in messages if one.alerts) or messages[:1],
            alert_ids=way.alert_ids,
            place=way.place,
            repeat=way.unsure,
        )

    def _once_more(self, way: OnWay, now: Micros) -> Parcel | None:
        """Return the parcel that has no outcome yet, when its time has come and it still makes sense."""
        book = self._shelf.book
        if book.retry_at is not None and now < book.retry_at:
            return None
        messages = [self._shelf.messages[case_id] for case_id in way.case_ids]
        if self._is_pointless(way, messages, now):
            self._shelf.write(book.arrived())
            for message in messages:
                self._shelf.put(self._given_up(message, now))
            return self.next(now)
        if way.kind in LOUD and not may_go(messages[0], self._rules, now):
            self._shelf.write(replace(book, retry_at=self._rules.hours_of(messages[0].routing).next_open(now)))
            return None
        return self._parcel(way)

    def _is_pointless(self, way: OnWay, messages: list[Message], now: Micros) -> bool:
        """Tell whether a parcel is not tried again: nobody is to hear of it, or nobody is left to speak of."""
        if way.kind is Kind.ERASE:
            return False
        if not any(message.alerts for message in messages):
            return True
        return not way.unsure and not any(self._still_wanted(message, way, now) for message in messages)

    def _given_up(self, message: Message, now: Micros) -> Message:
        """Return a message after a parcel about it that arrived nowhere: what ended meanwhile has its fate now."""
        if not message.alerts:
            return nobodys(message)
        left = message
        for end in message.ends:
            left = self._shelf.end(left, {end.alert_id}, *end.fate, now)
        if message.solved_at is not None:
            left = self._shelf.end(left, set(left.unsaid), Fate.RESOLVED, FateReason.SOLVED, now)
        if message.overtaken:
            left = self._shelf.end(left, set(left.unsaid), Fate.SUPERSEDED, FateReason.CHURN, now)
        if left.over or not left.alerts:
            return ending(left, said=False)
        if left.told is not None:
            return reconsidered(left, now)
        return self._incoming.scheduled(left, now) if left.news else at_rest(left)

    def _still_wanted(self, message: Message, way: OnWay, now: Micros) -> bool:
        shown = [alert for alert in message.alerts if alert.alert_id in way.alert_ids]
        told = [alert for alert in shown if alert in message.live]
        fresh = not shown or any(not self._rules.is_too_old(alert, message.routing, now) for alert in told)
        return fresh and (not message.over or way.kind is Kind.UPDATE)

    def _arrived(self, way: OnWay, message: Message, said: Message, place: Place | None, now: Micros) -> None:
        if way.kind is Kind.ERASE:
            self._shelf.put(overwritten(message, way))
            return
        self._shelf.put(self._told(way, message, said, place, now))

    def _told(self, way: OnWay, message: Message, said: Message, place: Place | None, now: Micros) -> Message:
        if not message.alerts:
            return recalled(way.kind, message, place) if way.recalled else finished(message)
        shown = frozenset(way.alert_ids)
        for alert, fate, reason in fates(way.kind, message, shown):
            self._shelf.deliver(message, alert, fate, reason, now)
        after = arrived(way.kind, message, said, shown, place, self._rules, now)
        waits = after.stage is Stage.OPEN and after.told is None and after.news and not after.over
        after = self._incoming.scheduled(after, now) if waits else after
        return recalled(way.kind, after, place) if way.recalled else after

    def _sweep(self, now: Micros) -> None:
        """Let go of what is long over."""
        self._swept_at = now
        for message in list(self._shelf.messages.values()):
            if self._shelf.is_on_way(message):
                continue
            if now >= message.last_at + self._rules.open_for + DAY and message.stage is Stage.DONE and not message.wipe:
                self._shelf.remove(message)
            elif now >= self._kept_until(message) and message.stage is Stage.OPEN and not message.unsaid:
                self._shelf.put(finished(message))

    def _kept_until(self, message: Message) -> Micros:
        """Return until when there may be something to show of a message: the end of its alerts, if it can be edited."""
        may_end = message.editable and message.told is not None
        return message.last_at + max(self._rules.open_for, ENDS_WITHIN if may_end else 0)

    def _reject_old(self, now: Micros) -> None:
        """Give up what an operator left parked until nobody should hear of it any more."""
        for message in self._shelf.live():
            if message.stage is Stage.PARKED and now > self._past_at(message):
                unsaid, why = set(message.unsaid), message.refused
                ended = self._shelf.end(message, unsaid, Fate.REJECTED, FateReason.SINK_REFUSED, now, why)
                self._shelf.put(finished(ended))

    def _past_at(self, message: Message) -> Micros:
        unsaid = (alert for alert in message.alerts if alert.alert_id in message.unsaid)
        ends = (self._rules.told_until(alert, message.routing) for alert in unsaid)
        return max(ends, default=message.last_at + self._rules.open_for)


def _parcel_id(messages: tuple[Message, ...]) -> str:
    """Return an id of this parcel's own, that of the case for a case's first."""
    if len(messages) == 1:
        (message,) = messages
        return f"{message.case_id}-{message.said}" if message.said else message.case_id
    parts = "|".join(f"{message.case_id}-{message.said}" for message in messages)
    return sha256(parts.encode()).hexdigest()[:32]
