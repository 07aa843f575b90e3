"""`stream-app evaluate`: what is found, missed and invented, counted by hand and over small simulated months."""

import json
from datetime import date, timedelta

import pytest

from stream_app.cli import main
from stream_app.core.alerts import Intent, PublishedAlert
from stream_app.core.rules import RULES
from stream_app.core.shares import Share
from stream_app.core.tuning import Feed
from stream_app.evaluation.fits import FITS
from stream_app.evaluation.verdict import Spoken, verdict
from stream_app.rehearsal import Rehearsal, rehearsed
from stream_app.settings import Settings
from stream_app.testing.simulator import Persona, Truth

SHOWS, TURNS = date(2026, 6, 10), date(2026, 6, 20)
KNOWN = {
    "leaver": Truth(persona=Persona.LEAVER, shows_from=SHOWS, turns_on=TURNS),
    "leaver-2": Truth(persona=Persona.LEAVER, shows_from=SHOWS, turns_on=TURNS),
    "doubter": Truth(persona=Persona.DOUBTER, shows_from=SHOWS, turns_on=TURNS),
    "healthy": Truth(persona=Persona.HEALTHY, shows_from=date(2026, 6, 1), turns_on=None),
}
PAGE, DATE = "churn.cancellation-page", "budget.renewal-window"


def spoken(customer, day, rule_id=PAGE, intent=Intent.CHURN):
    return Spoken(rule_id=rule_id, intent=intent, customer_id=customer, day=TURNS + timedelta(days=day))


def test_of_every_rule_is_written_down_whom_it_should_find():
    assert {rule.id for rule in RULES} == set(FITS)


@pytest.mark.parametrize(
    ("said", "right", "invented", "missed", "lead"),
    [
        ([], 0, 0, 2, None),
        ([spoken("leaver", -3)], 1, 0, 1, 3),
        ([spoken("leaver", -3), spoken("leaver", 2)], 1, 0, 1, 3),
        ([spoken("leaver", 2), spoken("leaver-2", -5)], 2, 0, 0, 1.5),
        ([spoken("leaver", -10)], 1, 0, 1, 10),
        ([spoken("leaver", -11)], 0, 1, 2, None),
        ([spoken("leaver", -11), spoken("leaver", 0)], 1, 1, 1, 0),
        ([spoken("healthy", 0), spoken("healthy", 9)], 0, 1, 2, None),
        ([spoken("somebody else", 0)], 0, 0, 2, None),
    ],
)
def test_a_rule_is_right_about_whom_it_is_true_of_once_it_shows(said, right, invented, missed, lead):
    rule = verdict(said, KNOWN, [PAGE]).rules[0]
    assert (right, invented, missed, lead) == (
        rule.right,
        rule.invented,
        rule.recall.whole - rule.recall.part,
        rule.lead,
    )
    assert Share(right, right + invented) == rule.precision


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([spoken("leaver", 0)], 1),
        ([spoken("leaver", -11)], 0),
        ([spoken("leaver", 0, "churn.detractor")], 1),
        ([spoken("leaver", 0, "support.lost", Intent.SUPPORT)], 0),
        ([spoken("leaver", 0, "budget.value-doubt", Intent.BUDGET)], 0),
    ],
)
def test_a_customer_is_found_by_an_alert_of_an_intent_that_fits(said, found):
    leavers = next(one for one in verdict(said, KNOWN, [PAGE]).personas if one.persona is Persona.LEAVER)
    assert Share(found, 2) == leavers.found


@pytest.mark.parametrize(("rule_id", "found"), [("budget.value-doubt", 1), ("budget.review", 0), (DATE, 0)])
def test_what_is_untrue_or_tells_nothing_of_the_customer_finds_nobody(rule_id, found):
    personas = verdict([spoken("doubter", 0, rule_id, Intent.BUDGET)], KNOWN, []).personas
    assert Share(found, 1) == next(one for one in personas if one.persona is Persona.DOUBTER).found


def test_a_fact_is_true_of_everybody_and_finds_nobody():
    found = verdict([spoken("healthy", 0, DATE, Intent.BUDGET)], KNOWN, [DATE])
    healthy = next(one for one in found.personas if one.persona is Persona.HEALTHY)
    assert (1, 0, None, None) == (
        found.rules[0].right,
        found.rules[0].invented,
        found.rules[0].precision,
        healthy.found,
    )
    assert ({DATE: 1}, {}, 0) == (healthy.right, healthy.invented, healthy.wronged)


def test_simulated_time_goes_on_to_the_end_of_the_last_day():
    """With this seed two contracts come up for renewal from the midnight on that ends the last day."""
    rehearsal = Rehearsal(seed=5, customers=40, days=14, people=2)
    told = list(rehearsed(rehearsal, Settings(feeds=tuple(Feed)).rule_set()))
    last = [one.rule_id for at, one in told if at == rehearsal.end - 1 and isinstance(one, PublishedAlert)]
    assert [DATE, DATE] == last
    assert sorted(at for at, _ in told) == [at for at, _ in told]


class TestCommand:
    @pytest.fixture(autouse=True)
    def _nowhere(self, tmp_path, monkeypatch):
        """No settings file in the current folder."""
        monkeypatch.chdir(tmp_path)

    def evaluated(self, capsys, *arguments):
        assert main(["evaluate", "--customers", "30", "--days", "10", *arguments]) == 0
        return capsys.readouterr().out

    def test_the_same_seed_gives_the_same_for_programs(self, capsys):
        first, second = (self.evaluated(capsys, "--json") for _ in range(2))
        assert first == second
        found = json.loads(first)
        assert (7, 30, 10, "full") == (found["seed"], found["customers"], found["days"], found["rules"])
        assert [*Persona] == [row["persona"] for row in found["by_persona"]]
        assert 30 == sum(row["customers"] for row in found["by_persona"])

    def test_the_full_set_has_every_feed_and_the_simple_one_four_rules(self, capsys):
        full, simple = (json.loads(self.evaluated(capsys, "--json", "--rules", rules)) for rules in ("full", "simple"))
        assert {"churn.silent", "support.missed-follow-up"} < {row["rule"] for row in full["by_rule"]}
        assert 4 == len(simple["by_rule"])

    def test_people_see_the_tables_with_their_seed(self, capsys):
        said = self.evaluated(capsys, "--seed", "8")
        wanted = ("Seed 8, 30 customers, 10 days", "Missed", "Invented", "Precision", "Digest lines", "cs-1@example")
        assert [] == [text for text in wanted if text not in said]
        assert max(map(len, said.splitlines())) <= 120
