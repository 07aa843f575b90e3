"""The bars of proposals: what may be said, what is refused, and what the core is given."""

import pytest

from stream_app.core.notify.proposals import Bars
from stream_app.settings import Settings

REFUSED = [
    ("digest_below = 1.1", "file: feedback.digest_below: Input should be less than or equal to 1"),
    ("push_above = -0.1", "file: feedback.push_above: Input should be greater than or equal to 0"),
    ("push_above = nan", "file: feedback.push_above: Input should be"),
    ("at_least = 0", "file: feedback.at_least: Input should be greater than or equal to 1 (given: 0)"),
    (
        "digest_below = 0.6\npush_above = 0.5",
        "file: feedback: push_above must not be below digest_below: the same rule would go to and fro",
    ),
    ("digest_bellow = 0.2", "file: feedback.digest_bellow: no such setting; did you mean feedback.digest_below?"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_refused_with_where_and_what_is_allowed(refusal, text, expected):
    assert expected == refusal(f"[feedback]\n{text}")[: len(expected)]


def test_what_is_said_is_what_the_core_is_given(written):
    said = written("[feedback]\ndigest_below = 0.5\npush_above = 0.5\nat_least = 7")

    assert Bars(digest_below=0.5, push_above=0.5, at_least=7) == said.feedback.bars()
    assert Bars(digest_below=0.3, push_above=0.7, at_least=20) == Settings().feedback.bars()
