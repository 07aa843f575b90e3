"""What an order makes of a message: values in, a value out."""

from collections.abc import Collection

from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Severity, account_key
from stream_app.core.events import Micros
from stream_app.core.notify.ends import End
from stream_app.core.notify.manner import Manner, manner_of
from stream_app.core.notify.message import (
    MAX_AGAIN,
    MAX_EVIDENCE,
    MAX_IDS,
    RANK,
    Deed,
    Message,
    Place,
    Stage,
    Todo,
)
from stream_app.core.notify.orders import Action, Again, Told
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.notify.together import Together, above, merged
from stream_app.core.routes import waits
from stream_app.core.routing import told_at


def begun(order: Told, now: Micros, before: Message | None = None) -> Message:
    """Return a new message; of one that is over the ids that it knew are kept, and the count that its parcels' have."""
    alert = _as_severe(order)
    known = before.ids if before is not None else ()
    return Message(
        case_id=order.case_id,
        routing=order.routing,
        account=account_key(alert),
        stage=Stage.HELD,
        first_at=now,
        last_at=now,
        alerts=(alert,),
        ids=(*known, alert.alert_id)[-MAX_IDS:],
        unsaid=(alert.alert_id,),
        raised=order.together.alert_ids,
        looks=order.together.looks,
        said=before.said if before is not None else 0,
        deeds=before.deeds if before is not None and _goes_on(before) else (),
        wipe=_still_shown(before) if before is not None else (),
    )


def _still_shown(message: Message) -> tuple[Place, ...]:
    """Return where somebody stands still who was erased: an edit that was to come does not come any more."""
    if message.place is None or not message.erased or Todo.UPDATE not in message.todo:
        return message.wipe
    return (*message.wipe, message.place)


def _goes_on(message: Message) -> bool:
    """Tell whether a message that begins anew is still the same matter: it was not solved or done before."""
    return message.stage is not Stage.DONE and message.solved_at is None and not message.overtaken


def joined(message: Message, order: Told, now: Micros) -> Message:
    """Return the message with one alert more, and what is to be said of it if the message was told."""
    alert = _as_severe(order)
    with_it = replace(
        message,
        alerts=(*message.alerts, alert),
        ids=(*message.ids, alert.alert_id)[-MAX_IDS:],
        unsaid=(*message.unsaid, alert.alert_id),
        raised=(*message.raised, *order.together.alert_ids)[-MAX_IDS:],
        looks=merged(message.looks, order.together.looks),
        last_at=now,
    )
    if message.stage is not Stage.OPEN or message.told is None:
        return with_it
    return follow_up(with_it, alert, order.takes_over, now)


def raised(message: Message, together: Together, now: Micros) -> Message:
    """Return the message with alerts one step more severe, each once, and with all whose looks made them so."""
    here = {alert.alert_id for alert in message.alerts}
    fresh = tuple(each for each in together.alert_ids if each in here and each not in message.raised)
    alerts = tuple(_above(alert) if alert.alert_id in fresh else alert for alert in message.alerts)
    after = replace(
        message, alerts=alerts, raised=(*message.raised, *fresh)[-MAX_IDS:], looks=merged(message.looks, together.looks)
    )
    if after == message:
        return message
    after = rising(after, message, fresh)
    return edited(followed_up(after, now) if after.told is not None and after.stage is Stage.OPEN else after)


def rising(message: Message, said: Message, alert_ids: Collection[str]) -> Message:
    """Return the message with those of these alerts to be said again that are more severe than when they were `said`.

    What is calm stays so, and what an edit can show needs no more.
    """
    if message.escalated_from or manner_of(message.routing.target.sink) is not Manner.CONVERSATION:
        return message
    before = {alert.alert_id: alert.severity for alert in said.alerts}
    louder = tuple(
        alert.alert_id
        for alert in message.live
        if alert.alert_id in alert_ids
        and alert.alert_id not in message.news
        and alert.severity is not before.get(alert.alert_id)
        and not waits(alert)
        and (message.told is None or RANK[alert.severity] < RANK[message.told])
    )
    return replace(message, rising=(*message.rising, *louder))


def not_rising(message: Message, alert_id: str) -> Message:
    """Return the message without that an alert is to be said again; itself where it is not."""
    if alert_id not in message.rising:
        return message
    return replace(message, rising=tuple(each for each in message.rising if each != alert_id))


def follow_up(message: Message, alert: PublishedAlert, takes_over: bool, now: Micros) -> Message:
    """Return the message with how an alert that joined it is to be said."""
    if manner_of(message.routing.target.sink) is Manner.TASK:
        return edited(message)
    assert message.told is not None
    todo = set(message.todo)
    pressing = not waits(alert)
    takes_over = takes_over and pressing
    if takes_over or (pressing and RANK[alert.severity] < RANK[message.told]):
        todo.add(Todo.RAISE)
    elif pressing and alert.severity is not Severity.LOW and not _quietly(message, now):
        todo.add(Todo.ADD)
    elif not message.editable:
        todo.add(Todo.ADD)  # there is no other way to show it
    told = replace(message, todo=_ordered(todo), took_over=message.took_over or takes_over)
    return edited(told)


def followed_up(message: Message, now: Micros) -> Message:
    """Return the message with how all that is not said yet is to be said; without what takes over, nothing does."""
    took_over, message = message.took_over, replace(message, took_over=False)
    for alert in message.alerts:
        if alert.alert_id in message.unsaid:
            message = follow_up(message, alert, took_over and alert.intent is Intent.CHURN, now)
    if message.rising and Todo.RAISE not in message.todo:
        return edited(replace(message, todo=_ordered({*message.todo, Todo.RAISE})))
    return message


def reconsidered(message: Message, now: Micros) -> Message:
    """Return a told message with what is left to be said of it, after something need not be said any more."""
    kept = tuple(each for each in message.todo if each is Todo.UPDATE)
    return followed_up(replace(message, todo=kept), now)


def struck(message: Message, end: End, rules: NotifyRules) -> Message:
    """Return the message with an alert that it shows struck out; what held no reminder any more has none."""
    if end.alert_id not in {alert.alert_id for alert in message.live}:
        return message
    return edited(unhurried(not_rising(replace(message, ends=(*message.ends, end)), end.alert_id), rules))


def unhurried(message: Message, rules: NotifyRules) -> Message:
    """Return the message without reminders that nothing it shows has any more, but for those of a snooze."""
    if any(rules.response.get(alert.severity) and not waits(alert) for alert in message.live):
        return message
    snoozed = message.snoozed_until is not None
    return replace(message, escalate_at=None, remind_at=message.remind_at if snoozed else None)


def counted(message: Message, again: Again, now: Micros) -> Message:
    """Return the message with what detect held back; nothing but its text tells of it."""
    if again.match_id in message.match_ids:
        return message
    one_more = replace(
        message,
        again=(*message.again, again.occurred_at)[-MAX_AGAIN:],
        match_ids=(*message.match_ids, again.match_id)[-MAX_AGAIN:],
        last_at=now,
    )
    return edited(one_more)


def edited(message: Message) -> Message:
    """Return the message with its text to be brought up to date, where it has one of its own."""
    if message.stage is not Stage.OPEN or not message.editable or Todo.UPDATE in message.todo:
        return message
    return replace(message, todo=(*message.todo, Todo.UPDATE))


def acted_on(message: Message, deed: Deed, rules: NotifyRules, now: Micros) -> Message:
    """Return the message after somebody did something with it: nobody is reminded of it, but after a snooze."""
    if deed in message.deeds:
        return message
    owned = message.owned_by
    done = replace(message, deeds=(*message.deeds, deed)[-MAX_AGAIN:], remind_at=None, escalate_at=None)
    if deed.action is Action.SNOOZE:
        routing = replace(message.routing, digest=True)
        until = told_at(routing, Severity.LOW, max(now, deed.at), rules.hours_of(routing))
        return edited(_hushed(replace(done, snoozed_until=until, remind_at=until if message.told else None)))
    if deed.action is not Action.ACKNOWLEDGE or owned:
        return done
    if message.place is not None and message.place.shared:
        return replace(done, todo=_ordered({*done.todo, Todo.ADD}))
    return edited(_hushed(done))


def contacted(message: Message, customer_id: str, at: Micros) -> Message:
    """Return the message after somebody was in contact with one of its customers; before it was told that is chance."""
    about = any(alert.customer_id == customer_id for alert in message.alerts)
    if not about or message.told_at is None or at < message.told_at or at <= (message.contacted_at or 0):
        return message
    return edited(_hushed(replace(message, contacted_at=at, remind_at=None, escalate_at=None)))


def _hushed(message: Message) -> Message:
    """Return the message with what waits to join its thread shown by its text alone, now that somebody is on it."""
    if Todo.ADD not in message.todo or not message.editable:
        return message
    return replace(message, todo=tuple(each for each in message.todo if each is not Todo.ADD))


def _quietly(message: Message, now: Micros) -> bool:
    """Tell whether somebody is on it already."""
    return bool(message.owned_by) or message.contacted_at is not None or now < (message.snoozed_until or 0)


def _ordered(todo: set[Todo]) -> tuple[Todo, ...]:
    return tuple(each for each in Todo if each in todo and not (each is Todo.ADD and Todo.RAISE in todo))


def _as_severe(order: Told) -> PublishedAlert:
    """Return the alert within bounds, as severe as it is for others of the account."""
    alert = replace(order.alert, evidence=order.alert.evidence[-MAX_EVIDENCE:])
    return _above(alert) if alert.alert_id in order.together.alert_ids else alert


def _above(alert: PublishedAlert) -> PublishedAlert:
    return replace(alert, severity=above(alert.severity))
