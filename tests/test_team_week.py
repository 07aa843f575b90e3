"""`stream-app routes week`: a simulated team's week, for people and for programs."""

import json

import pytest

from stream_app.cli import main
from stream_app.rehearsal import Rehearsal, rehearsed
from stream_app.settings import Settings
from stream_app.team_week import DAYS, Count, week

BEARABLE = 5
"""Accounts that a person in customer success can contact a day."""


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    """No settings file in the current folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def found():
    settings = Settings(rules={"set": "simple"})
    rehearsal = Rehearsal(seed=7, customers=200, days=DAYS, people=5)
    return week(rehearsed(rehearsal, settings.rule_set()), rehearsal, settings.notify_rules())


def test_a_team_of_five_and_their_channel_are_told_something(found):
    assert ["#customer-success", *(f"cs-{n}@example.co.jp" for n in range(1, 6))] == [one.name for one in found.readers]
    assert 0 < found.fates["delivered"]
    assert 0 < found.fates["digested"]


def test_nobody_is_pushed_more_than_can_be_borne(found):
    assert {} == {one.name: one.most for one in found.readers if one.most[Count.PUSHES] > BEARABLE}


def test_the_same_seed_gives_the_same_week_for_programs(capsys):
    arguments = ["routes", "week", "--customers", "40", "--people", "2", "--json"]
    assert (0, 0) == (main(arguments), main(arguments))
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == second
    assert ("2026-06-22", "2026-06-28") == (first["first"], first["last"])


def test_people_see_a_row_for_each_reader(capsys):
    assert main(["routes", "week", "--customers", "40", "--people", "2"]) == 0
    said = capsys.readouterr().out
    assert [] == [
        text
        for text in ("2026-06-22", "Pushes", "Thread additions", "Digest lines", "#customer-success")
        if text not in said
    ]
