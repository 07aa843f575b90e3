"""What a desk wants said now: one parcel at a time, with all that its text is made of; and what came of it."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from stream_app.core.events import Micros
from stream_app.core.notify.message import Message, Place
from stream_app.core.routing import Target


class Kind(StrEnum):
    """What a parcel says."""

    ALERT = "alert"  # a message of its own, for one case
    RAISE = "raise"  # in its thread, loud: more severe, or churn took over
    ADD = "add"  # in its thread: further evidence
    UPDATE = "update"  # the message edited in place
    REMIND = "remind"  # in its thread, loud
    ESCALATE = "escalate"  # in its thread, loud, where the second target is the same
    BUNDLE = "bundle"  # many alerts at once in one message
    DIGEST = "digest"  # the digest of a business day
    ERASE = "erase"  # what stands there of somebody who was erased is overwritten


class Parcel(Struct, frozen=True, kw_only=True):
    """One thing to be said at one target.

    `messages`: the cases it speaks of, in the order in which they are to be shown; only bundle and digest have several,
    and what overwrites one of these.
    `alert_ids`: those that this parcel is the first to show. `place`: where it replies to or edits; None: a new one.
    `repeat`: it may have been said before, which must be told where the sink has no key of its own. `id` is the same
    however often the parcel is tried: the case's id, of a bundle or digest one made from all of theirs.
    """

    id: str
    kind: Kind
    target: Target
    messages: tuple[Message, ...]
    alert_ids: tuple[str, ...] = ()
    place: Place | None = None
    repeat: bool = False


class Sent(Struct, frozen=True, kw_only=True):
    """The sink took it; `place` is where what is new stands, a reply too, None where sinks do not tell."""

    place: Place | None = None


class Failed(Struct, frozen=True, kw_only=True):
    """Not now: try again, not before `retry_at`. `unsure`: it may have arrived all the same."""

    why: str
    retry_at: Micros | None = None  # asked for by the sink
    unsure: bool = False


class Refused(Struct, frozen=True, kw_only=True):
    """Not ever, as it is."""

    why: str


Outcome: TypeAlias = Sent | Failed | Refused
