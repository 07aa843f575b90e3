"""Text made fit for Slack: clean, within its limits, and as elements in which nothing is more than text."""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TypeAlias

import regex
from msgspec import Struct

from stream_app.render.shown import shown

Block: TypeAlias = dict[str, object]

PART = 1_000
"""Characters in one part of a message; Slack refuses messages of about 11,000 in all their blocks."""

_CHARACTERS = regex.compile(r"\X")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_USER_ID = re.compile(r"[UW][A-Z0-9]{1,36}", re.ASCII)
_LINK = re.compile(r"https?://[^\s<>|\"\\]+")
_MAX_URL = 3_000


class Line(Struct, frozen=True):
    """A line of a part: what stands out and begins it, and the rest."""

    plain: str = ""
    strong: str = ""


def clean(text: str, limit: int) -> str:
    """Return `text` with its line breaks but nothing else that is not seen; lines are cut to `limit` characters."""
    return "\n".join(shown(line, limit) for line in text.split("\n", limit)[:limit])


def fit(text: str, limit: int) -> str:
    """Return `text` cleaned and cut to `limit` as Slack counts."""
    return _cut(_CHARACTERS.findall(clean(text, limit)), limit)


def escaped(text: str, limit: int) -> str:
    """Return `text` for a place where Slack looks for markup, cut to `limit` without halving an escape."""
    return _cut([char.translate(_ENTITIES) for char in _CHARACTERS.findall(clean(text, limit))], limit)


def _cut(characters: list[str], limit: int) -> str:
    if sum(map(_units, characters)) <= limit:
        return "".join(characters)
    ends = accumulate(map(_units, characters))
    return "".join(char for char, end in zip(characters, ends, strict=True) if end < limit).rstrip() + "…"


def _units(text: str) -> int:
    """Count as JavaScript does, the strictest way of counting that can be meant."""
    return len(text.encode("utf-16-le")) // 2


def is_user_id(text: str) -> bool:
    """Tell Slack's own names for people from others."""
    return _USER_ID.fullmatch(text) is not None


def is_link(url: str) -> bool:
    """Tell whether Slack takes it as the address of a button or link."""
    return len(url) <= _MAX_URL and url.isprintable() and _LINK.fullmatch(url) is not None


def plain_text(text: str, limit: int) -> Block:
    """Return an object in which Slack looks for nothing; it must not be empty."""
    return {"type": "plain_text", "text": fit(text, limit) or "…", "emoji": False}


def part(title: str, lines: Iterable[Line], limit: int = PART) -> list[Block]:
    """Return a part under its title, or nothing where there is nothing to say."""
    said = [line for line in lines if line.plain or line.strong]
    return rich([Line(strong=title), *said], limit) if said else []


def rich(lines: Iterable[Line], limit: int = PART, first: Iterable[Block] = ()) -> list[Block]:
    """Return lines as one block after the elements `first`, or nothing if all are empty."""
    elements = [*first, *_elements(lines, limit)]
    return [rich_text({"type": "rich_text_section", "elements": elements})] if elements else []


def rich_text(*elements: Block) -> Block:
    """Return a block of sections and the like."""
    return {"type": "rich_text", "elements": list(elements)}


def mention(name: str) -> list[Block]:
    """Return a person as somebody who is notified if `name` is Slack's own, else as text."""
    who: Block = {"type": "user", "user_id": name} if is_user_id(name) else _text(fit(name, PART) or "…", strong=False)
    return [who, _text(" ", strong=False)]


def _elements(lines: Iterable[Line], limit: int) -> Iterator[Block]:
    for words, strong in _runs(lines):
        whole = clean(words, limit)
        said = _cut(_CHARACTERS.findall(whole), limit)
        limit -= _units(said)
        if said:
            yield _text(said, strong=strong)
        if said != whole or limit <= 0:
            return


def _runs(lines: Iterable[Line]) -> Iterator[tuple[str, bool]]:
    said = [line for line in lines if clean(line.plain + line.strong, PART)]
    for number, line in enumerate(said):
        before = "\n" if number else ""
        if line.strong:
            yield before + line.strong, True
            before = ""
        if line.plain:
            yield before + line.plain, False


def _text(words: str, *, strong: bool) -> Block:
    element: Block = {"type": "text", "text": words}
    return element | {"style": {"bold": True}} if strong else element
