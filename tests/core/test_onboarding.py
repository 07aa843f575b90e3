"""New customers read help pages: that is expected, and waits for the digest."""

import pytest
from msgspec.structs import replace

from stream_app.core.events import DAY, HOUR, PurchaseKind, Stage
from stream_app.core.example import Example, Step
from stream_app.core.lifecycle import onboarding
from stream_app.core.rule_set import RuleSet
from stream_app.core.tuning import Tuning, Waits
from tests.core.courses import EVERYTHING, alerts, outcomes

BUYS = Step(buys="team")
HISTORIES = {
    "nothing is known": ([Step(views="/blog")], 0, False),
    "bought just now": ([BUYS], 0, True),
    "bought less than 60 days ago": ([BUYS], 59.9, True),
    "bought 60 days ago": ([BUYS], 60, False),
    "bought again": ([BUYS, Step(after=50 * DAY, buys="business")], 70, False),
    "the first one known is a renewal": ([Step(buys="team", kind=PurchaseKind.RENEWED)], 1, False),
    "gave it back": ([BUYS, Step(after=DAY, buys="team", kind=PurchaseKind.REFUNDED)], 2, False),
    "the profile says so": ([Step(becomes=Stage.ONBOARDING)], 300, True),
    "the profile says otherwise": ([Step(becomes=Stage.ACTIVE)], 1, False),
}


@pytest.mark.parametrize(("steps", "days", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_who_is_new(steps, days, expected):
    state = outcomes(steps)[-1].state
    start = Example(fires=True, steps=tuple(steps)).until - steps[-1].after

    assert expected == onboarding(state, start + round(days * DAY), EVERYTHING.tuning)


def test_for_how_long_is_a_setting():
    state = outcomes([BUYS])[-1].state

    tuning = Tuning(waits=Waits(onboarding=10 * DAY))
    assert [True, False] == [onboarding(state, state.newest + days * DAY, tuning) for days in (9, 10)]


def at_once(rules):
    """Return the rules with every alert pushed, as settings may say."""
    pushed = tuple(replace(rule, digest=False) for rule in rules.rules)
    return RuleSet(name=rules.name, rules=pushed, tuning=rules.tuning)


LOOKS = tuple(Step(after=HOUR + n * HOUR, views=f"/docs/{n}") for n in range(5))


@pytest.mark.parametrize(("first", "expected"), [(BUYS, True), (Step(views="/blog"), False)], ids=["new", "not new"])
def test_help_of_a_new_customer_waits_for_the_digest_whatever_the_settings_say(first, expected):
    (lost,) = alerts([first, *LOOKS], at_once(EVERYTHING))

    assert ("support.lost", expected, expected) == (lost.rule_id, lost.digest, lost.standing.onboarding)


def test_leaving_does_not_wait_even_of_a_new_customer():
    (leaving,) = alerts([BUYS, Step(after=HOUR, views="/account/cancel")], at_once(EVERYTHING))

    assert ("churn.cancellation-page", False, True) == (leaving.rule_id, leaving.digest, leaving.standing.onboarding)
