"""A letter as Slack shows it: blocks to be read in ten seconds, buttons at the end, and a text where blocks cannot go.

What customers control stands only in elements in which Slack looks for no markup.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from msgspec import Struct

from stream_app.render.letters import Button, Entry, Labelled, Letter, Many, Note, Whole
from stream_app.render.message import Draft, Link, Message, Option, Seen, Titles
from stream_app.sinks.slack_buttons import MENU, PREFIX
from stream_app.sinks.slack_text import (
    PART,
    Block,
    Line,
    escaped,
    fit,
    is_link,
    is_user_id,
    mention,
    part,
    plain_text,
    rich,
    rich_text,
)

_HEADER = 150
_LABEL = 75
_TEXT = 4_000
_DRAFT = 2_000
_NOTE = 3_000
_ENTRY = 500
_REST = 3_000
_TOP = 10
_LINKS = 5
_MENTIONS = 10
_NAME = 40
_MAX_BUTTONS = 25
_BLOCK_ID = 255

Values = Mapping[str, str]
"""What the buttons of a case carry, by case; a case without has no buttons that somebody would hear of."""


class Content(Struct, frozen=True, kw_only=True):
    """What is posted: `text` stands in notifications, and is read aloud."""

    text: str
    blocks: list[Block]


def content(letter: Letter, values: Values) -> Content:
    """Return a letter laid out; its `mentions` notify those that are Slack's own names for people."""
    first = [element for name in letter.mentions[:_MENTIONS] for element in mention(name)]
    match letter:
        case Whole():
            return Content(text=_text(letter, _summary(letter)), blocks=_whole(letter, values, first))
        case Note():
            blocks = [*rich(map(Line, letter.lines), _NOTE, first), *_actions(letter.buttons, letter.case_id, values)]
            return Content(text=_text(letter, letter.lines), blocks=blocks)
        case Many():
            headings = (entry.heading for entry in (*letter.top, *letter.rest))
            lines = (letter.heading, *letter.notes, *headings, letter.more)
            return Content(text=_text(letter, lines), blocks=_many(letter, values, first))


def _text(letter: Letter, lines: Iterable[str]) -> str:
    said = escaped("\n".join(filter(None, lines)), _TEXT - _MENTIONS * (_NAME + 1))
    names = (f"<@{name}>" if is_user_id(name) else escaped(name, _NAME) for name in letter.mentions[:_MENTIONS])
    return " ".join([*names, said]).strip() or "…"


def _summary(letter: Whole) -> tuple[str, ...]:
    message = letter.message
    return (message.heading, *letter.notes, message.headline, message.happened, message.meaning, *letter.also)


def _whole(letter: Whole, values: Values, first: list[Block]) -> list[Block]:
    message, titles = letter.message, letter.message.titles
    seen = (f"• {_seen(one)}" for one in message.seen)
    return [
        *_header(message.heading),
        *rich([Line(strong=message.headline), *map(Line, letter.notes)], PART, first),
        *part(titles.who, (Line(f"{titles.colon}{fact.text}", strong=fact.label) for fact in message.who)),
        *part(titles.happened, map(Line, (message.happened, *seen, message.more, message.read_before))),
        *part(letter.also_title, map(Line, letter.also)),
        *part(titles.meaning, [Line(message.meaning)]),
        *part(titles.how_sure, map(Line, _how_sure(message))),
        *part(titles.options, chain.from_iterable(_options(message))),
        *_draft(message.draft, titles),
        *_links(message, titles),
        *_actions(letter.buttons, letter.case_id, values),
    ]


def _header(heading: str) -> list[Block]:
    return [{"type": "header", "text": plain_text(heading, _HEADER)}] if heading else []


def _seen(seen: Seen) -> str:
    return "  ".join(filter(None, (seen.when, seen.what, seen.where)))


def _options(message: Message) -> Iterator[tuple[Line, ...]]:
    for number, option in enumerate(message.options, 1):
        yield _option(number, option, message.titles)


def _option(number: int, option: Option, titles: Titles) -> tuple[Line, ...]:
    ask, answer = f"{titles.ask}{titles.colon}{option.ask}", f"{titles.answer}{titles.colon}{option.answer}"
    return Line(strong=f"{number}. {option.case}"), Line(ask), Line(answer)


def _how_sure(message: Message) -> tuple[str, ...]:
    compared = (message.titles.readings, *(f"• {line}" for line in message.readings)) if message.readings else ()
    return message.how_sure, *compared


def _draft(draft: Draft | None, titles: Titles) -> list[Block]:
    """Return the draft in a box of its own, from which it is copied as it stands."""
    if draft is None:
        return []
    subject = Line(f"{titles.colon}{draft.subject}", strong=titles.subject) if draft.subject else Line()
    body = fit(draft.body, _DRAFT)
    if not body:
        return part(titles.draft, [subject])
    box: Block = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": body}]}
    return [*rich([Line(strong=titles.draft), subject]), rich_text(box)]


def _links(message: Message, titles: Titles) -> list[Block]:
    links = [link for link in message.links if is_link(link.url)][:_LINKS]
    between: Block = {"type": "text", "text": "  "}
    elements = [element for link in links for element in (between, _link(link))]
    title: Block = {"type": "text", "text": fit(titles.links, _LABEL) or "…", "style": {"bold": True}}
    return [rich_text({"type": "rich_text_section", "elements": [title, *elements]})] if links else []


def _link(link: Link) -> Block:
    return {"type": "link", "url": link.url, "text": fit(link.label, _LABEL) or "…"}


def _actions(buttons: Iterable[Labelled], case_id: str, values: Values) -> list[Block]:
    value = values.get(case_id)
    elements = [element for one in buttons for element in _elements(one, value)][:_MAX_BUTTONS]
    block: Block = {"type": "actions", "elements": elements}
    if any(element["type"] == "static_select" for element in elements):
        block["block_id"] = value
    return [block] if elements else []


def _elements(one: Labelled, value: str | None) -> list[Block]:
    """Return a button or menu, nothing for one that would lead nowhere."""
    if one.button is Button.OPEN:
        return [_button(one.button, one.label) | {"url": one.url}] if is_link(one.url) else []
    if value is None:
        return []
    if one.button is not Button.VERDICT:
        style = {"style": "primary"} if one.button is Button.ACKNOWLEDGE else {}
        return [_button(one.button, one.label) | {"value": value} | style]
    if len(value) > _BLOCK_ID:  # a choice has no room for it, a button has
        return [_button(choice.action, choice.label) | {"value": value} for choice in one.choices]
    return [_menu(one)] if one.choices else []


def _button(name: str, label: str) -> Block:
    return {"type": "button", "action_id": PREFIX + name, "text": plain_text(label, _LABEL)}


def _menu(one: Labelled) -> Block:
    """Return a menu; what it is about stands in the id of its block."""
    options = [{"text": plain_text(choice.label, _LABEL), "value": str(choice.action)} for choice in one.choices]
    placeholder = plain_text(one.label, _LABEL)
    return {"type": "static_select", "action_id": MENU, "placeholder": placeholder, "options": options}


def _many(letter: Many, values: Values, first: list[Block]) -> list[Block]:
    """Return the top ones with their buttons, and every other in a line: more than Slack has room for join the rest."""
    rest = (Line(f"• {entry.heading}") for entry in (*letter.top[_TOP:], *letter.rest))
    return [
        *_header(letter.heading),
        *rich(map(Line, letter.notes), PART, first),
        *chain.from_iterable(_entry(entry, values) for entry in letter.top[:_TOP]),
        *part(letter.rest_title, rest, _REST),
        *rich([Line(letter.more)]),
    ]


def _entry(entry: Entry, values: Values) -> list[Block]:
    lines = rich([Line(strong=entry.heading), *map(Line, entry.lines)], _ENTRY)
    return [*lines, *_actions(entry.buttons, entry.case_id, values)]
