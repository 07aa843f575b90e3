"""The words of an explanation in one language, read from its file: every key there, none unknown."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from stream_app.core.alerts import SuppressedReason
from stream_app.core.audience import IgnoredReason
from stream_app.core.events import Stage
from stream_app.core.language import Language
from stream_app.core.notify.fates import FateReason
from stream_app.core.notify.orders import Action
from stream_app.core.tuning import Feed
from stream_app.explain.answer import Answered
from stream_app.explain.matches import Delay
from stream_app.render.catalogue import complete, same


class Sections(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Titles."""

    answer: str
    seen: str
    closest: str
    asleep: str
    stands: str
    timeline: str


class MatchWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule found."""

    alert: str
    held: str
    earlier: str
    stage: str
    pending: str
    repeated: str


class ToldWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who was told."""

    now: str
    not_told: str
    waits: str
    waits_digest: str
    waits_open: str
    parked: str
    late: str
    detail: str
    whom: str


class NotUsedWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events that changed nothing."""

    duplicate: str
    ignored: str


class WantWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rules wait for."""

    look: str
    looks: str
    held: str
    silence: str
    asleep: str
    untouched: str


class StandWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is remembered of a customer."""

    stage: str
    readings: str
    open: str
    next: str
    no_profile: str
    gone: str


class DidWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lines of the timeline."""

    profile: str
    forgotten: str
    view: str
    times: str
    marked: str
    over: str
    feedback: str


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them; what messages say too stands in their catalogue."""

    heading: str
    as_of: str
    since: str
    unknown: str
    erased: str
    anonymous: str
    between: str
    line: str
    of_person: str
    section: Sections
    answer: dict[str, str]  # by what is answered, and what stands around it
    match: MatchWords
    told: ToldWords
    delay: dict[Delay, str]
    reason: dict[FateReason, str]
    held: dict[SuppressedReason, str]
    ignored: dict[IgnoredReason, str]
    not_used: NotUsedWords
    want: WantWords
    feed: dict[Feed, str]
    stands: StandWords
    stage: dict[Stage, str]
    did: DidWords
    action: dict[Action, str]

    def __post_init__(self) -> None:
        """Refuse a table that lacks a word, or has one that nothing asks for."""
        same("answer", set(self.answer), {*Answered, "more"})
        complete("delay", self.delay, Delay)
        complete("reason", self.reason, FateReason)
        complete("held", self.held, SuppressedReason)
        complete("ignored", self.ignored, IgnoredReason)
        complete("feed", self.feed, Feed)
        complete("stage", self.stage, Stage)
        complete("action", self.action, Action)


@cache
def words_of(language: Language) -> Words:
    """Return the words of a language."""
    return read((Path(__file__).parent / "words" / f"{language}.toml").read_text(encoding="utf-8"))


def read(text: str) -> Words:
    """Return the words of this TOML text; msgspec.ValidationError for a missing or unknown key."""
    return msgspec.convert(tomllib.loads(text), Words)
