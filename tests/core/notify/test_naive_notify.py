"""The judge itself, on the histories that the sentences of the decision make."""

import pytest

from tests.core.notify.histories import lines, until
from tests.core.notify.naive_notify import judge
from tests.core.notify.notify_tables import STORIES


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_the_judge_says_what_the_decision_says(story):
    history = sorted(story.history, key=lambda one: one[0])
    verdict = judge(history, story.world, until(history))

    assert sorted(story.said) == lines(verdict.said)
    assert story.fates == {name: f"{fate}/{why}" for name, _, fate, why in verdict.fates if name in story.fates}
