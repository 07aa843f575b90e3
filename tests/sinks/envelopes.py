"""Envelopes to deliver: a rendered alert in a parcel."""

from functools import cache

from msgspec.structs import replace

from stream_app.core.alerts import Intent, Severity
from stream_app.core.language import Language
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Target
from stream_app.playbooks import load_playbooks
from stream_app.render import render
from stream_app.render.letters import Many, Note, Whole
from stream_app.sinks.base import Envelope
from tests.render.samples import LINKS, MORNING, SENDERS, TOKYO, alert_of

CASE = "0123456789abcdef0123456789abcdef"
NOTE = Note(language=Language.JA, case_id=CASE, lines=("お知らせ",))
MANY = Many(language=Language.JA, heading="本日のまとめ")


def user(address, sink=Sink.SALESFORCE):
    """Return the target of a person."""
    return Target(sink=sink, kind=AddressKind.USER, address=address)


def queue(address, sink=Sink.SALESFORCE):
    """Return the target of a queue."""
    return Target(sink=sink, kind=AddressKind.QUEUE, address=address)


def message(severity=Severity.HIGH, **changed):
    """Return a message, changed as given."""
    return replace(_rendered(), severity=severity, **changed)


@cache
def _rendered():
    return render(
        alert_of(Intent.CHURN),
        language=Language.JA,
        zone=TOKYO,
        now=MORNING,
        playbooks=load_playbooks(),
        sender=SENDERS[Language.JA],
        link_templates=LINKS,
    )


def whole(case_id=CASE, notes=(), also=(), **changed):
    """Return the letter of a case."""
    return Whole(
        language=Language.JA, case_id=case_id, message=message(**changed), notes=notes, also_title="他の方", also=also
    )


def envelope(letter=None, *, kind=Kind.ALERT, target=None, place=None):
    """Return an envelope with a letter, by default that of a new case for nobody in particular."""
    parcel = Parcel(id=CASE, kind=kind, target=target or Target(sink=Sink.SALESFORCE), messages=(), place=place)
    return Envelope(parcel=parcel, letter=letter or whole())
