"""The page of the documentation is what the program says; `python -m tests.explain.explain_page` writes it anew."""

from tests.explain.explain_page import FILE, page


def test_the_page_is_what_the_command_says():
    assert page() == FILE.read_text(encoding="utf-8")
