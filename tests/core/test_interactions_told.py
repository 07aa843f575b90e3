"""What an alert tells of the interactions that it rests on."""

import pytest

from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import DAY, Interaction, InteractionKind
from stream_app.core.pipeline import process
from stream_app.core.rule import Match, rule
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.state import UNKNOWN_CUSTOMER


@rule(
    "churn.anything-said",
    intent=Intent.CHURN,
    severity=Severity.LOW,
    polarity=Polarity.RISK,
    cooldown=DAY,
    on={InteractionKind.NPS, InteractionKind.COMPLAINT},
)
def anything_said(asked):
    """Whatever is said is told."""
    return Match(reason="Said.", interactions=asked.state.interactions[-1:])


TITLES = [
    ({"kind": InteractionKind.NPS, "score": 9}, "9"),
    ({"kind": InteractionKind.NPS, "score": 6, "touchpoints": {"billing": 2, "setup": 0}}, "6"),
    (
        {"kind": InteractionKind.NPS, "score": 0, "touchpoints": {"billing": -1, "support": -3}},
        "0 (support -3, billing -1)",
    ),
    (
        {"kind": InteractionKind.NPS, "score": 1, "touchpoints": dict.fromkeys("dbca", -2)},
        "1 (a -2, b -2, c -2)",
    ),
    ({"kind": InteractionKind.COMPLAINT, "ref": "case-118"}, "case-118"),
    ({"kind": InteractionKind.COMPLAINT}, ""),
]


@pytest.mark.parametrize(("fields", "expected"), TITLES, ids=map(str, range(len(TITLES))))
def test_an_answer_has_its_score_and_causes_and_others_what_they_refer_to(fields, expected):
    said = Interaction(event_id="i-1", customer_id="c-1", occurred_at=20_605 * DAY, **fields)
    rules = RuleSet(name=RuleSetName.FULL, rules=(anything_said,))
    (alert,) = process(said, UNKNOWN_CUSTOMER, rules).alerts

    assert [(fields["kind"], expected)] == [(each.category, each.title) for each in alert.evidence]
