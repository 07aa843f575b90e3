"""Others of the account on the same errand: who they are, and what they looked at and when."""

from collections.abc import Iterable

from msgspec.structs import replace

from stream_app.core.alerts import Evidence, PublishedAlert, Snapshot
from stream_app.core.notify.message import Message
from stream_app.core.notify.together import Look
from stream_app.playbooks.placeholders import fill
from stream_app.render.case import by_person
from stream_app.render.pen import Pen
from stream_app.render.shown import MAX_ID, MAX_NAME, shown

NAMED = 12


def together(message: Message, pen: Pen) -> tuple[str, ...]:
    """Return who of the account was on such pages, who was there last first; nothing where it was one person alone."""
    people = {look.customer_id: look.name for look in message.company}
    if not people:
        return ()
    names = [_name(who, name, pen) for who, name in reversed(people.items())]
    left = len(names) - NAMED
    more = [fill(pen.words.list.more_people, {"count": str(left)})] if left > 0 else []
    named = pen.words.between_times.join([*names[:NAMED], *more])
    return (fill(pen.words.note.together, {"count": str(len(people)), "names": named}),)


def everybody(message: Message, alerts: Iterable[PublishedAlert]) -> list[PublishedAlert]:
    """Return for each person the leading alert with all that was seen of them, those without an alert last."""
    people = by_person(alerts)
    known = {one.customer_id for one in people}
    others = {look.customer_id: look for look in message.company if look.customer_id not in known}
    return [with_looks(one, message) for one in (*people, *(_of(look, people[0]) for look in others.values()))]


def with_looks(alert: PublishedAlert, message: Message) -> PublishedAlert:
    """Return an alert with what its customer looked at besides."""
    known = {one.event_id for one in alert.evidence}
    own = (look for look in message.company if look.customer_id == alert.customer_id and look.event_id not in known)
    more = (Evidence(event_id=one.event_id, occurred_at=one.occurred_at, category=one.category) for one in own)
    return replace(alert, evidence=(*alert.evidence, *more))


def _of(look: Look, other: PublishedAlert) -> PublishedAlert:
    """Return somebody without an alert as if there were one, so that they are told as the others are."""
    return replace(other, customer_id=look.customer_id, customer=Snapshot(name=look.name), evidence=())


def _name(customer_id: str, name: str, pen: Pen) -> str:
    clean = shown(name, MAX_NAME)
    return fill(pen.words.polite_name, {"name": clean}) if clean else shown(customer_id, MAX_ID)
