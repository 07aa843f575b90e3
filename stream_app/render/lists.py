"""Many cases in one message: a bundle or a digest."""

from collections import Counter

from stream_app.core.notify.message import Message
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.playbooks.placeholders import fill
from stream_app.render.buttons import IN_LIST, buttons
from stream_app.render.case import holding, lead, whole
from stream_app.render.letters import Entry, Many
from stream_app.render.notes import repeated, standing, told_because
from stream_app.render.pen import Pen
from stream_app.render.persons import seen_texts
from stream_app.render.thread import mentions
from stream_app.render.together import together

TOP = 5
REST = 100


def many(parcel: Parcel, pen: Pen) -> Many:
    """Return the first cases with a few lines each, the next in a line each, and how many there are beside them."""
    cases, words = parcel.messages, pen.words.list
    rest, left = cases[TOP : TOP + REST], len(cases) - TOP - REST
    heading = words.digest if parcel.kind is Kind.DIGEST else words.bundle
    return Many(
        language=pen.reader.language,
        heading=fill(heading, {"count": str(len(cases))}),
        notes=(*repeated(parcel, pen), *_taken_out(parcel, pen), _by_intent(cases, pen)),
        top=tuple(_entry(one, pen) for one in cases[:TOP]),
        rest_title=words.rest if rest else "",
        rest=tuple(_line(one, pen) for one in rest),
        more=fill(words.more, {"count": str(left)}) if left > 0 else "",
        mentions=tuple(dict.fromkeys(name for one in cases for name in mentions(one))),
    )


def _taken_out(parcel: Parcel, pen: Pen) -> tuple[str, ...]:
    return (pen.words.note.erased,) if parcel.kind is Kind.ERASE else ()


def _by_intent(cases: tuple[Message, ...], pen: Pen) -> str:
    """Return how many there are of each intent, the most first."""
    counts = Counter(lead(holding(one)).intent for one in cases).most_common()
    template, words = pen.words.list.by_intent, pen.words.intent
    return pen.words.between_times.join(
        fill(template, {"intent": words[intent], "count": str(count)}) for intent, count in counts
    )


def _entry(message: Message, pen: Pen) -> Entry:
    alert = whole(holding(message))
    told = pen.message(alert)
    ask = fill(pen.words.list.ask, {"ask": told.options[0].ask})
    notes = (*standing(message, pen), *told_because(message, alert, pen), *together(message, pen))
    return Entry(
        case_id=message.case_id,
        severity=alert.severity,
        heading=told.heading,
        lines=tuple(filter(None, (*notes, told.happened, *seen_texts(alert, pen)[:1], *told.readings[:1], ask))),
        buttons=buttons(IN_LIST, message, told, pen),
    )


def _line(message: Message, pen: Pen) -> Entry:
    """Return a case in its heading; why it comes to this reader stands in the same line."""
    alert = lead(holding(message))
    told = pen.message(alert)
    because = pen.words.between_pages.join((*standing(message, pen), *told_because(message, alert, pen)))
    with_note = fill(pen.words.list.rest_line, {"heading": told.heading, "note": because})
    return Entry(case_id=message.case_id, severity=alert.severity, heading=with_note if because else told.heading)
