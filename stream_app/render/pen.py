"""All that a text is written with: who reads, when, in which words; and how people and moments are put."""

from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.core.calendar import Calendar
from stream_app.core.contact import ContactHours
from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.core.people import People, person_key
from stream_app.playbooks import Playbooks
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue, catalogue
from stream_app.render.compose import render
from stream_app.render.links import LinkTemplates
from stream_app.render.message import Message
from stream_app.render.shown import MAX_ADDRESS, shown
from stream_app.render.when import told_times
from stream_app.render.who import AnyAlert, Sender


class Reader(Struct, frozen=True, kw_only=True):
    """Who reads; `name` and `email` are empty for a channel. Times are those of the reader's hours."""

    language: Language
    hours: Calendar
    name: str = ""
    email: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Where the reader's clock hangs."""
        return ZoneInfo(self.hours.hours.timezone)


class Pen(Struct, frozen=True, kw_only=True):
    """What does not change while a letter is written."""

    reader: Reader
    now: Micros
    playbooks: Playbooks
    people: People
    contact: ContactHours
    link_templates: LinkTemplates

    @property
    def words(self) -> Catalogue:
        """The reader's words."""
        return catalogue(self.reader.language)

    def time(self, at: Micros) -> str:
        """Return a moment as the reader says it."""
        return told_times((at,), self.reader.zone, self.now, self.words)

    def person(self, who: str) -> str:
        """Return somebody by name, else as they are given."""
        known = self.people.get(person_key(who))
        name = known.name if known and known.name else who
        return fill(self.words.note.person, {"name": shown(name, MAX_ADDRESS)})

    def message(self, alert: AnyAlert, person: str = "") -> Message:
        """Return the alert, told; the draft is signed by the reader, else by `person`, else by the owner."""
        return render(
            alert,
            language=self.reader.language,
            zone=self.reader.zone,
            now=self.now,
            playbooks=self.playbooks,
            sender=self._sender(alert, person),
            link_templates=self.link_templates,
        )

    def _sender(self, alert: AnyAlert, person: str) -> Sender:
        if self.reader.email:
            return Sender(name=self.reader.name, email=self.reader.email)
        email = person or (alert.customer.owner if alert.customer else "")
        known = self.people.get(person_key(email))
        return Sender(name=known.name if known else "", email=email)
