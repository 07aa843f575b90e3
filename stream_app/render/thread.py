"""What is said in a thread: short, and sound where it stands alone."""

from collections.abc import Iterator

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import HOUR, MINUTE, Micros
from stream_app.core.notify.message import Message
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.playbooks.placeholders import fill
from stream_app.render.buttons import ANSWERS, buttons
from stream_app.render.case import by_person, holding, lead, newly_told, taken_from
from stream_app.render.endings import read_anew
from stream_app.render.letters import Note
from stream_app.render.message import Message as Told
from stream_app.render.notes import contact_line, counted, repeated, standing
from stream_app.render.pen import Pen
from stream_app.render.persons import person_lines
from stream_app.render.shown import MAX_ADDRESS, shown
from stream_app.render.together import everybody, together

LOUD = frozenset({Kind.RAISE, Kind.REMIND, Kind.ESCALATE})


def note(parcel: Parcel, pen: Pen) -> Note:
    """Return the reply that a parcel of one case is."""
    (message,) = parcel.messages
    leading = lead(holding(message))
    told = pen.message(leading)
    heading = () if parcel.kind is Kind.ADD and _is_threaded(parcel) else (told.heading,)
    lines = (*heading, *repeated(parcel, pen), *_said(parcel, message, leading, told, pen))
    loud = parcel.kind in LOUD
    return Note(
        language=pen.reader.language,
        case_id=message.case_id,
        lines=tuple(filter(None, lines)),
        loud=loud,
        buttons=buttons(ANSWERS, message, told, pen) if loud else (),
        mentions=mentions(message) if loud else (),
    )


def erased(parcel: Parcel, pen: Pen) -> Note:
    """Return what stands from now on in place of what was said of somebody who was erased."""
    message = parcel.messages[0]
    return Note(language=pen.reader.language, case_id=message.case_id, lines=(pen.words.thread.erased,))


def mentions(message: Message) -> tuple[str, ...]:
    """Return whom to mention; an owner who is in no settings is an address of a profile, so it is cleaned."""
    return tuple(shown(name, MAX_ADDRESS) for name in message.routing.mentions)


def _said(parcel: Parcel, message: Message, leading: PublishedAlert, told: Told, pen: Pen) -> Iterator[str]:
    contact = contact_line(message, leading, pen)
    match parcel.kind:
        case Kind.RAISE:
            yield _raised(parcel, message, told, pen)
            yield from together(message, pen)
            people = person_lines(everybody(message, newly_told(parcel)), pen)
            yield from (*read_anew(message, leading, pen), *people, told.headline, contact)
        case Kind.REMIND:
            yield from (*_reminder(message, leading, pen), *_seen(message, pen), contact)
        case Kind.ESCALATE:
            yield from (pen.words.thread.overdue, *_seen(message, pen), contact)
        case Kind.ADD:
            yield pen.words.thread.more_seen
            yield from (*read_anew(message, leading, pen), *_new(parcel, pen), *counted(message, pen))
        case _:
            yield from standing(message, pen)


def _is_threaded(parcel: Parcel) -> bool:
    """Tell whether it stands under the message of its case, where nobody asks whom it is about."""
    return parcel.place is not None and not parcel.place.shared


def _new(parcel: Parcel, pen: Pen) -> tuple[str, ...]:
    return person_lines(by_person(newly_told(parcel)), pen)


def _seen(message: Message, pen: Pen) -> tuple[str, ...]:
    return person_lines(everybody(message, holding(message)), pen)


def _raised(parcel: Parcel, message: Message, told: Told, pen: Pen) -> str:
    words = pen.words
    if not parcel.alert_ids or (before := taken_from(message, newly_told(parcel))) is None:
        return fill(words.thread.raised, {"urgency": words.urgency[told.severity]})
    after = fill(words.polarity[told.polarity], {"intent": words.intent[told.intent]})
    return fill(words.thread.took_over, {"before": words.intent[before], "after": after})


def _reminder(message: Message, leading: PublishedAlert, pen: Pen) -> Iterator[str]:
    words = pen.words.thread
    if message.snoozed_until is not None:
        yield words.snooze_over
    else:
        yield fill(words.waiting, {"span": _span(_waited(message, leading, pen), pen)})
    if message.escalate_at is not None and message.escalate_at > pen.now:
        yield fill(words.due, {"time": pen.time(message.escalate_at)})


def _waited(message: Message, leading: PublishedAlert, pen: Pen) -> Micros:
    """Return the business time since the case was as severe as it is: what came before waits for nobody."""
    since = min(one.occurred_at for one in message.alerts if one.severity is leading.severity)
    return pen.reader.hours.minutes_between(max(message.first_at, since), pen.now) * MINUTE


def _span(waited: Micros, pen: Pen) -> str:
    words, hours, minutes = pen.words.thread, waited // HOUR, waited % HOUR // MINUTE
    template = words.minutes if not hours else words.hours_minutes if minutes else words.hours
    return fill(template, {"hours": str(hours), "minutes": str(minutes)})
