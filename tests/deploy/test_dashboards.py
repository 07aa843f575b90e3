"""The dashboards ask for what the workers expose, and nothing else."""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from promql_parser import MatchOp

from tests.deploy.queries import PROMETHEUS_LABELS, exposed, parsed, selectors

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "deploy" / "grafana"
BOARDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (GRAFANA / "dashboards").iterdir()}
PANELS = [(name, panel) for name, board in BOARDS.items() for panel in board["panels"] if panel["type"] != "row"]
EXPOSED = exposed()

of_each_panel = pytest.mark.parametrize(
    ("board", "panel"), PANELS, ids=lambda each: each["title"] if isinstance(each, dict) else each
)


def asked_values(matcher):
    """Return the values that a matcher names."""
    return matcher.value.split("|") if matcher.op in (MatchOp.Re, MatchOp.NotRe) else [matcher.value]


def unknown(expression, legend=""):
    """Return what a query asks for that no worker exposes: names, labels, values of labels."""
    found = []
    for selector, by in selectors(parsed(expression)):
        labels = EXPOSED.get(selector.name)
        if labels is None:
            found.append(selector.name)
            continue
        matchers = selector.matchers.matchers
        asked = {*by, *(matcher.name for matcher in matchers), *re.findall(r"\{\{(\w+)\}\}", legend)}
        found += sorted(asked - set(labels) - PROMETHEUS_LABELS)
        found += [
            value
            for matcher in matchers
            for value in asked_values(matcher)
            if value not in labels.get(matcher.name, {value})
        ]
    return found


@of_each_panel
def test_every_query_asks_for_what_is_exposed(board, panel):
    assert [] == [each for query in panel["targets"] for each in unknown(query["expr"], query["legendFormat"])]


@pytest.mark.parametrize(
    ("expression", "legend", "expected"),
    [
        ("sum by (intent) (rate(cs_alerts_total[5m]))", "{{intent}}", []),
        ("rate(cs_alerts[5m])", "", ["cs_alerts"]),
        ("max(cs_parked) - sum by (queue) (cs_parked)", "", ["queue"]),
        ("cs_parked", "{{queue}}", ["queue"]),
        ('cs_deliveries_total{fate=~"delivered|sent"}', "", ["sent"]),
        ('(1 - cs_messages{stage="sleeping"})', "", ["sleeping"]),
    ],
)
def test_what_is_not_exposed_is_found(expression, legend, expected):
    assert expected == unknown(expression, legend)


@of_each_panel
def test_every_panel_says_what_it_shows_and_has_its_source_provisioned(board, panel):
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
    sources = {each["datasource"]["uid"] for each in (panel, *panel["targets"])}
    assert ({source["uid"]}, True) == (sources, bool(panel["title"] and panel["description"]))


@of_each_panel
def test_the_lead_reads_both_languages(board, panel):
    """NPS is NPS."""
    bilingual = bool(
        re.search(r"[ぁ-んァ-ヶ一-龠]", panel["description"]) and re.search("[a-z]{4}", panel["description"])
    )
    assert (board == "customer-success") == bilingual


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_no_two_panels_stand_in_one_place(board):
    def cells(panel):
        at = panel["gridPos"]
        return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}

    assert [] == [(a["title"], b["title"]) for a, b in combinations(board["panels"], 2) if cells(a) & cells(b)]
    assert 24 >= max(panel["gridPos"]["x"] + panel["gridPos"]["w"] for panel in board["panels"])
    assert len(board["panels"]) == len({panel["id"] for panel in board["panels"]})
