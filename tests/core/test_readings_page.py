"""The page on readings tells the truth: its table is the one that counts, its figures are what comes out."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stream_app.core.alerts import Reading
from stream_app.core.events import DAY, PageView
from stream_app.core.example import SITE
from stream_app.core.hypotheses import told
from stream_app.core.readings import HALF_LIFE, LEAVING, POINTS, points_of
from tests.core.contract_histories import RULES, played

PAGE = (Path(__file__).parents[2] / "docs" / "readings.md").read_text(encoding="utf-8")
TOKYO = ZoneInfo("Asia/Tokyo")
COLUMNS = (Reading.UPGRADE, Reading.BUDGET, Reading.DOUBT, LEAVING)
EXAMPLES = dict(part.split("\n", 1) for part in PAGE.split("\n### ")[1:])


def rows(text, header):
    """Return the cells of the table under a header."""
    lines = text.split(f"| {header} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def events(example):
    return [
        PageView(
            event_id=f"v-{number}",
            customer_id="c",
            occurred_at=int(datetime.fromisoformat(when).replace(tzinfo=TOKYO).timestamp()) * 1_000_000,
            url=SITE + path,
        )
        for number, (when, path) in enumerate(rows(example, "when | what"))
    ]


def test_the_table_is_the_one_that_counts():
    table = rows(PAGE, "what | upgrade | budget | doubt | leaving | half-life")
    expected = [
        [word, *(f"{points[one]:g}" if one in points else "" for one in COLUMNS), HALF_LIFE.get(word)]
        for word, points in POINTS.items()
    ]

    assert expected == [[*cells[:5], int(cells[5].split()[0]) * DAY if cells[5] else None] for cells in table]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_figures_are_what_comes_out(name):
    example = EXAMPLES[name]
    state, alerts, _, _ = played(events(example))
    tale = told(state, RULES.tuning, RULES.pages, RULES.days)
    points = points_of(tale.weights)

    assert rows(example, "reading | points | confidence") == [
        [one.reading, f"{points[one.reading]:.2f}", f"{one.confidence:.2f}"] for one in tale.readings
    ]
    assert re.findall(r"`([^`]+)`", example.split("\nSaid: ")[1]) == [alert.rule_id for alert in alerts]
    assert name.rsplit(": ")[-1] in {tale.reading, "it turns"}


def test_there_are_five_examples():
    assert 5 == len(EXAMPLES)
