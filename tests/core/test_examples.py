"""The examples that `stream-app rules` shows are true."""

import pytest
from msgspec.structs import replace

from stream_app.core.course import course
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import FULL, RULES, SIMPLE
from stream_app.core.tuning import Feed, Tuning

EVERYTHING = Tuning(feeds=frozenset(Feed))
RULE_SETS = {
    "simple": RuleSet(tuning=EVERYTHING),
    "full": RuleSet(name=RuleSetName.FULL, rules=FULL, tuning=EVERYTHING),
}
CASES = [
    pytest.param(RULE_SETS[name], rule.id, example, id=f"{name}: {rule.id}: {example.story}")
    for name, rules in (("simple", SIMPLE), ("full", FULL))
    for rule in rules
    for example in rule.examples
]


def said(example, rules):
    """Return what is said of a history up to its end, as (rule, id)."""
    outcomes = course(example.events, rules, example.until)
    return {(alert.rule_id, alert.alert_id) for outcome in outcomes for alert in outcome.alerts}


def spoke(example, rules):
    """Return which rules speak at the last step of an example."""
    before = said(replace(example, steps=example.steps[:-1]), rules) if len(example.steps) > 1 else set()
    return {rule_id for rule_id, _ in said(example, rules) - before}


@pytest.mark.parametrize(("rules", "rule_id", "example"), CASES)
def test_the_rule_speaks_exactly_where_it_is_said_to(rules, rule_id, example):
    assert example.fires == (rule_id in spoke(example, rules))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_one_that_fires_and_one_that_does_not(rule):
    assert {True, False} == {example.fires for example in rule.examples}


def test_a_story_tells_every_step():
    rule = next(rule for rule in RULES if rule.id == "upgrade.pricing-after-purchase")

    assert "buys plan team for 30000 JPY, 9 days in: views /pricing" == rule.examples[0].story
