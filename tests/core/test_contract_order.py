"""Whatever the order of arrival, the same alert is open in the end."""

from itertools import islice, permutations
from random import Random

import pytest

from stream_app.core.events import DAY, HOUR, MINUTE, PurchaseKind, Stage
from stream_app.core.example import Step
from tests.core.contract_histories import open_one, steps, views

HISTORIES = {
    "three looks": views("/pricing", "/pricing", "/pricing", every=9 * MINUTE),
    "upgrade": views("/pricing", "/plans/compare", "/account/seats", "/pricing", every=9 * MINUTE),
    "churn": views("/pricing", "/contract-terms", "/account/export", "/pricing", every=9 * MINUTE),
    "there and back": views("/pricing", "/plans/compare", "/billing", "/contract", "/pricing", every=9 * MINUTE),
    "cancellation": views("/pricing", "/account/export", "/account/cancel", "/contract", every=9 * MINUTE),
    "two cancellations": views("/account/cancel", "/pricing", "/account/cancel", every=9 * MINUTE),
    "a purchase between": (
        *views("/plans/compare", "/pricing", every=9 * MINUTE),
        Step(after=20 * MINUTE, buys="business"),
        *views("/pricing", "/account/seats", after=30 * MINUTE, every=9 * MINUTE),
    ),
    "left after a purchase": (
        Step(buys="business"),
        *views("/pricing", "/account/cancel", "/pricing", after=9 * MINUTE, every=9 * MINUTE),
    ),
    "left, then bought": (*views("/account/cancel", "/pricing"), Step(after=9 * MINUTE, buys="business")),
    "a refund": (
        *views("/pricing", "/plans/compare", every=9 * MINUTE),
        Step(after=20 * MINUTE, buys="team", kind=PurchaseKind.REFUNDED),
        *views("/contract", after=30 * MINUTE),
    ),
}
PATHS = (
    *("/pricing", "/pricing", "/pricing", "/plans/compare", "/limits", "/billing", "/contract"),
    *("/account/export", "/migration", "/faq/a", "/contact", "/app"),
)


def said(matter):
    return None if matter is None else (matter.rule_id, matter.alert_id, matter.occurred_at, matter.expires_at)


@pytest.mark.parametrize("name", HISTORIES)
def test_any_order_within_an_hour_ends_in_the_same_alert(name):
    events = steps(HISTORIES[name])

    assert {said(open_one(events))} == {said(open_one(order)) for order in permutations(events)}


def test_a_look_before_the_cooldown_ended_does_not_take_the_place_of_one_after_it():
    """The second look was within the cooldown of the first, the third is not; they change places on the way."""
    first, second, third = steps(
        views("/pricing"), views("/pricing", "/pricing", after=14 * DAY - MINUTE, every=2 * MINUTE)
    )

    assert third.occurred_at == open_one([first, second, third]).occurred_at
    assert said(open_one([first, second, third])) == said(open_one([first, third, second]))


def test_a_turn_and_back_within_an_hour_is_found_whatever_comes_first():
    """Limits are an upgrade, terms and bills a budget review again: the alert is that of the bills."""
    first, *rest = steps(views("/pricing"), views("/limits", "/contract", "/billing", after=2 * HOUR, every=MINUTE))

    assert rest[2].occurred_at == open_one([first, *rest]).occurred_at
    assert {said(open_one([first, *rest]))} == {said(open_one([first, *order])) for order in permutations(rest)}


def test_a_look_that_could_not_speak_takes_no_part():
    """Three hours ago they were no customer yet; of the two looks since, the later came first."""
    lead, look, active, second, third = steps(
        *(Step(becomes=Stage.LEAD), Step(after=MINUTE, views="/pricing"), Step(after=HOUR, becomes=Stage.ACTIVE)),
        views("/pricing", "/pricing", after=3 * HOUR, every=MINUTE),
    )

    assert second.occurred_at == open_one([lead, look, active, third, second]).occurred_at


def test_a_look_before_a_purchase_does_not_take_the_place_of_one_after_it():
    """Of the cancellation page: that before was answered by the purchase, that after is not."""
    before, bought, after = steps(
        Step(views="/account/cancel"),
        Step(after=20 * MINUTE, buys="business"),
        Step(after=40 * MINUTE, views="/account/cancel"),
    )

    assert said(open_one([before, bought, after])) == said(open_one([after, bought, before]))


def drawn(rng, after):
    """Return up to five steps within an hour."""
    minutes = sorted(rng.sample(range(59), rng.randrange(2, 6)))
    kinds = (PurchaseKind.COMPLETED, PurchaseKind.RENEWED, PurchaseKind.REFUNDED)
    return [
        Step(after=after + m * MINUTE, buys=rng.choice(("team", "business")), kind=rng.choice(kinds))
        if rng.random() < 0.15
        else Step(after=after + m * MINUTE, views=rng.choice(PATHS))
        for m in minutes
    ]


@pytest.mark.parametrize("seed", range(40))
def test_any_history_in_any_order_ends_in_the_same_alert(seed):
    events = steps(drawn(Random(seed), 0))

    assert {said(open_one(events))} == {said(open_one(order)) for order in islice(permutations(events), 0, None, 11)}


@pytest.mark.parametrize("seed", range(40))
def test_what_was_open_before_may_be_said_anew_but_never_otherwise(seed):
    """An alert older than the lateness that was replaced too early comes back with an id of its own."""
    rng = Random(seed)
    before = drawn(rng, 0)
    events, old = steps(before, drawn(rng, rng.choice((2 * HOUR, DAY, 6 * DAY)))), len(before)
    expected = open_one(events)

    for order in islice(permutations(events[old:]), 0, None, 17):
        found = open_one([*events[:old], *order])
        assert (expected and (expected.rule_id, expected.reading)) == (found and (found.rule_id, found.reading))
