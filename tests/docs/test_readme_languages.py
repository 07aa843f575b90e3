"""The Japanese README says what the English one does: the same headings, blocks, code, links and tables."""

import re

import pytest

from tests.docs.commands import ROOT

ENGLISH, JAPANESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ja.md"))
_BLOCK = re.compile(r"^```\w*\n.*?^```", re.MULTILINE | re.DOTALL)
_OTHER = ("README.md", "README.ja.md")


def text_of(readme):
    return _BLOCK.sub("", readme)


SAME = {
    "blocks": _BLOCK.findall,
    "headings": lambda readme: re.findall(r"^#+ (?=\S)", text_of(readme), re.MULTILINE),
    "links": lambda readme: [link for link in re.findall(r"\]\(([^)]+)\)", text_of(readme)) if link not in _OTHER],
    "code": lambda readme: sorted(re.findall(r"`([^`\n]+)`", text_of(readme))),
    "table rows": lambda readme: len(re.findall(r"^\|", text_of(readme), re.MULTILINE)),
    "list": lambda readme: len(re.findall(r"^- ", text_of(readme), re.MULTILINE)),
}


@pytest.mark.parametrize("part", SAME)
def test_both_have_the_same(part):
    assert SAME[part](ENGLISH) == SAME[part](JAPANESE)


def test_each_leads_to_the_other():
    assert "(README.ja.md)" in ENGLISH
    assert "(README.md)" in JAPANESE


def test_the_japanese_one_is_japanese():
    """No paragraph was left in English."""
    words = re.sub(r"<!--.*?-->", "", text_of(JAPANESE))
    left = [part for part in words.split("\n\n") if not re.search(r"[ぁ-んァ-ヶ一-龠]", part)]

    assert ["# stream-app", "[English](README.md)"] == [part.strip() for part in left if part.strip()]
