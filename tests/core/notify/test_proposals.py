"""A proposal appears exactly when a bound crosses its bar, for each kind of rule, and names what carries it out."""

import tomllib
from random import Random

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Severity
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import Action
from stream_app.core.notify.proposals import Bars, Proposal, in_digest, proposal, setting
from stream_app.core.notify.verdicts import LastWords, Verdict
from stream_app.core.rule_set import RULES_OF
from stream_app.core.rules import RULES
from stream_app.core.shares import Share
from stream_app.settings.rules import Rules

BY_ID = {rule.id: rule for rule in RULES}
PUSHED = next(rule for rule in RULES if not in_digest(rule) and rule.intent is not Intent.CHURN)
CHURN = BY_ID["churn.cancellation-page"]
FLAGGED = next(rule for rule in RULES if rule.digest and rule.severity is not Severity.LOW)
LOW = replace(PUSHED, severity=Severity.LOW)
BOTH = replace(FLAGGED, severity=Severity.LOW)
BARS = Bars()
STAYS, TOO_FEW, DIGEST, PUSH = Proposal.STAYS, Proposal.TOO_FEW, Proposal.DIGEST, Proposal.PUSH

CROSSINGS = [  # useful of so many: the last on one side, and the first on the other
    (PUSHED, 1, 20, DIGEST),
    (PUSHED, 2, 20, STAYS),
    (PUSHED, 7, 50, DIGEST),
    (PUSHED, 8, 50, STAYS),
    (PUSHED, 50, 50, STAYS),
    (CHURN, 7, 50, Proposal.CHURN_STAYS),
    (CHURN, 8, 50, STAYS),
    (FLAGGED, 18, 20, STAYS),
    (FLAGGED, 19, 20, PUSH),
    (FLAGGED, 42, 50, STAYS),
    (FLAGGED, 43, 50, PUSH),
    (FLAGGED, 0, 50, STAYS),
    (LOW, 42, 50, STAYS),
    (LOW, 43, 50, PUSH),
    (replace(LOW, intent=Intent.CHURN), 43, 50, PUSH),
    (PUSHED, 0, 19, TOO_FEW),
    (PUSHED, 0, 20, DIGEST),
    (PUSHED, 0, 0, TOO_FEW),
    (None, 0, 50, Proposal.NOT_ASKED),
    (replace(PUSHED, enabled=False), 0, 50, Proposal.NOT_ASKED),
]


@pytest.mark.parametrize(("rule", "useful", "whole", "expected"), CROSSINGS)
def test_on_both_sides_of_a_bar(rule, useful, whole, expected):
    verdict = Verdict(useful=useful, not_useful=whole - useful, too_early=99)

    assert expected == proposal(rule, verdict, BARS)


def crossed(useful, whole, bar):
    """Return -1 where so many are surely below the bar, 1 surely above: by the test that the bounds are solved from."""
    far = 2.07 * (whole * bar * (1 - bar)) ** 0.5
    below, above = whole * bar - useful - 0.5 > far, useful - 0.5 - whole * bar > far
    return above - below


@pytest.mark.parametrize(("digest_below", "push_above"), [(0.3, 0.7), (0.5, 0.5), (0.05, 0.95)])
def test_everywhere_a_proposal_is_a_crossing(digest_below, push_above):
    bars = Bars(digest_below=digest_below, push_above=push_above, at_least=1)
    counts = [(useful, whole) for whole in range(1, 121) for useful in range(whole + 1)]
    said = {each: Verdict(useful=each[0], not_useful=each[1] - each[0]) for each in counts}

    assert [each for each in counts if crossed(*each, digest_below) < 0] == [
        each for each in counts if proposal(PUSHED, said[each], bars) is DIGEST
    ]
    assert [each for each in counts if crossed(*each, push_above) > 0] == [
        each for each in counts if proposal(FLAGGED, said[each], bars) is PUSH
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_churn_rule_is_ever_proposed_for_the_digest(rule):
    verdict = Verdict(not_useful=10_000)
    expected = STAYS if in_digest(rule) else Proposal.CHURN_STAYS if rule.intent is Intent.CHURN else DIGEST

    assert expected == proposal(rule, verdict, BARS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_setting_that_is_named_carries_it_out(rule):
    proposed = PUSH if in_digest(rule) else DIGEST
    said = tomllib.loads(setting(rule, proposed))
    name = next(name for name, rules in RULES_OF.items() if rule in rules)
    (changed,) = [each for each in Rules(set=name, **said["rules"]).chosen() if each.id == rule.id]

    assert in_digest(rule) != in_digest(changed)
    assert rule == replace(changed, digest=rule.digest, severity=rule.severity)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (FLAGGED, {"digest": False}),
        (LOW, {"severity": "medium"}),
        (BOTH, {"digest": False, "severity": "medium"}),
    ],
)
def test_only_what_holds_it_back_is_changed(rule, changes):
    assert changes == tomllib.loads(setting(rule, PUSH))["rules"]["by_id"][rule.id]


@pytest.mark.parametrize("proposed", [each for each in Proposal if each not in (DIGEST, PUSH)])
def test_where_nothing_is_proposed_there_is_nothing_to_set(proposed):
    assert "" == setting(CHURN, proposed)


RUNS = 1000


def runs_of(precision, whole, seed):
    """Return the verdicts of runs in which people say what is true so often, some after they said the contrary."""
    chance, words = Random(seed), LastWords()
    for number in range(RUNS * whole):
        action = Action.USEFUL if chance.random() < precision else Action.NOT_USEFUL
        contrary = Action.NOT_USEFUL if action is Action.USEFUL else Action.USEFUL
        for at, said in ((1, contrary), (2, action)) if number % 5 == 0 else ((2, action),):
            words.take(
                Feedback(
                    feedback_id=f"{number}-{at}",
                    case_id=str(number),
                    account="a-1",
                    action=said,
                    by="cs-1",
                    at=at,
                    alert_ids=(str(number),),
                    rule_id=f"run-{number % RUNS}",
                )
            )
    return words.by_rule().values()


@pytest.mark.parametrize("whole", [5, 20, 60])
@pytest.mark.parametrize("precision", [0.02, 0.1, 0.3, 0.5, 0.7, 0.95, 0.99])
def test_the_bounds_cover_the_truth_and_proposals_appear_where_they_cross(precision, whole):
    verdicts = runs_of(precision, whole, seed=f"{precision} {whole}")
    shares = [verdict.precision for verdict in verdicts]
    covered = sum(low <= precision <= high for low, high in (share.bounds for share in shares)) / RUNS
    plain = sum(low <= precision <= high for low, high in (share.interval for share in shares)) / RUNS
    proposed = {Share(one.useful, whole): proposal(PUSHED, one, BARS) for one in verdicts}
    print(f"precision {precision:4} of {whole:2}: covers {covered:.1%} of {RUNS} runs, plain Wilson {plain:.1%}")

    assert [whole] * RUNS == [share.whole for share in shares]
    assert covered >= 0.95
    assert {share: DIGEST if share.bounds[1] < 0.3 else STAYS for share in proposed} == proposed or whole < 20
