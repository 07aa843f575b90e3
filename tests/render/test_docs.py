"""The page of the documentation is what the program says; `python -m tests.render.page` writes it anew."""

from tests.render.page import FILE, page


def test_the_page_is_as_rendered():
    assert page() == FILE.read_text(encoding="utf-8")
