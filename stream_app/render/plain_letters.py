"""Letters as plain text: for the console, for files and webhooks."""

from collections.abc import Iterable, Iterator

from stream_app.render.letters import Entry, Labelled, Letter, Many, Note, Whole
from stream_app.render.plain import lines, part


def plain_letter(letter: Letter) -> str:
    """Return the whole letter as lines of text, the last one ended too."""
    return "\n".join(_lines(letter)) + "\n"


def heading(letter: Letter) -> str:
    """Return the line that says what it is about."""
    match letter:
        case Whole():
            return letter.message.heading
        case Note():
            return next(iter(letter.lines), "")
        case Many():
            return letter.heading


def _lines(letter: Letter) -> Iterator[str]:
    match letter:
        case Whole():
            yield from _whole(letter)
        case Note():
            yield from letter.lines
            yield from _buttons(letter.buttons)
        case Many():
            yield from _many(letter)
    yield from _mentioned(letter.mentions)


def _whole(letter: Whole) -> Iterator[str]:
    first, *rest = lines(letter.message)
    yield from (first, *letter.notes, *rest)
    yield from part(letter.also_title, letter.also)
    if letter.buttons:
        yield ""
    yield from _buttons(letter.buttons)


def _many(letter: Many) -> Iterator[str]:
    yield from (letter.heading, *letter.notes)
    for number, entry in enumerate(letter.top, 1):
        yield from ("", f"{number}. {entry.heading}", *(f"   {line}" for line in _under(entry)))
    yield from part(letter.rest_title, (f"- {entry.heading}" for entry in letter.rest))
    if letter.more:
        yield letter.more


def _under(entry: Entry) -> Iterator[str]:
    yield from entry.lines
    yield from _buttons(entry.buttons)


def _buttons(buttons: Iterable[Labelled]) -> Iterator[str]:
    if shown := " ".join(f"[{' '.join(_on_button(one))}]" for one in buttons):
        yield shown


def _on_button(one: Labelled) -> Iterator[str]:
    choices = " / ".join(choice.label for choice in one.choices)
    yield from filter(None, (one.label, one.url, choices))


def _mentioned(mentions: Iterable[str]) -> Iterator[str]:
    if named := " ".join(f"@{one}" for one in mentions):
        yield named
