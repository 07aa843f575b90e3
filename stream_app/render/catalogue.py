"""Words of one language, read from its file: every key there, none unknown."""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from stream_app.core.alerts import Cell, Intent, Polarity, Reading, ResolvedReason, Severity
from stream_app.core.events import InteractionKind, PurchaseKind, Tier
from stream_app.core.language import Language
from stream_app.core.notify.orders import VERDICTS, Action
from stream_app.core.pages import PageCategory
from stream_app.core.readings import Sign
from stream_app.playbooks import BOOK_OF, Book
from stream_app.render.letters import Button
from stream_app.render.parts import (
    Comparison,
    Contacts,
    Dates,
    Facts,
    Labels,
    Lists,
    Notes,
    Renewals,
    Sections,
    StandIns,
    Tests,
    Threads,
)

_Key = TypeVar("_Key", bound=str)

_AROUND_SEEN = ("times", "more", "judged", "read_before")


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All words of a language that are not a playbook's."""

    heading: str
    with_topic: str
    polite_name: str
    between_names: str
    colon: str
    before_title: str
    after_title: str
    between_times: str
    between_pages: str
    date: Dates
    urgency: dict[Severity, str]
    intent: dict[Intent, str]
    topic: dict[Book, str]
    polarity: dict[Polarity, str]
    section: Sections
    label: Labels
    fact: Facts
    test: Tests
    tier: dict[Tier, str]
    cell: dict[Cell, str]
    renewal: Renewals
    weighed: Comparison
    reading: dict[Reading, str]
    sign: dict[str, str]  # what speaks for a reading beside pages
    happened: dict[str, str]  # by rule id
    seen: dict[str, str]  # by page category, by kind of purchase and interaction, and what is said around them
    stand_in: StandIns
    button: dict[Button, str]
    verdict: dict[Action, str]  # those by which an alert is judged
    note: Notes
    over: dict[ResolvedReason, str]
    contact: Contacts
    thread: Threads
    list: Lists
    zone: dict[str, str]

    def __post_init__(self) -> None:
        """Refuse a table that lacks a word, or has one that nothing asks for."""
        complete("urgency", self.urgency, Severity)
        complete("intent", self.intent, Intent)
        same("topic", set(self.topic), {str(book) for book in Book} - {*Intent})
        complete("polarity", self.polarity, Polarity)
        complete("tier", self.tier, Tier)
        complete("button", self.button, Button)
        complete("cell", self.cell, Cell)
        complete("reading", self.reading, Reading)
        complete("over", self.over, ResolvedReason)
        same("verdict", set(self.verdict), set(VERDICTS))
        same("sign", set(self.sign), set(Sign))
        same("happened", set(self.happened), set(BOOK_OF))
        same("seen", set(self.seen), {*PageCategory, *PurchaseKind, *InteractionKind, *_AROUND_SEEN})


@cache
def catalogue(language: Language) -> Catalogue:
    """Return the words of a language."""
    return read(language_file(language).read_text(encoding="utf-8"))


def language_file(language: Language) -> Path:
    """Return where the words of a language stand."""
    return Path(__file__).parent / "words" / f"{language}.toml"


def read(text: str) -> Catalogue:
    """Return the catalogue of this TOML text; msgspec.ValidationError for a missing or unknown key."""
    return msgspec.convert(tomllib.loads(text), Catalogue)


def complete(name: str, table: dict[_Key, str], keys: type[StrEnum]) -> None:
    """Refuse a table of a closed set that lacks a word or has another; ValueError."""
    same(name, set(table), set(keys))


def same(name: str, there: set[_Key], wanted: set[str]) -> None:
    """Refuse a table whose keys are not those that are wanted; ValueError."""
    if there != wanted:
        raise ValueError(f"{name}: missing {sorted(wanted - there)}, unknown {sorted(there - wanted)}")
