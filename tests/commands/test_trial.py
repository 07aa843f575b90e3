"""A test message may be of any rule: one that looks at pages, one that hears of something, one that time asks."""

import pytest
from msgspec.structs import replace

from stream_app.commands.trial import example_of, trial
from stream_app.core.alerts import OUTAGE
from stream_app.core.events import DAY, InteractionKind
from stream_app.core.example import Step, speaks
from stream_app.core.pages import PageCategory, PageTable
from stream_app.core.patterns import DEFAULT_PATTERNS
from stream_app.core.rules import FULL, RULES, SIMPLE
from stream_app.settings import load

MORNING = 1_780_880_400_000_000  # 2026-06-08 10:00 in Tokyo


@pytest.fixture
def lead(tmp_path):
    """The alert of a test message through a route for these rules, with this set."""

    def found(rule_id, name="full"):
        file = tmp_path / "x.toml"
        file.write_text(f"[rules]\nset = '{name}'\n[[routes]]\nname = 'r'\nrule = ['{rule_id}']\nchannel = '#cs'\n")
        (message,) = trial(load(file, {}), "r", MORNING).messages
        return message.lead

    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_can_be_tried_whatever_the_set(lead, rule):
    alerts = [lead(rule.id, name) for name in ("full", "simple")]

    assert [(rule.id, rule.intent, MORNING)] * 2 == [(one.rule_id, one.intent, one.occurred_at) for one in alerts]
    assert [] == [seen for one in alerts for seen in one.evidence if seen.occurred_at > MORNING]
    assert PageCategory.OTHER not in {seen.category for one in alerts for seen in one.evidence}


@pytest.mark.parametrize(("name", "rules"), [("full", FULL), ("simple", SIMPLE)])
def test_rules_of_the_chosen_set_come_first(lead, name, rules):
    for intent in {rule.intent for rule in rules}:
        first = next(rule for rule in rules if rule.intent is intent)
        assert first.id == lead(f"{intent}.*", name).rule_id


def test_what_a_rule_saw_is_shown_when_it_was_whatever_it_was():
    """A purchase, a page that says nothing, a complaint; since then nothing but the passing of time."""
    example = speaks(
        Step(buys="team", amount=5),
        Step(views="/nothing", after=DAY),
        Step(meets=InteractionKind.COMPLAINT, after=DAY),
        Step(after=4 * DAY),
    )
    found = example_of(replace(RULES[0], examples=(example,)), PageTable(DEFAULT_PATTERNS), MORNING)

    assert [("completed", "5", MORNING - 4 * DAY), ("complaint", "", MORNING - 3 * DAY)] == [
        (seen.category, seen.amount, seen.occurred_at) for seen in found
    ]


def test_a_route_for_the_site_alone_is_tried_with_some_alert(lead):
    assert lead(OUTAGE).rule_id == FULL[0].id
