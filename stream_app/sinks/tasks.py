"""A case as the task that a CRM keeps of it: one for each case, always the whole current state."""

from collections.abc import Awaitable, Callable, Iterator

import regex
from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Severity
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.routing import Target
from stream_app.render import plain
from stream_app.render.letters import Note, Whole
from stream_app.sinks.base import Envelope, SinkRejected
from stream_app.sinks.unlinked import unlinked

MAX_SUBJECT = 255
MAX_ACCOUNT = 255

_OF_A_CASE = frozenset({Kind.ALERT, Kind.RAISE, Kind.ADD, Kind.UPDATE})
_UNSEEN = regex.compile(
    r"[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]--[\n\u200c\u200d]]", regex.VERSION1
)


class Task(Struct, frozen=True, kw_only=True):
    """What is written of a case. `place`: the record that it has already, None for one that is to be made."""

    case_id: str
    target: Target
    place: Place | None
    severity: Severity
    account_id: str
    subject: str
    text: str

    @property
    def is_new(self) -> bool:
        """Whether it is to be made: then it is also given an owner and a status, which are people's to change."""
        return self.place is None


def task_of(envelope: Envelope) -> Task:
    """Return the task of a parcel; SinkRejected where it makes none: reminders, bundles and digests."""
    parcel, letter = envelope.parcel, envelope.letter
    if parcel.kind is Kind.ERASE and isinstance(letter, Note):
        return _erased(parcel, letter)
    if parcel.kind not in _OF_A_CASE or not isinstance(letter, Whole):
        raise SinkRejected(f"a CRM takes the whole state of a case only, not what a {parcel.kind} says")
    return Task(
        case_id=letter.case_id,
        target=parcel.target,
        place=parcel.place,
        severity=letter.message.severity,
        account_id=cut(_clean(letter.message.ids.account_id), MAX_ACCOUNT),
        subject=cut(_clean(letter.message.heading).replace("\n", " "), MAX_SUBJECT),
        text="\n".join(_lines(letter)),
    )


def _erased(parcel: Parcel, letter: Note) -> Task:
    """Return the task of a case that nobody is left in: its subject and text say only that."""
    said = "\n".join(letter.lines)
    return Task(
        case_id=letter.case_id,
        target=parcel.target,
        place=parcel.place,
        severity=Severity.LOW,
        account_id="",
        subject=cut(said.replace("\n", " "), MAX_SUBJECT),
        text=said,
    )


async def written(task: Task, write: Callable[[Task], Awaitable[str]]) -> Place | None:
    """Write a task and return which record it is, None if that is known.

    `write` returns the record's id. One that somebody deleted is made anew, with all that a new one is given.
    """
    try:
        record = await write(task)
    except SinkRejected:
        if task.place is None:
            raise
        record = ""  # a CRM may refuse to make one from what an update says
    if task.place is not None and record != task.place.id:
        record = await write(replace(task, place=None))
    place = Place(id=record)
    return place if place != task.place else None


def cut(text: str, limit: int) -> str:
    """Return the text in at most `limit` UTF-16 units, as CRMs count; `…` says that there was more."""
    units = text.encode("utf-16-le", errors="replace")
    if len(units) <= limit * 2:
        return text
    return units[: (limit - 1) * 2].decode("utf-16-le", errors="ignore") + "…"


def _lines(whole: Whole) -> Iterator[str]:
    """Yield the text; what looks like a link is none, but for those made of the settings' templates."""
    message = whole.message
    heading, _, rest = plain(replace(message, links=())).partition("\n")
    yield from map(_harmless, (heading, *whole.notes, rest.rstrip("\n")))
    if whole.also:
        yield from map(_harmless, ("", f"■ {whole.also_title}", *whole.also))
    if message.links:
        yield from ("", f"■ {message.titles.links}")
        yield from (f"{_harmless(link.label)}{message.titles.colon}{_clean(link.url)}" for link in message.links)


def _harmless(text: str) -> str:
    return unlinked(_clean(text))


def _clean(text: str) -> str:
    return str(_UNSEEN.sub("", text))
