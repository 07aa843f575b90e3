"""The product against the naive judge: on every history both must say the same."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from stream_app.core.events import PageView
from stream_app.core.pages import PageTable
from stream_app.core.patterns import default_patterns
from tests.acceptance.cases import CASES, PAGES, Case
from tests.acceptance.naive import Topics, Verdict, Wire, judge
from tests.acceptance.product import decoded, product_verdict
from tests.acceptance.strategies import STAFF, histories
from tests.acceptance.test_naive import outcome
from tests.acceptance.wire import START, D, H, topics_of, view

starts = st.sampled_from([None, None, None, None, START + H, START + 3 * D, START + 60 * D])


def said(verdict: Verdict) -> dict[str, object]:
    """Return all that is compared: what was said and held back in order, and the counts."""
    return {
        "alerts": [_without(one, "occurred_at", "evidence") for one in verdict.alerts],
        "fates": [_without(one) for one in verdict.fates],
        "counts": {"/".join(key): count for key, count in sorted(verdict.counts.items())},
    }


def _without(found: Wire, *keys: str) -> Wire:
    return {key: value or None for key, value in found.items() if key not in keys}


def loose_ends(alerts: Iterable[Wire]) -> list[str]:
    """Return the ids of alerts whose evidence lacks the view that triggered them."""
    return [one["alert_id"] for one in alerts if one["event_id"] not in one["evidence"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_history_ends_as_worked_out_by_hand(case: Case) -> None:
    """The table that the judge was tried with holds for the product."""
    verdict = product_verdict(topics_of(case.steps), alerts_from=case.alerts_from, judge_unknown=case.judge_unknown)
    expected = {"alerts": sorted(case.alerts), "fates": sorted(case.fates), "unused": case.unused}
    assert expected == outcome(verdict)


@pytest.mark.parametrize(("path", "category"), PAGES)
def test_each_page_has_its_category(path: str, category: str) -> None:
    """The default patterns read a URL as the judge does."""
    read = decoded(*view("v", 0 * H, path))
    assert isinstance(read, PageView)
    assert category == PageTable(default_patterns(coarse=True), coarse=True).page(read.url).category


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    topics=histories(),
    partitions=st.sampled_from([1, 1, 2, 5]),
    alerts_from=starts,
    judge_unknown=st.sampled_from([True, True, True, False]),
)
def test_product_and_judge_say_the_same(
    topics: Topics, partitions: int, alerts_from: datetime | None, judge_unknown: bool
) -> None:
    """The same alerts with the same ids, the same fates, the same counts."""
    expected = judge(
        topics,
        partitions=partitions,
        alerts_from=alerts_from,
        judge_unknown=judge_unknown,
        is_staff=lambda one: one["customer_id"] == STAFF,
    )
    actual = product_verdict(topics, partitions=partitions, alerts_from=alerts_from, judge_unknown=judge_unknown)
    for one in expected.alerts:
        event(f"alert {one['rule_id']}")
    for one in expected.fates:
        event(f"{one['reason']} {one['rule_id']}")
    assert said(expected) == said(actual)
    assert not loose_ends(actual.alerts)
