"""Purchases that nobody followed up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.alerts import ResolvedReason
from stream_app.core.events import DAY, MINUTE, InteractionKind, PurchaseKind
from stream_app.core.example import Step
from tests.core.courses import ends, full, left_open, told


def bought(kind=PurchaseKind.COMPLETED, after=0.0, amount=30_000):
    return Step(after=round(after * DAY), buys="team", kind=kind, amount=amount)


def followed_up(after):
    return Step(after=round(after * DAY), meets=InteractionKind.FOLLOW_UP)


MISSED = "support.missed-follow-up"
FOLLOW_UPS = full(MISSED)
PURCHASES = {
    "nobody asked how it goes": ([bought()], 7, [MISSED]),
    "not yet": ([bought()], 6.9, []),
    "somebody did": ([bought(), followed_up(6)], 9, []),
    "before the purchase": ([followed_up(0), bought(after=1)], 9, [MISSED]),
    "a renewal": ([bought(PurchaseKind.RENEWED)], 9, []),
    "the same plan again": ([bought(), followed_up(1), bought(after=30)], 40, []),
    "a larger one": ([bought(), followed_up(1), bought(after=30, amount=50_000)], 40, [MISSED]),
    "undone": ([bought(), bought(PurchaseKind.REFUNDED, after=2)], 9, []),
}


@pytest.mark.parametrize(("steps", "days", "expected"), PURCHASES.values(), ids=PURCHASES)
def test_tells_of_a_purchase_that_nobody_followed_up(steps, days, expected):
    assert expected == told(steps, FOLLOW_UPS, until=round(days * DAY))


UNDONE_LATE = [bought(), bought(PurchaseKind.REFUNDED, after=8)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([bought(), followed_up(9)], (MISSED, 9 * DAY, ResolvedReason.ANSWERED)),
        (UNDONE_LATE, (MISSED, 8 * DAY, ResolvedReason.EXPIRED)),
        ([bought()], (MISSED, 21 * DAY, ResolvedReason.EXPIRED)),
    ],
    ids=["followed up late", "undone", "never"],
)
def test_a_missed_follow_up_is_over_when_it_came_or_has_no_more_sense(steps, expected):
    assert [expected] == ends(steps, FOLLOW_UPS, until=30 * DAY)


follow_ups = st.lists(st.sampled_from(["buy", "grow", "undo", "ask"]), min_size=2, max_size=6).flatmap(
    lambda kinds: st.tuples(st.just(kinds), st.permutations(range(len(kinds))))
)


@pytest.mark.parametrize("until", [None, 9 * DAY])
@settings(max_examples=60)
@given(follow_ups)
def test_any_order_of_an_hour_ends_in_the_same_missed_follow_up(until, drawn):
    """The hour begins when the follow-up of the first purchase is missed, and what moves time past it comes in it."""
    kinds, order = drawn
    made = {
        "buy": lambda after: bought(after=after, amount=20_000),
        "grow": lambda after: bought(after=after, amount=50_000),
        "undo": lambda after: bought(PurchaseKind.REFUNDED, after=after),
        "ask": followed_up,
    }
    times = (7 + (1 + n) / 180 for n in range(len(kinds)))
    steps = [bought(), *(made[kind](after) for kind, after in zip(kinds, times, strict=True))]
    steps.append(Step(after=7 * DAY + 61 * MINUTE, meets=InteractionKind.INQUIRY))

    expected, arrival = left_open(steps, FOLLOW_UPS, until=until), [0, *(n + 1 for n in order)]
    for place in (1, len(arrival)):
        arriving = [*arrival[:place], len(steps) - 1, *arrival[place:]]
        assert expected == left_open(steps, FOLLOW_UPS, until=until, order=arriving)
