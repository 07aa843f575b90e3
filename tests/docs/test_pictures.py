"""The pictures are as drawn, said in words too, and shown; `python -m tests.docs.pictures` draws them anew."""

import re
from xml.etree import ElementTree

import pytest

from tests.docs.pictures import FOLDER, PICTURES

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_drawn(name):
    assert PICTURES[name]() == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_said_in_words_and_read_in_the_dark(name):
    drawn = ElementTree.fromstring(PICTURES[name]())
    ids = drawn.attrib["aria-labelledby"].split()

    assert ["title", "described"] == [part.attrib["id"] for part in drawn if part.tag in (f"{SVG}title", f"{SVG}desc")]
    assert ["title", "described"] == ids
    assert "prefers-color-scheme: dark" in drawn.find(f"{SVG}style").text


def test_every_picture_is_shown_with_its_text_alternative():
    page = (FOLDER.parent / "concepts.md").read_text(encoding="utf-8")

    assert dict.fromkeys(PICTURES, True) == {
        file: len(alternative) > 40 for alternative, file in re.findall(r"!\[([^]]+)\]\(pictures/([\w.]+)\)", page)
    }
