"""The product's machines against the judge: on the histories of the tables, and on random ones."""

import pytest
from hypothesis import given, settings

from tests.core.notify.histories import WORLD, lines, until
from tests.core.notify.machines import fates, said, told
from tests.core.notify.naive_notify import judge
from tests.core.notify.notify_tables import STORIES
from tests.core.notify.random_histories import random_histories


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_the_machines_say_what_the_decision_says(story):
    history = sorted(story.history, key=lambda one: one[0])
    done = told(history, story.world, until(history))

    assert sorted(story.said) == lines(said(done))
    assert story.fates == {name: f"{fate}/{why}" for name, _, fate, why in fates(done) if name in story.fates}


@given(random_histories())
@settings(max_examples=40, deadline=None)
def test_the_machines_and_the_judge_agree(history):
    verdict, done = judge(history, WORLD, until(history)), told(history, WORLD, until(history))

    assert lines(verdict.said) == lines(said(done))
    assert sorted(verdict.fates) == fates(done)
