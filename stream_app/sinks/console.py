"""Messages for people at a terminal: for the demo, and for a first look."""

from collections.abc import Callable
from typing import Protocol
from zoneinfo import ZoneInfo

from stream_app.alert_lines import plain
from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.render.letters import Letter, Note, Whole
from stream_app.render.plain_letters import heading, plain_letter
from stream_app.sinks.acts import Act, act_of, new_place
from stream_app.sinks.base import Envelope
from stream_app.sinks.unlinked import unlinked

_IN_WORDS = {Act.NEW: "new", Act.REPLY: "in the thread", Act.EDIT: "edited"}
_KINDS = {Kind.REMIND: "reminder", Kind.ESCALATE: "escalation", Kind.BUNDLE: "many at once", Kind.DIGEST: "digest"}


class Out(Protocol):
    """Where it prints: a stream of text."""

    def write(self, text: str, /) -> object:
        """Print."""

    def flush(self) -> object:
        """Let it be seen."""


class Console:
    """Prints each letter under a line that says where it goes; times are of `zone`, errors of `out` the caller's.

    `brief`: its heading instead of the whole.
    """

    def __init__(self, out: Out, clock: Callable[[], Micros], zone: ZoneInfo, *, brief: bool = False) -> None:
        self._brief = brief
        self._out = out
        self._clock = clock
        self._zone = zone

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Print it, an edit in one line."""
        parcel, letter = envelope.parcel, envelope.letter
        head = plain(f"── {self._time()}  {_where(parcel)}  {_act(parcel)}")
        if self._brief:
            self._print(f"{head}: {plain(unlinked(heading(letter)))}\n")
        elif act_of(parcel) is Act.EDIT:
            self._print(f"{head}: {plain(unlinked(_summary(letter)))}\n\n")
        else:
            ours = _links(letter)
            lines = (line if line.endswith(ours) else unlinked(line) for line in plain_letter(letter).split("\n"))
            text = "\n".join(map(plain, lines))
            self._print(f"{head}\n{text}\n")
        return new_place(parcel)

    async def close(self) -> None:
        """Leave `out` to whose it is."""

    def _time(self) -> str:
        at = moment_of(self._clock()).astimezone(self._zone)
        return f"{at:%a %Y-%m-%d %H:%M} {at.tzname()}"

    def _print(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _where(parcel: Parcel) -> str:
    target = parcel.target
    return f"{target.sink} {target.address}".rstrip()


def _act(parcel: Parcel) -> str:
    return _KINDS.get(parcel.kind) or _IN_WORDS[act_of(parcel)]


def _links(letter: Letter) -> tuple[str, ...]:
    """Return how lines end that hold a link made of the settings' templates."""
    if not isinstance(letter, Whole):
        return ()
    urls = (*(link.url for link in letter.message.links), *(f"{one.url}]" for one in letter.buttons if one.url))
    return tuple(filter(None, urls))


def _summary(letter: Letter) -> str:
    notes = () if isinstance(letter, Note) else letter.notes
    return " · ".join((heading(letter), *notes))
