"""What a message is once a parcel about it arrived, or was refused: the fates, and what is left to say."""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Severity
from stream_app.core.events import Micros
from stream_app.core.notify.book import OnWay
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.joining import edited, followed_up, rising
from stream_app.core.notify.manner import Manner, manner_of
from stream_app.core.notify.message import MAX_REPLIES, RANK, Message, Place, Reply, Stage, Todo
from stream_app.core.notify.parcels import Kind
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import waits

Ended: TypeAlias = tuple[PublishedAlert, Fate, FateReason]

_SAYS = {Kind.RAISE: {Todo.RAISE, Todo.ADD}, Kind.ADD: {Todo.ADD}, Kind.UPDATE: {Todo.UPDATE}}
_SHARED = frozenset({Kind.BUNDLE, Kind.DIGEST})
_NEW = _SHARED | {Kind.ALERT}
_REPLIES = frozenset({Kind.RAISE, Kind.ADD, Kind.REMIND, Kind.ESCALATE})
_SAYS_RISING = {Kind.ALERT, Kind.BUNDLE, Kind.DIGEST, Kind.RAISE}
_FIRST = {Kind.ALERT: FateReason.SENT, Kind.BUNDLE: FateReason.BUNDLED}


def fates(kind: Kind, message: Message, shown: frozenset[str]) -> Iterator[Ended]:
    """Yield the fate of each alert that a parcel was the first to show."""
    if message.escalated_from:
        return
    said = [alert for alert in message.alerts if alert.alert_id in shown and alert.alert_id in message.unsaid]
    news = _news(kind, message, said)
    for alert in said:
        if kind is Kind.DIGEST:
            yield alert, Fate.DIGESTED, _why_digest(message, alert)
        elif news is not None and alert is news[0]:
            yield alert, Fate.DELIVERED, news[1]
        else:
            yield alert, Fate.MERGED, FateReason.JOINED


def _news(kind: Kind, message: Message, said: list[PublishedAlert]) -> tuple[PublishedAlert, FateReason] | None:
    """Return the one alert that the notification is for, and why it is one; None: nobody is notified."""
    if said and kind in _FIRST:
        return said[0], _FIRST[kind]
    if kind is not Kind.RAISE or message.told is None:
        return None
    churn = [alert for alert in said if alert.intent is Intent.CHURN and not waits(alert)]
    if message.took_over and churn:
        return min(churn, key=lambda alert: RANK[alert.severity]), FateReason.TOOK_OVER
    raising = [alert for alert in said if not waits(alert) and RANK[alert.severity] < RANK[message.told]]
    return (min(raising, key=lambda alert: RANK[alert.severity]), FateReason.RAISED) if raising else None


def _why_digest(message: Message, alert: PublishedAlert) -> FateReason:
    if message.routing.digest:
        return FateReason.ROUTE_DIGEST
    if alert.severity is Severity.LOW:
        return FateReason.LOW
    if alert.digest:
        return FateReason.RULE
    return FateReason.CONTACTED if waits(alert) else FateReason.BUDGET


def arrived(
    kind: Kind,
    message: Message,
    said: Message,
    shown: frozenset[str],
    place: Place | None,
    rules: NotifyRules,
    now: Micros,
) -> Message:
    """Return the message after a parcel arrived that told it as it was `said`; it may have changed meanwhile."""
    told = shown.union(said.rising if kind in _SAYS_RISING else ())
    severities = [alert.severity for alert in said.alerts if alert.alert_id in told and not waits(alert)]
    after = replace(
        message,
        unsaid=tuple(each for each in message.unsaid if each not in shown),
        rising=tuple(each for each in message.rising if each not in told),
        stage=Stage.OPEN,
        send_at=None,
        quiet_from=None,
        replies=_replied(kind, message, shown, place),
    )
    match kind:
        case Kind.DIGEST:
            after = rising(replace(after, place=_shared(place), overflow=False), said, told)
        case Kind.ALERT | Kind.BUNDLE:
            stands = _shared(place) if kind is Kind.BUNDLE else place or _of_task(message)
            after = rising(_told(replace(after, place=stands, todo=()), severities, rules, now), said, told)
            after = followed_up(edited(after) if after.ends else after, now)
        case Kind.RAISE | Kind.ADD | Kind.UPDATE:
            todo = tuple(each for each in message.todo if each not in _SAYS[kind])
            after = replace(after, todo=todo, place=message.place or place)
            if kind is Kind.RAISE:
                after = _told(replace(after, took_over=False), severities, rules, now)
            after = rising(after, said, told)
            # What joined while the parcel was on its way was not in it, though its kind is what was just said.
            if kind is not Kind.UPDATE or not todo:
                after = followed_up(after, now)
        case Kind.REMIND:
            after = replace(after, remind_at=None)
        case Kind.ESCALATE:
            after = replace(after, escalate_at=None, remind_at=None)
    if manner_of(message.routing.target.sink) is Manner.EACH:
        return finished(after)
    if (message.raised, message.looks) != (said.raised, said.looks):
        after = edited(after)
    return ending(after, said=kind is Kind.UPDATE) if after.over else after


def refused(kind: Kind, message: Message, why: str) -> Message:
    """Return the message after its sink refused a parcel about it for good."""
    is_task = manner_of(message.routing.target.sink) is Manner.TASK
    match kind:
        case _ if not message.alerts:
            return finished(message)
        case Kind.REMIND:
            return replace(message, remind_at=None)
        case Kind.ESCALATE:
            return replace(message, escalate_at=None)
        case Kind.UPDATE if not is_task and message.place is not None:
            # What cannot be edited now will not be later; what it was to show is said in the thread instead.
            todo = tuple(each for each in message.todo if each is not Todo.UPDATE)
            told = replace(message, place=replace(message.place, shared=True), todo=todo)
            if told.over:
                return finished(told)
            return replace(told, todo=(*todo, Todo.ADD)) if told.unsaid and not todo else told
        case Kind.RAISE | Kind.ADD if message.place is not None:
            return replace(message, place=None)  # its thread may be gone: a message of its own
        case _:
            return replace(message, stage=Stage.PARKED, refused=why)


def ending(message: Message, *, said: bool) -> Message:
    """Return a message that is solved, overtaken or all over: done, once its own text, if it has one, says so."""
    open_text = message.stage is Stage.OPEN and message.told is not None and message.editable
    if said or not open_text:
        return finished(message)
    return edited(replace(message, todo=(), remind_at=None, escalate_at=None))


def finished(message: Message) -> Message:
    """Return the message with nothing more to say; its ids stay, so that repeats are known."""
    return replace(
        message,
        stage=Stage.DONE,
        alerts=(),
        ends=(),
        unsaid=(),
        raised=(),
        rising=(),
        looks=(),
        todo=(),
        send_at=None,
        remind_at=None,
        escalate_at=None,
        again=(),
        replies=(),
    )


def _replied(kind: Kind, message: Message, shown: frozenset[str], place: Place | None) -> tuple[Reply, ...]:
    """Return the replies in its thread with this one, which names who is new there, else everybody."""
    before = message.place
    if before is None or kind not in _REPLIES | _NEW:
        return message.replies
    everybody = tuple(alert.alert_id for alert in message.alerts)
    new = tuple(each for each in everybody if each in shown)
    if kind in _NEW:  # it stands elsewhere now, though what was said before still stands there too
        reply = Reply(place=before, alert_ids=tuple(each for each in everybody if each not in shown))
    elif place is None:
        return message.replies
    else:
        short = kind is Kind.ADD and not before.shared
        reply = Reply(place=place, alert_ids=new if new and short else everybody)
    return (*message.replies, reply)[-MAX_REPLIES:]


def nobodys(message: Message, place: Place | None = None) -> Message:
    """Return a message that has nobody left to speak of: it is done, but for its text where one stands."""
    places = (each for each in (*message.wipe, message.place, place) if each is not None)
    return finished(replace(message, wipe=tuple(dict.fromkeys(places))))


def overwritten(message: Message, way: OnWay) -> Message:
    """Return the message after one of its texts was overwritten, but for others who were erased meanwhile."""
    left = message if message.alerts or message.stage is Stage.DONE else nobodys(message)
    left = _listed(left, way.place)
    return left if way.recalled else replace(left, wipe=tuple(each for each in left.wipe if each != way.place))


def _listed(message: Message, place: Place | None) -> Message:
    """Return the message that knows of the list, made anew, in which it stands with all that it shows now."""
    if place is None or not place.shared or not message.alerts or place == message.place:
        return message
    others = tuple(reply for reply in message.replies if reply.place != place)
    reply = Reply(place=place, alert_ids=tuple(alert.alert_id for alert in message.alerts))
    return replace(message, replies=(*others, reply)[-MAX_REPLIES:])


def recalled(kind: Kind, message: Message, place: Place | None) -> Message:
    """Return the message after a parcel arrived that shows somebody who was erased while it was on its way."""
    stands = _shared(place) if kind in _SHARED else place
    if not message.alerts:
        return nobodys(message, stands if message.place or stands else _of_task(message))
    if kind in (Kind.ALERT, Kind.UPDATE):
        return edited(message)
    return replace(message, wipe=(*message.wipe, stands)) if stands is not None else message


def _told(message: Message, severities: list[Severity], rules: NotifyRules, now: Micros) -> Message:
    """Return the message told, and with its reminders if it is high now and nobody is on it."""
    before = message.told
    told = min([*severities, *([before] if before else [])], key=RANK.__getitem__, default=Severity.MEDIUM)
    after = replace(message, told=told, told_at=now)
    conversation = manner_of(message.routing.target.sink) is Manner.CONVERSATION
    untouched = not message.deeds and message.contacted_at is None and not message.escalated_from
    minutes = rules.response.get(told, 0)
    if not (minutes and conversation and untouched) or (before and rules.response.get(before, 0)):
        return after
    hours = rules.hours_of(message.routing)
    return replace(after, remind_at=hours.after(now, minutes // 2), escalate_at=hours.after(now, minutes))


def _shared(place: Place | None) -> Place | None:
    return replace(place, shared=True) if place is not None else None


def _of_task(message: Message) -> Place | None:
    """Return a place for a task whose sink names none: it is found by the case's id."""
    return Place() if manner_of(message.routing.target.sink) is Manner.TASK else None
