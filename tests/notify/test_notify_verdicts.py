"""Every worker tells what is said of each rule, of all partitions, and counts the same after a restart."""

from math import isnan

import pytest

from stream_app.codec.notify import encode_feedback
from stream_app.core.notify.orders import VERDICTS, Action
from stream_app.core.notify.verdicts import Verdict
from stream_app.core.shares import Share
from stream_app.notify.clock import SystemClock
from stream_app.notify.metrics import Bound, NotifyMetrics
from stream_app.notify.verdicts import verdicts_measured
from stream_app.playbooks import BOOK_OF
from tests.core.notify.test_verdicts import word
from tests.notify.stage import Stage, partition_for, until

RULE = "churn.cancellation-page"
LATER = 1_780_000_000_000_000


def words(metrics):
    """Return how often each word stands in the metrics for the rule."""
    return tuple(
        metrics.registry.get_sample_value("cs_feedback_words", {"rule": RULE, "word": each}) for each in VERDICTS
    )


def precision(metrics):
    return tuple(
        metrics.registry.get_sample_value("cs_rule_precision", {"rule": RULE, "bound": each}) for each in Bound
    )


def series(metrics):
    return {
        (sample.name, *sample.labels.values())
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name in ("cs_feedback_words", "cs_rule_precision")
    }


def test_before_anybody_says_anything_nothing_is_claimed():
    metrics = NotifyMetrics()

    assert (0.0, 0.0, 0.0) == words(metrics)
    assert all(map(isnan, precision(metrics)))


def test_there_are_as_many_series_as_rules_and_words_whatever_comes():
    metrics = NotifyMetrics()
    before = series(metrics)
    metrics.said({f"rule-{number}": Verdict(useful=1) for number in range(1000)})

    assert before == series(metrics)
    assert len(BOOK_OF) * (len(VERDICTS) + len(Bound)) == len(before)


def test_what_is_known_no_more_is_claimed_no_more():
    metrics = NotifyMetrics()
    metrics.said({RULE: Verdict(useful=3, not_useful=1, too_early=2)})

    assert (3.0, 1.0, 2.0) == words(metrics)
    assert (0.75, *Share(3, 4).bounds) == precision(metrics)
    metrics.said({})
    assert ((0.0, 0.0, 0.0), True) == (words(metrics), all(map(isnan, precision(metrics))))


def press(customer, action, at):
    return customer.encode(), encode_feedback(word(action, at=at, alerts=[f"{hash_of(customer):032x}"], rule=RULE))


def hash_of(customer):
    return int.from_bytes(customer.encode())


@pytest.mark.kafka
async def test_all_partitions_are_read_and_the_last_word_counts(kafka, tmp_path):
    stage = Stage(kafka.bootstrap_servers, f"v{tmp_path.name[-12:]}{id(tmp_path)}")
    await stage.create()
    topic, customers = stage.topics.feedback, ["c-1", "c-2", "c-3", "c-4"]
    assert {0, 1} == {partition_for(each.encode()) for each in customers}
    await stage.write(topic, [press(each, Action.USEFUL, LATER) for each in customers] + [(b"c-1", b"no feedback")])
    first, second = NotifyMetrics(), NotifyMetrics()

    async with verdicts_measured(stage.place, first, SystemClock()):
        await until(lambda: words(first) == (4.0, 0.0, 0.0))
        await stage.write(
            topic, [press("c-1", Action.NOT_USEFUL, LATER + 1), press("c-2", Action.TOO_EARLY, LATER + 1)]
        )
        await stage.write(topic, [press("c-3", Action.NOT_USEFUL, LATER - 1)])  # heard late, said before
        await until(lambda: words(first) == (2.0, 1.0, 1.0))
    async with verdicts_measured(stage.place, second, SystemClock()):
        await until(lambda: words(second) == words(first))

    assert precision(first) == precision(second) == (2 / 3, *Share(2, 3).bounds)
