"""The catalogues: the same keys and placeholders in each language, all there and none unknown."""

import tomllib

import msgspec
import pytest

from stream_app.core.language import Language
from stream_app.playbooks.placeholders import has_stray_brace, placeholders
from stream_app.render.catalogue import catalogue, language_file, read


def text_of(language):
    return language_file(language).read_text(encoding="utf-8")


def flat(said, prefix=""):
    """Yield every text of a TOML document with its dotted key."""
    for key, value in said.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield from ((f"{prefix}{key}.{number}", text) for number, text in enumerate(value))
        else:
            yield f"{prefix}{key}", value


WORDS = {language: dict(flat(tomllib.loads(text_of(language)))) for language in Language}


def test_both_languages_have_the_same_keys():
    assert WORDS[Language.JA].keys() == WORDS[Language.EN].keys()


@pytest.mark.parametrize("key", WORDS[Language.JA])
def test_a_text_has_the_same_placeholders_in_both(key):
    japanese, english = (WORDS[language][key] for language in Language)

    assert sorted(placeholders(japanese)) == sorted(placeholders(english))
    assert not has_stray_brace(japanese + english)


MAY_BE_EMPTY = {"stand_in.company", "stand_in.owner_email"}


@pytest.mark.parametrize("language", Language)
def test_no_word_is_empty(language):
    assert MAY_BE_EMPTY == {key for key, text in WORDS[language].items() if not text}


def lines_with_words(language):
    """Yield the number of each line with a word; zones without a name of ours go by their own, so theirs may go."""
    words, _, _ = text_of(language).partition("[zone]")
    for number, line in enumerate(words.splitlines()):
        if "=" in line:
            yield pytest.param(language, number, id=f"{language} {number} {line.partition(' =')[0]}")


@pytest.mark.parametrize(("language", "number"), [*lines_with_words(Language.JA), *lines_with_words(Language.EN)])
def test_no_word_can_go(language, number):
    """Each left out in turn: it is not a reader who finds out that a word is missing."""
    lines = text_of(language).splitlines()
    del lines[number]

    with pytest.raises(msgspec.ValidationError):
        read("\n".join(lines))


TABLES = [name for name, value in tomllib.loads(text_of(Language.EN)).items() if isinstance(value, dict)]
TABLES.remove("zone")


@pytest.mark.parametrize("table", TABLES)
def test_no_word_can_be_added(table):
    text = text_of(Language.EN).replace(f"[{table}]", f"[{table}]\nadded = 'x'")

    with pytest.raises(msgspec.ValidationError):
        read(text)


def test_it_is_read_once():
    assert catalogue(Language.JA) is catalogue(Language.JA)
