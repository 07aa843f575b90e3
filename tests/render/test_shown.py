"""Text of others, as it is shown."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from stream_app.render.shown import shown

FAMILY = "👩🏽‍❤️‍💋‍👨🏾"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("営業　一課", "営業　一課"),
        ("  a \t\r\n b\u2028c ", "a b c"),
        ("a\x00b\x1b[31mc\x7f\x9bd", "ab[31mcd"),
        ("\u202egnp.exe\u202c \u2066x\u2069\u200f\u061c", "gnp.exe x"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("\U000e0041\U000e0042x", "x"),
        ("a\ud800b", "ab"),
        ("\u3164\u2800", ""),
        ("\u200d", ""),
        ("{0.__class__} {{7*7}}", "{0.__class__…"),
        ("1234567890123", "1234567890123"),
        ("12345678901234", "123456789012…"),
        ("か\u3099" * 14, "か\u3099" * 12 + "…"),
        (FAMILY * 14, FAMILY * 12 + "…"),
        ("🇯🇵" * 14, "🇯🇵" * 12 + "…"),
        ("x" * 10_000, "x" * 12 + "…"),
    ],
    ids=map(str, range(17)),
)
def test_thirteen_characters_of(text, expected):
    assert expected == shown(text, 13)


def test_marks_heaped_on_one_character_are_bounded():
    assert len(shown("a" + "\u0300" * 10_000, 5)) <= 5 * 16


@given(st.text(st.characters(), max_size=300), st.integers(1, 50))
def test_whatever_comes_is_one_line_of_bounded_length_that_can_be_encoded(text, limit):
    line = shown(text, limit)

    assert limit >= len(regex.findall(r"\X", line))
    assert len(line.encode()) <= limit * 64
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(char) for char in line}
    assert not {char for char in line if unicodedata.category(char) == "Cf"} - {"\u200c", "\u200d"}
