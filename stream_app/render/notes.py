"""What stands under a heading, a line each: a possible repeat, how the case stands, and why this reader is told."""

from collections.abc import Iterator

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import Micros
from stream_app.core.notify.message import Message
from stream_app.core.notify.parcels import Parcel
from stream_app.core.routing import Routing, Why
from stream_app.playbooks.placeholders import fill
from stream_app.render.case import is_over, is_owned, owner_of, times_today
from stream_app.render.contacting import when_to_contact
from stream_app.render.endings import ended, read_anew
from stream_app.render.pen import Pen
from stream_app.render.shown import MAX_ADDRESS, shown
from stream_app.render.together import together


def all_notes(parcel: Parcel, message: Message, leading: PublishedAlert, pen: Pen) -> tuple[str, ...]:
    """Return everything to be said of a case beside what was seen, what changes the reader's act first."""
    lines = (
        *repeated(parcel, pen),
        *standing(message, pen),
        *read_anew(message, leading, pen),
        *told_because(message, leading, pen),
        *together(message, pen),
        *counted(message, pen),
        contact_line(message, leading, pen),
    )
    return tuple(filter(None, lines))


def repeated(parcel: Parcel, pen: Pen) -> tuple[str, ...]:
    """Return that this may have been said before, if so."""
    return (pen.words.note.repeat,) if parcel.repeat else ()


def standing(message: Message, pen: Pen) -> Iterator[str]:
    """Yield what is over, who escalated it, who has it, when the customer was contacted, and how long it is quiet."""
    words = pen.words.note
    yield from ended(message, pen)
    if message.escalated_from:
        yield fill(words.escalated, {"name": shown(message.escalated_from, MAX_ADDRESS)})
    if is_owned(message):
        yield fill(words.owned, {"name": pen.person(owner_of(message))})
    if (contacted_at := _contacted_at(message)) is not None:
        yield fill(words.contacted, {"time": pen.time(contacted_at)})
    if message.snoozed_until is not None and message.snoozed_until > pen.now:
        yield fill(words.snoozed, {"time": pen.time(message.snoozed_until)})
    if message.erased:
        yield words.erased


def told_because(message: Message, leading: PublishedAlert, pen: Pen) -> Iterator[str]:
    """Yield why it is this reader who is told, where somebody else might have been."""
    routing, words = message.routing, pen.words.note
    if routing.absent:
        names = pen.words.between_times.join(map(pen.person, routing.absent))
        yield fill(_absence(routing, pen), {"names": names})
    if Why.NO_OWNER in routing.why and leading.customer_id:
        yield words.no_owner
    if Why.UNKNOWN_OWNER in routing.why and leading.customer:
        yield fill(words.unknown_owner, {"names": pen.person(leading.customer.owner)})
    if routing.why == (Why.FALLBACK,) and not message.escalated_from:
        yield words.fallback


def counted(message: Message, pen: Pen) -> tuple[str, ...]:
    """Return how often something was seen today, from the second time on."""
    count = times_today(message, pen.now, pen.reader.zone)
    return (fill(pen.words.note.times_today, {"count": str(count)}),) if count > 1 else ()


def contact_line(message: Message, leading: PublishedAlert, pen: Pen) -> str:
    """Return when to contact the customer; nothing after somebody did, or where there is none to contact."""
    if message.contacted_at is not None or is_over(message) or not leading.customer_id:
        return ""
    return when_to_contact(leading, pen)


def _contacted_at(message: Message) -> Micros | None:
    """Return when the customer was contacted, since it was told or shortly before."""
    before = [one.standing.contacted_at for one in message.alerts if one.standing is not None]
    return max((at for at in (message.contacted_at, *before) if at is not None), default=None)


def _absence(routing: Routing, pen: Pen) -> str:
    words = pen.words.note
    alone = not {Why.NO_DEPUTY, Why.DEPUTY_CYCLE}.isdisjoint(routing.why)
    if Why.OWNER_AWAY in routing.why:
        return words.owner_alone if alone else words.owner_away
    return words.user_alone if alone else words.user_away
