"""Six cells of lifetime value × NPS, and moves between them."""

from decimal import Decimal
from itertools import pairwise, permutations

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Cell
from stream_app.core.events import DAY, HOUR, MINUTE, InteractionKind, Tier
from stream_app.core.example import NOON
from stream_app.core.lifetime import YEAR
from stream_app.core.standing import answer_at, cell_at, standing_of
from stream_app.core.tuning import Loyalty, Tuning
from tests.core.customers import (
    LIMIT,
    RULES,
    TUNING,
    answers,
    buys,
    full,
    meets,
    moves,
    outcomes,
    profile,
    refunds,
    state_after,
)

HIGH, LOW = 100_000, 10_000  # yen, of a first order
OF_FIRST = LIMIT * 90 / 1095  # what a first order must be for the value to be the limit
CELLS = {
    "高LTV 批判者 離脱候補者": (HIGH, 0, 6, Cell.LEAVING),
    "高LTV 中立者 ロイヤルカスタマー候補者": (HIGH, 7, 8, Cell.ALMOST_LOYAL),
    "高LTV 推奨者 ロイヤルカスタマー": (HIGH, 9, 10, Cell.LOYAL),
    "低LTV 批判者 非協力者": (LOW, 0, 6, Cell.UNCOOPERATIVE),
    "低LTV 中立者 一般顧客": (LOW, 7, 8, Cell.ORDINARY),
    "低LTV 推奨者 広報担当者 (ファン)": (LOW, 9, 10, Cell.FAN),
}


@pytest.mark.parametrize(("amount", "first", "last", "cell"), CELLS.values(), ids=CELLS)
def test_the_six_cells(amount, first, last, cell):
    """The first and the last answer of each group; the move says what it rests on."""
    for score in (first, last):
        *_, outcome = outcomes([buys(0, amount), answers(HOUR, score)])

        assert (cell, cell) == (outcome.state.cell, standing_of(outcome.state, NOON + HOUR, TUNING, RULES.days).cell)
        assert (None, cell, score, "JPY") == (
            outcome.move.before,
            outcome.move.after,
            outcome.move.nps,
            outcome.move.currency,
        )
        assert str(round(Decimal(amount) * 1095 / 90)) == outcome.move.lifetime_value


@pytest.mark.parametrize(
    "events",
    {
        "nobody asked them": [buys(0, HIGH)],
        "they bought nothing": [answers(0, 9)],
        "no amount is set for the currency": [buys(0, HIGH, "CHF"), answers(1, 9)],
        "the currency of most orders has no amount": [
            buys(0, HIGH),
            buys(1, 1, "CHF"),
            buys(2, 1, "CHF"),
            answers(3, 9),
        ],
        "all was refunded": [buys(0, HIGH, order_id="a"), refunds(1, "a"), answers(2, 9)],
        "the answer has no score": [buys(0, HIGH), meets(1, InteractionKind.NPS)],
    }.values(),
)
def test_unknown_is_unknown(events):
    assert ([], None) == (moves(events), state_after(*events).cell)


def test_an_answer_goes_stale():
    """After a year nothing is known any more, and that is a move that time made."""
    events = [buys(0, LOW), answers(HOUR, 9)]
    found = outcomes(events, YEAR + 2 * HOUR)
    move = found[-1].move

    assert [(HOUR, None, Cell.FAN), (YEAR + HOUR, Cell.FAN, None)] == moves(events, YEAR + 2 * HOUR)
    assert ("", None) == (move.event_id, move.nps)
    assert None is answer_at(found[-1].state, NOON + HOUR + YEAR, TUNING)
    assert 9 == answer_at(found[-1].state, NOON + HOUR + YEAR - 1, TUNING).score


def test_how_long_an_answer_counts_is_set():
    rules = full(replace(TUNING, loyalty=replace(TUNING.loyalty, nps_stale=30 * DAY)))

    assert [(0, None, Cell.FAN), (30 * DAY, Cell.FAN, None)] == moves([buys(0, LOW), answers(0, 9)], 31 * DAY, rules)


@pytest.mark.parametrize(
    ("held", "share", "high"),
    [
        (None, "1", True),
        (None, "0.99", False),
        (Cell.LEAVING, "0.91", True),
        (Cell.LEAVING, "0.9", False),
        (Cell.FAN, "1.09", False),
        (Cell.FAN, "1.1", True),
    ],
)
def test_a_value_near_the_limit_stays_on_its_side(held, share, high):
    """It must be a tenth beyond, unless nothing was known before."""
    state = state_after(buys(0, OF_FIRST * Decimal(share)), answers(0, 9))

    assert (Cell.LOYAL if high else Cell.FAN) is cell_at(state, NOON, TUNING, held)


def test_oscillation_moves_at_most_once_a_dwell():
    """An answer every day, by turns 3 and 9, for two months."""
    found = moves([buys(0, LOW), *(answers(day * DAY, 9 if day % 2 else 3) for day in range(1, 61))], 70 * DAY)

    assert len(found) > 5
    assert all(later[0] - earlier[0] >= 7 * DAY for earlier, later in pairwise(found))


def test_orders_and_refunds_move_at_most_once_a_dwell():
    """A large order that comes and goes, day by day."""
    orders = [buys(day * DAY, HIGH * 5, order_id=f"o-{day}") for day in range(1, 40, 2)]
    undone = [refunds(day * DAY, f"o-{day - 1}") for day in range(2, 41, 2)]
    events = sorted([buys(0, LOW), answers(1, 9), *orders, *undone], key=lambda event: event.occurred_at)
    found = moves(events, 60 * DAY)

    assert len(found) > 3
    assert all(later[0] - earlier[0] >= 7 * DAY for earlier, later in pairwise(found))


def test_a_move_that_had_to_wait_is_made_when_the_dwell_is_over():
    """By time alone, to the minute."""
    events = [buys(0, LOW), answers(30, 9), answers(DAY, 3)]

    assert [(30, None, Cell.FAN), (7 * DAY + MINUTE, Cell.FAN, Cell.UNCOOPERATIVE)] == moves(events, 8 * DAY)


def test_what_happens_after_the_dwell_does_not_delay_the_move():
    """An event may come before time has reached the moment at which time alone would have moved them."""
    events = [buys(0, LOW), answers(0, 9), answers(DAY, 3), meets(7 * DAY + 10 * MINUTE, InteractionKind.INQUIRY)]

    assert [(0, None, Cell.FAN), (7 * DAY, Cell.FAN, Cell.UNCOOPERATIVE)] == moves(events)


def test_who_buys_no_more_is_no_longer_of_high_value():
    """One order of 100,000 yen is 900,000 in three years if 122 days have passed since."""
    found = moves([buys(0, HIGH), answers(0, 9)], 200 * DAY)

    assert [(None, Cell.LOYAL), (Cell.LOYAL, Cell.FAN)] == [move[1:] for move in found]
    assert 121 * DAY < found[1][0] < 122 * DAY


ONE_HOUR = {
    "two answers": [buys(0, LOW), answers(10 * MINUTE, 3), answers(20 * MINUTE, 9)],
    "more bought after the answer": [buys(0, LOW), answers(10 * MINUTE, 9), buys(20 * MINUTE, 10 * HIGH)],
    "known before, and the answer turns twice": [
        answers(0, 9),
        buys(5 * MINUTE, LOW),
        answers(9 * MINUTE, 7),
        answers(30 * MINUTE, 2),
    ],
    "near the limit": [
        buys(0, OF_FIRST * Decimal("0.98")),
        answers(MINUTE, 9),
        buys(40 * MINUTE, OF_FIRST * Decimal("0.05")),
    ],
}


@pytest.mark.parametrize("events", ONE_HOUR.values(), ids=ONE_HOUR)
@pytest.mark.parametrize("known", [(), (buys(-8 * DAY, LOW), answers(-8 * DAY, 10))], ids=["new", "known"])
@pytest.mark.parametrize("until", [None, DAY, 30 * DAY])
def test_the_order_in_which_events_come_does_not_count(events, known, until):
    """The cell is the same in the end, and since when it is held."""
    state = state_after(*known, *events, until=until)
    expected = (state.cell, state.cell_since, state.cell_before)

    for others in permutations(events):
        other = state_after(*known, *others, until=until)
        assert expected == (other.cell, other.cell_since, other.cell_before)


def test_what_an_alert_says():
    """Value, answer, cell and where they came from, whom they heard from and how they should be looked after."""
    known = profile(name="c", tier=Tier.LOW)
    state = state_after(
        known,
        buys(0, LOW, campaign="a"),
        answers(0, 9),
        buys(8 * DAY, 3 * HIGH, campaign="b"),
        meets(9 * DAY, InteractionKind.CONTACTED),
    )
    found = standing_of(state, NOON + 10 * DAY, TUNING, RULES.days)

    assert (str(round(310_000 * 1095 / 90)), "JPY", 9) == (found.lifetime_value, found.currency, found.nps)
    assert (Cell.LOYAL, Cell.FAN, Tier.HIGH, True) == (
        found.cell,
        found.moved_from,
        found.proposed_tier,
        found.campaign_only,
    )
    assert NOON + 9 * DAY == found.contacted_at
    later = standing_of(state, NOON + 16 * DAY, TUNING, RULES.days)
    assert (None, None) == (later.moved_from, later.contacted_at)


@pytest.mark.parametrize(("days", "proposed"), [(27, None), (28, Tier.TECH)])
def test_less_is_proposed_only_for_somebody_who_was_there_long_enough(days, proposed):
    """Of who is newer nobody knows how seldom they come."""
    state = state_after(profile(name="c", tier=Tier.HIGH), buys(0, LOW))

    assert proposed is standing_of(state, NOON + days * DAY, TUNING, RULES.days).proposed_tier


def test_simple_knows_no_cells():
    assert [] == moves([buys(0, HIGH), answers(0, 9)], rules=type(RULES)(tuning=TUNING))


def test_a_dwell_is_set():
    rules = full(Tuning(loyalty=Loyalty(high={"JPY": LIMIT}, dwell=DAY)))

    assert [Cell.FAN, Cell.ORDINARY] == [
        to for _, _, to in moves([buys(0, LOW), answers(0, 9), answers(DAY, 8)], rules=rules)
    ]
