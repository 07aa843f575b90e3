"""The page on the rules is what the program does; `python -m tests.docs.rules_page` writes it anew."""

import re

import pytest

from stream_app.core.rules import RULES
from stream_app.settings import Settings
from tests.docs.asked_of import settings_of
from tests.docs.rules_page import FILE, page
from tests.docs.windows import WINDOWS


def test_the_page_is_as_written_from_the_rules():
    assert page() == FILE.read_text(encoding="utf-8")


def test_every_rule_says_what_it_looks_at():
    assert {rule.id for rule in RULES} == WINDOWS.keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_settings_that_a_rule_is_said_to_look_at_exist(rule):
    for written in settings_of(rule):
        section, field = re.fullmatch(r"(?:\[(\w+)\] )?(\w+)", written).groups()
        model = Settings.model_fields[section].annotation if section else Settings
        assert field in model.model_fields


def test_what_a_rule_asks_for_is_found_by_running_it():
    """Two that are known from elsewhere: a rule of help, and one of a complaint that asks for nothing."""
    by_id = {rule.id: rule for rule in RULES}

    assert ["[rules] help_window"] == list(settings_of(by_id["support.lost"]))
    assert [] == list(settings_of(by_id["support.complaint"]))
