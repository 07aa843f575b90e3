"""The circuit breaker: when it opens, who may try, and when it closes."""

import pytest

from stream_app.core.events import SECOND
from stream_app.notify.breaker import Breaker

A_MINUTE = 60 * SECOND


def after(*steps):
    """Return a breaker after these steps at second 60, each `failed` or `answered`."""
    breaker = Breaker()
    for step in steps:
        breaker.failed(A_MINUTE) if step == "failed" else breaker.answered()
    return breaker


@pytest.mark.parametrize(
    ("steps", "opens_at"),
    [
        ([], 60),
        (["failed"] * 4, 60),
        (["failed"] * 5, 90),
        (["failed"] * 4 + ["answered"] + ["failed"] * 4, 60),
        (["failed"] * 5 + ["answered"], 60),
        (["failed"] * 5 + ["answered"] + ["failed"] * 4, 60),
    ],
)
def test_five_failures_in_a_row_open_it(steps, opens_at):
    breaker = after(*steps)
    assert opens_at * SECOND == breaker.opens_at(A_MINUTE)
    assert (opens_at > 60, opens_at == 60) == (breaker.is_open, breaker.works.is_set())


def test_one_may_try_when_the_rest_is_over_and_nobody_else_meanwhile():
    breaker = after(*["failed"] * 5)
    assert 90 * SECOND == breaker.opens_at(90 * SECOND)
    breaker.trying(90 * SECOND)
    assert 120 * SECOND == breaker.opens_at(90 * SECOND)


@pytest.mark.parametrize(("works", "opens_at"), [(True, 91), (False, 121)])
def test_the_probe_decides(works, opens_at):
    breaker = after(*["failed"] * 5)
    breaker.trying(90 * SECOND)
    breaker.answered() if works else breaker.failed(91 * SECOND)
    assert opens_at * SECOND == breaker.opens_at(91 * SECOND)
    assert works == breaker.works.is_set()
