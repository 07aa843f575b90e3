"""Of each person and alert the last word counts, whatever comes when and how often."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import VERDICTS, Action
from stream_app.core.notify.verdicts import LastWords, Verdict
from stream_app.core.shares import Share

USEFUL, NOT_USEFUL, TOO_EARLY = VERDICTS


def word(action=USEFUL, *, at=1, by="cs-1", alerts=("al-1",), rule="r", number=0, case="case-1"):
    """Return one press."""
    return Feedback(
        feedback_id=f"{by}-{at}-{number}",
        case_id=case,
        account="a-1",
        action=action,
        by=by,
        at=at,
        alert_ids=tuple(alerts),
        rule_id=rule,
    )


def heard(*said):
    """Return the last words after these."""
    words = LastWords()
    for one in said:
        words.take(one)
    return words


CASES = {
    "nothing": ([], {}),
    "one": ([word()], {"r": Verdict(useful=1)}),
    "the last counts": ([word(at=1), word(NOT_USEFUL, at=2)], {"r": Verdict(not_useful=1)}),
    "the last in time, not in order": ([word(NOT_USEFUL, at=2), word(at=1)], {"r": Verdict(not_useful=1)}),
    "said again": ([word(), word()], {"r": Verdict(useful=1)}),
    "two people": ([word(), word(NOT_USEFUL, by="cs-2")], {"r": Verdict(useful=1, not_useful=1)}),
    "two alerts": ([word(), word(alerts=["al-2"])], {"r": Verdict(useful=2)}),
    "two alerts at once": ([word(alerts=["al-1", "al-2"])], {"r": Verdict(useful=2)}),
    "two rules": (
        [word(), word(TOO_EARLY, alerts=["al-2"], rule="q")],
        {"q": Verdict(too_early=1), "r": Verdict(useful=1)},
    ),
    "without an alert its case stands for it": (
        [word(alerts=()), word(TOO_EARLY, alerts=(), at=2), word(alerts=(), case="case-2")],
        {"r": Verdict(useful=1, too_early=1)},
    ),
    "without a rule": ([word(rule="")], {}),
}


@pytest.mark.parametrize(("said", "expected"), CASES.values(), ids=CASES)
def test_what_was_said_of_each_rule(said, expected):
    assert expected == heard(*said).by_rule()


@pytest.mark.parametrize("action", sorted(set(Action) - set(VERDICTS)))
def test_a_deed_is_no_word_and_takes_none_back(action):
    assert {"r": Verdict(useful=1)} == heard(word(), word(action, at=2)).by_rule()


def test_too_early_is_counted_beside():
    """It says that the rule saw what there was, before it mattered: for precision it is neither."""
    assert Share(3, 4) == Verdict(useful=3, not_useful=1, too_early=5).precision


def test_what_the_topic_keeps_no_longer_is_forgotten():
    words = heard(word(at=1), word(at=2, by="cs-2"), word(NOT_USEFUL, at=3, by="cs-3"))
    words.forget(3)
    words.take(word(TOO_EARLY, at=4, by="cs-2"))

    assert {"r": Verdict(not_useful=1, too_early=1)} == words.by_rule()


presses = st.builds(
    word,
    st.sampled_from(Action),
    at=st.integers(1, 4),
    by=st.sampled_from(["cs-1", "cs-2"]),
    alerts=st.lists(st.sampled_from(["al-1", "al-2"]), max_size=2),
    rule=st.sampled_from(["r", "q"]),
    number=st.integers(0, 2),
)


def naive(said):
    """Return the same by sorting everything."""
    last = {}
    for one in sorted(said, key=lambda one: (one.at, one.feedback_id, one.rule_id, one.action)):
        for alert in one.alert_ids or (one.case_id,):
            if one.action in VERDICTS:
                last[one.by, alert] = (one.rule_id, one.action)
    counts = Counter(last.values())
    return {
        rule: Verdict(**{action: counts[rule, action] for action in VERDICTS})
        for rule in sorted({rule for rule, _ in counts})
    }


@given(st.data(), st.lists(presses, max_size=12))
def test_any_order_and_any_repetition_come_to_the_same(data, said):
    repeated = said + data.draw(st.lists(st.sampled_from(said), max_size=4)) if said else said
    mixed = data.draw(st.permutations(repeated))

    assert naive(said) == heard(*mixed).by_rule()
