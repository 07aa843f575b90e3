"""The examples that `stream-app rules` shows are true."""

import pytest

from stream_app.core.examples import EXAMPLES, of_rule
from stream_app.core.pipeline import RuleSet, process
from stream_app.core.rules import RULES
from stream_app.core.state import UNKNOWN_CUSTOMER


def spoke(example):
    """Return which rules speak at the last step of an example."""
    state, rules, alerts = UNKNOWN_CUSTOMER, RuleSet(), ()
    for event in example.events:
        outcome = process(event, state, rules)
        state, alerts = outcome.state, outcome.alerts
    return {alert.rule_id for alert in alerts}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.rule_id}: {example.story}")
def test_the_rule_speaks_exactly_where_it_is_said_to(example):
    assert example.fires == (example.rule_id in spoke(example))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_one_that_fires_and_one_that_does_not(rule):
    assert of_rule(rule.id, fires=True)
    assert of_rule(rule.id, fires=False)


def test_there_is_none_of_a_rule_that_is_gone():
    assert {rule.id for rule in RULES} == {example.rule_id for example in EXAMPLES}


def test_a_story_tells_every_step():
    stories = [example.story for example in of_rule("upgrade.pricing-after-purchase", fires=True)]

    assert ["buys plan team for 30000 JPY, 9 days in: views /pricing"] == stories
