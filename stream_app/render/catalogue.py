"""Words of one language, read from its file: every key there, none unknown."""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import PurchaseKind, Tier
from stream_app.core.language import Language
from stream_app.core.pages import PageCategory
from stream_app.core.rules import RULES
from stream_app.render.letters import Button

_Key = TypeVar("_Key", bound=str)


class Dates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How moments are written; `short` within this year."""

    short: str
    long: str
    months: tuple[str, str, str, str, str, str, str, str, str, str, str, str]
    weekdays: tuple[str, str, str, str, str, str, str]  # from Monday


class Sections(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Titles; `draft_…` where the draft is in another language than the message."""

    who: str
    happened: str
    meaning: str
    how_sure: str
    options: str
    draft: str
    draft_ja: str
    draft_en: str
    links: str


class Labels(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands before a value."""

    name: str
    company: str
    owner: str
    tier: str
    plan: str
    renewal: str
    case: str
    ask: str
    answer: str
    subject: str
    crm: str
    history: str


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a customer's facts are put."""

    with_id: str
    owner_named: str
    no_owner: str
    no_profile: str


class Tests(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What tells a test message from a real one."""

    heading: str
    note: str


class Renewals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far off a renewal is."""

    ahead: str
    tomorrow: str
    today: str
    yesterday: str
    past: str
    day: str


class StandIns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a draft says where something is not known."""

    customer_name: str
    company: str
    owner_name: str
    owner_email: str


class Notes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands under a heading, a line each: why this reader is told, and how the case stands."""

    person: str
    repeat: str
    escalated: str
    owned: str
    contacted: str
    snoozed: str
    owner_away: str
    owner_alone: str  # away, and nobody stands in
    user_away: str
    user_alone: str
    no_owner: str
    unknown_owner: str
    fallback: str
    times_today: str


class Contacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When to contact the customer; `local` adds that the times are theirs, and the reader's own time of the call."""

    now: str
    call_later: str
    mail_later: str
    both_later: str
    local: str


class Threads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said in a thread."""

    took_over: str
    raised: str
    more_seen: str
    waiting: str
    due: str
    snooze_over: str
    overdue: str
    hours: str
    minutes: str
    hours_minutes: str


class Lists(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands around many, and around people of one account."""

    bundle: str
    digest: str
    by_intent: str
    rest: str
    rest_line: str
    more: str
    also: str
    more_people: str
    ask: str


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All words of a language that are not a playbook's."""

    heading: str
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
    polarity: dict[Polarity, str]
    section: Sections
    label: Labels
    fact: Facts
    test: Tests
    tier: dict[Tier, str]
    renewal: Renewals
    happened: dict[str, str]  # by rule id
    seen: dict[str, str]  # by page category, by kind of purchase, and `times` and `more`
    stand_in: StandIns
    button: dict[Button, str]
    note: Notes
    contact: Contacts
    thread: Threads
    list: Lists
    zone: dict[str, str]

    def __post_init__(self) -> None:
        """Refuse a table that lacks a word, or has one that nothing asks for."""
        _complete("urgency", self.urgency, Severity)
        _complete("intent", self.intent, Intent)
        _complete("polarity", self.polarity, Polarity)
        _complete("tier", self.tier, Tier)
        _complete("button", self.button, Button)
        _same("happened", set(self.happened), {rule.id for rule in RULES})
        _same("seen", set(self.seen), {*PageCategory, *PurchaseKind, "times", "more"})


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


def _complete(name: str, table: dict[_Key, str], keys: type[StrEnum]) -> None:
    _same(name, set(table), set(keys))


def _same(name: str, there: set[_Key], wanted: set[str]) -> None:
    if there != wanted:
        raise ValueError(f"{name}: missing {sorted(wanted - there)}, unknown {sorted(there - wanted)}")
