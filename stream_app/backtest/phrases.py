"""The words of the page in one language, read from its file: every key there, none unknown."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from stream_app.core.language import Language
from stream_app.render.catalogue import catalogue


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the page says; `of` are words of closed lists: fates, intents, what is counted."""

    title: str
    period: str
    basis: str
    per_day: str
    tiles: dict[str, str]
    section: dict[str, str]
    note: dict[str, str]
    column: dict[str, str]
    of: dict[str, str]
    difference: dict[str, str]
    bars: dict[int, str]
    names: dict[str, str] = {}  # of intents and rules, from the catalogue of messages


@cache
def words(language: Language) -> Words:
    """Return the words of a language."""
    text = (Path(__file__).parent / "words" / f"{language}.toml").read_text(encoding="utf-8")
    said = catalogue(language)
    names = {**{str(intent): word for intent, word in said.intent.items()}, **said.happened}
    document = tomllib.loads(text)
    document["bars"] = {int(days): word for days, word in document["bars"].items()}
    return msgspec.convert({**document, "names": names}, Words)
