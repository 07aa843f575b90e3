"""What a sink does with a parcel: say something new, reply where it already said something, or edit that."""

from enum import StrEnum

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.render.letters import Note
from stream_app.sinks.base import Envelope


class Act(StrEnum):
    """What happens at the place."""

    NEW = "new"
    REPLY = "reply"
    EDIT = "edit"


def act_of(parcel: Parcel) -> Act:
    """Return what the sink has to do; a reply that has nowhere to go is a message of its own."""
    if parcel.place is None:
        return Act.NEW
    return Act.EDIT if parcel.kind in (Kind.UPDATE, Kind.ERASE) else Act.REPLY


def is_loud(envelope: Envelope) -> bool:
    """Tell whether somebody is to be notified."""
    act = act_of(envelope.parcel)
    return act is Act.NEW or (isinstance(envelope.letter, Note) and envelope.letter.loud)


def new_place(parcel: Parcel) -> Place | None:
    """Return where a new message stands in a sink that keeps none itself: under the parcel's own id."""
    if act_of(parcel) is not Act.NEW:
        return None
    shared = parcel.kind in (Kind.BUNDLE, Kind.DIGEST)
    return Place(channel=parcel.target.address, id=parcel.id, shared=shared)
