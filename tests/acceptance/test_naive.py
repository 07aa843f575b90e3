"""The naive judge against histories worked out by hand: who judges is judged first."""

from collections import Counter

import pytest

from tests.acceptance.cases import CASES, PAGES, Case
from tests.acceptance.naive import CHURN, Verdict, alert_id, judge
from tests.acceptance.naive_pages import category_of
from tests.acceptance.wire import CANCEL, D, H, erase, profile, topics_of, view


def outcome(verdict: Verdict) -> dict[str, object]:
    """Return what a case states of a verdict."""
    unused: Counter[str] = Counter()
    for (_, word), count in verdict.counts.items():
        unused[word] += count
    return {
        "alerts": sorted((one["rule_id"], one["event_id"]) for one in verdict.alerts),
        "fates": sorted((one["rule_id"], one["event_id"], one["reason"]) for one in verdict.fates),
        "unused": {word: count for word, count in unused.items() if word != "used"},
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_history_ends_as_worked_out_by_hand(case: Case) -> None:
    """Alerts, fates and unused events are those of the table."""
    verdict = judge(topics_of(case.steps), alerts_from=case.alerts_from, judge_unknown=case.judge_unknown)
    expected = {"alerts": sorted(case.alerts), "fates": sorted(case.fates), "unused": case.unused}
    assert expected == outcome(verdict)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_event_is_counted_once(case: Case) -> None:
    """Events in are used, duplicates and ignored ones together."""
    verdict = judge(topics_of(case.steps), partitions=3)
    assert len(case.steps) == sum(verdict.counts.values())


@pytest.mark.parametrize(("path", "category"), PAGES)
def test_each_page_has_its_category(path: str, category: str) -> None:
    """Whole segments of the decoded path decide, on any host."""
    assert category == category_of("https://shop.example.co.jp:8443" + path)


def test_an_alert_says_whom_it_is_about() -> None:
    """The account is the view's own, else the profile's."""
    steps = [profile(0 * H, account_id="a1"), view("v", H, CANCEL), view("w", 2 * D, CANCEL, account_id="a2")]
    expected = [("c1", "a1", ["v"]), ("c1", "a2", ["w"])]
    alerts = judge(topics_of(steps)).alerts
    assert expected == [(one["customer_id"], one["account_id"], one["evidence"]) for one in alerts]


def test_an_alert_id_is_the_digest_that_the_page_gives() -> None:
    """The expected digits come from `printf '\\0\\0\\0\\1a\\0\\0\\0\\2bc\\0\\0\\0\\3\\343\\201\\202' | sha256sum`."""
    expected = "9ffea8869640ffeeba18793be9090665"
    assert expected == alert_id("a", "bc", "あ")


def test_partitions_are_merged_apart() -> None:
    """A customer in another partition does not hold back the records of this one."""
    steps = [erase(9 * D, "c4"), erase(H, "c1"), view("v", 0 * H, CANCEL), view("w", 2 * H, CANCEL)]
    expected = {1: 1, 2: 2}
    assert expected == {n: len(judge(topics_of(steps), partitions=n).alerts) for n in expected}


def test_staff_and_bots_are_whom_the_caller_names() -> None:
    """Both are asked with the whole view."""
    topics = topics_of([view("v", 0 * H, CANCEL, "c1"), view("w", 0 * H, CANCEL, "c2"), view("x", H, CANCEL, "c3")])
    verdict = judge(topics, is_bot=lambda one: one["event_id"] == "v", is_staff=lambda one: one["customer_id"] == "c2")
    expected = [(CHURN, "x")]
    assert expected == [(one["rule_id"], one["event_id"]) for one in verdict.alerts]
