"""A parcel in the reader's language: the whole message, a note in its thread, or a list of many."""

from msgspec.structs import replace

from stream_app.core.contact import ContactHours
from stream_app.core.events import Micros
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.people import People
from stream_app.core.routing import CRMS
from stream_app.playbooks import Playbooks
from stream_app.playbooks.placeholders import fill
from stream_app.render.buttons import ALL, buttons
from stream_app.render.case import holding, is_over, whole
from stream_app.render.letters import Letter, Whole
from stream_app.render.links import LinkTemplates
from stream_app.render.lists import many
from stream_app.render.notes import all_notes
from stream_app.render.pen import Pen, Reader
from stream_app.render.persons import person_lines
from stream_app.render.thread import erased, mentions, note
from stream_app.render.together import everybody, with_looks


def letter(
    parcel: Parcel,
    reader: Reader,
    *,
    now: Micros,
    playbooks: Playbooks,
    people: People,
    contact: ContactHours,
    link_templates: LinkTemplates = LinkTemplates(),  # noqa: B008  (a frozen value)
) -> Letter:
    """Return what a parcel says. A task in a CRM is always told whole, for it has no thread."""
    pen = Pen(
        reader=reader, now=now, playbooks=playbooks, people=people, contact=contact, link_templates=link_templates
    )
    match parcel.kind:
        case Kind.ERASE if not (parcel.place and parcel.place.shared and parcel.messages[0].alerts):
            return erased(parcel, pen)
        case Kind.BUNDLE | Kind.DIGEST | Kind.ERASE:
            return many(parcel, pen)
        case Kind.ALERT:
            return _whole(parcel, pen)
        case Kind.UPDATE if not (parcel.place and parcel.place.shared):
            return _whole(parcel, pen)
        case _:
            return _whole(parcel, pen) if parcel.target.sink in CRMS else note(parcel, pen)


def _whole(parcel: Parcel, pen: Pen) -> Whole:
    (message,) = parcel.messages
    alert = with_looks(whole(holding(message)), message)
    told = pen.message(alert, message.routing.person)
    if is_over(message):
        told = replace(told, heading=fill(pen.words.note.over_heading, {"heading": told.heading}))
    others = [one for one in everybody(message, holding(message)) if one.customer_id != alert.customer_id]
    return Whole(
        language=pen.reader.language,
        case_id=message.case_id,
        message=told,
        notes=all_notes(parcel, message, alert, pen),
        also_title=pen.words.list.also if others else "",
        also=person_lines(others, pen),
        buttons=buttons(ALL, message, told, pen),
        mentions=mentions(message),
    )
