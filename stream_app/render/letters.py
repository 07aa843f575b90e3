"""What a parcel says, in the reader's language: the parts that every sink lays out in its own way."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from stream_app.core.alerts import Severity
from stream_app.core.language import Language
from stream_app.core.notify.orders import Action
from stream_app.render.message import Message


class Button(StrEnum):
    """What a reader can press, where the sink has buttons."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    VERDICT = "verdict"  # a menu: what somebody says of the alert
    OPEN = "open"  # a link, into the CRM


class Choice(Struct, frozen=True, kw_only=True):
    """What can be chosen of a menu, with its word."""

    action: Action
    label: str


class Labelled(Struct, frozen=True, kw_only=True):
    """A button with its word; `url` of a link only, `choices` of a menu only."""

    button: Button
    label: str
    url: str = ""
    choices: tuple[Choice, ...] = ()


class Whole(Struct, frozen=True, kw_only=True):
    """The message of a case: prepared, with its notes and buttons.

    `notes` stand under the heading, each one line: who stands in for whom, no owner, 「本日3回目」, who has taken it
    on, when to contact the customer, a possible repeat. `also`: further people of the account, a paragraph each.
    """

    language: Language
    case_id: str
    message: Message
    notes: tuple[str, ...] = ()
    also_title: str = ""
    also: tuple[str, ...] = ()
    buttons: tuple[Labelled, ...] = ()
    mentions: tuple[str, ...] = ()  # the sink's names for people, from settings: never from customers


class Note(Struct, frozen=True, kw_only=True):
    """A short text in a thread; `loud`: everybody there is to be told."""

    language: Language
    case_id: str
    lines: tuple[str, ...]
    loud: bool = False
    buttons: tuple[Labelled, ...] = ()
    mentions: tuple[str, ...] = ()


class Entry(Struct, frozen=True, kw_only=True):
    """One case in a list: its heading, and where there is room what happened and what to ask."""

    case_id: str
    severity: Severity
    heading: str
    lines: tuple[str, ...] = ()
    buttons: tuple[Labelled, ...] = ()


class Many(Struct, frozen=True, kw_only=True):
    """A bundle or digest: the top cases with a few lines each, the rest in a line each, and what is left out."""

    language: Language
    heading: str
    notes: tuple[str, ...] = ()
    top: tuple[Entry, ...] = ()
    rest_title: str = ""
    rest: tuple[Entry, ...] = ()
    more: str = ""  # how many stand in none of both; empty: none
    mentions: tuple[str, ...] = ()


Letter: TypeAlias = Whole | Note | Many
