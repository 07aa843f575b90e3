"""Links of the documentation lead somewhere, and the index names every page."""

import re

import pytest

from tests.docs.commands import PAGES, ROOT

LATER = {"formats.md", "deployment.md", "metrics.md", "inbox.md", "inbox-api.md"}
"""Pages that other branches bring."""

INDEX = ROOT / "docs" / "README.md"
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors_of(page):
    """Return the anchors of a page's headings, as they are made from their words."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_in(page):
    """Return the links of a page that lead nowhere."""
    for name, anchor in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        there = (page.parent / name).resolve() if name else page
        if there.name in LATER and not there.exists():
            continue
        if not there.exists() or (anchor and anchor not in anchors_of(there)):
            yield f"{name}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    assert [] == list(broken_in(page))


def test_the_index_names_every_page():
    pages = {page.name for page in INDEX.parent.glob("*.md")} - {"README.md"} - LATER
    named = {name for name, _ in _LINK.findall(INDEX.read_text(encoding="utf-8"))}

    assert set() == pages - named


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One thing: `x`\n[a](#one-thing-x) [b](#two) [c](gone.md) [d](page.md#one-thing-x)\n")

    assert ["#two", "gone.md#"] == list(broken_in(page))
