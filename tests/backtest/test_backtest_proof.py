"""Alerts held against outcomes, counted by hand; and the median of the days ahead."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from statistics import median_low

import pytest

from stream_app.backtest.medians import median
from stream_app.backtest.outcomes import Outcomes
from stream_app.backtest.proof import Court, Span
from stream_app.core.alerts import Intent
from stream_app.core.shares import Share

FIRST, WITHIN, LAST = date(2026, 1, 1), 10, 99
RULE, OTHER = "churn.silent", "upgrade.interest"


def day(number):
    return FIRST + timedelta(days=number)


def held(alerts, churned, *, upgraded=()):
    """Return what is found of the rule where these alerts were said of c-1, and c-1 churned on these days."""
    days = {Intent.CHURN: tuple(map(day, churned)), Intent.UPGRADE: tuple(map(day, upgraded))}
    outcomes = Outcomes(
        {"c-1": {intent: of for intent, of in days.items() if of}}, max(map(day, [*churned, *upgraded]))
    )
    court = Court(outcomes, Span(day(0), day(LAST), WITHIN))
    for at in alerts:
        court.hear("c-1", RULE, Intent.CHURN, day(at))
    court.next_partition(lambda customer_id: customer_id == "c-1")
    return court.verdict({RULE: Intent.CHURN, OTHER: Intent.UPGRADE})


@pytest.mark.parametrize(
    ("alerts", "churned", "right", "wrong", "open_", "found", "of", "lead"),
    [
        ([], [50], 0, 0, 0, 0, 1, None),
        ([45], [50], 1, 0, 0, 1, 1, 5),
        ([50], [50], 1, 0, 0, 1, 1, 0),
        ([40], [50], 1, 0, 0, 1, 1, 10),
        ([39], [50], 0, 1, 0, 0, 1, None),
        ([51], [50], 0, 1, 0, 0, 1, None),
        ([45, 47, 48], [50], 1, 0, 0, 1, 1, 5),
        ([35, 44], [50], 1, 0, 0, 1, 1, 6),
        ([30, 45], [50], 1, 1, 0, 1, 1, 5),
        ([45, 52], [50], 1, 1, 0, 1, 1, 5),
        ([48, 50, 60], [50], 1, 1, 0, 1, 1, 2),
        ([45, 55], [50, 60], 2, 0, 0, 2, 2, 5),
        ([89], [95], 1, 0, 0, 1, 1, 6),
        ([90], [95], 0, 0, 1, 1, 1, 5),
        ([95], [50], 0, 0, 1, 0, 1, None),
        ([45], [50, 150], 1, 0, 0, 1, 1, 5),
    ],
)
def test_a_claim_is_right_wrong_or_open(alerts, churned, right, wrong, open_, found, of, lead):
    """Ten days are waited; a hundred days are in the history, and what happens after those is in nothing."""
    proof = held(alerts, churned).rules[0]

    assert (Share(right, right + wrong), open_, Share(found, of)) == (proof.precision, proof.open, proof.recall)
    assert lead == (proof.lead and proof.lead.value)


def test_an_outcome_bears_out_its_own_intents_alone():
    verdict = held([45], [50], upgraded=[46])

    assert [("churn", Share(1, 1)), ("upgrade", Share(0, 1))] == [(one.name, one.recall) for one in verdict.intents]
    assert [(RULE, Share(1, 1)), (OTHER, Share(0, 0))] == [(one.name, one.precision) for one in verdict.rules]


def test_strangers_and_what_lies_outside_are_told():
    days = {"c-1": {Intent.CHURN: (day(-1), day(5))}, "c-2": {Intent.CHURN: (day(200),), Intent.BUDGET: (day(200),)}}
    court = Court(Outcomes(days, day(200)), Span(day(0), day(LAST), WITHIN))
    court.next_partition(lambda customer_id: customer_id == "c-1")
    verdict = court.verdict({RULE: Intent.CHURN})

    assert (2, 1, 2) == (verdict.customers, verdict.strangers, verdict.outside)
    assert Share(0, 1) == verdict.intents[0].recall


class TestMedian:
    def test_of_nothing_and_of_one(self):
        alone = median([3])
        assert (None, (3, None, None, 1)) == (median([]), (alone.value, alone.low, alone.high, alone.of))

    def test_it_is_the_same_in_each_run(self):
        numbers = [Random(1).randrange(90) for _ in range(50)]
        assert median(numbers) == median(numbers[::-1])

    @pytest.mark.parametrize("size", [2, 5, 8, 41, 400])
    def test_its_interval_is_that_of_drawing_whole_samples(self, size):
        """Compared with the plain way, sample by sample; the ends may lie a few places apart by chance."""
        rng = Random(size)
        numbers = sorted(rng.sample(range(10 * size), size))
        drawn = sorted(median_low(rng.choices(numbers, k=size)) for _ in range(2_000))
        found = median(numbers)
        places = Counter({number: place for place, number in enumerate(numbers)})

        assert median_low(numbers) == found.value
        assert abs(places[found.low] - places[drawn[50]]) <= max(1, size // 50)
        assert abs(places[found.high] - places[drawn[1_950]]) <= max(1, size // 50)
