"""The readings of a look at prices against a judge that walks everything anew."""

from hypothesis import HealthCheck, given, settings

from stream_app.core.contract import THREAD
from stream_app.core.course import course
from tests.core.drawn import RULES, in_time, steps
from tests.core.naive_readings import contract_story

OF_THREAD = {rule.id for rule in RULES.rules if rule.thread == THREAD}


def told(history):
    """Return which rules of the contract spoke, at which event."""
    alerts = [alert for outcome in course(history, RULES) for alert in outcome.alerts]
    return [(alert.rule_id, alert.event_id) for alert in alerts if alert.rule_id in OF_THREAD]


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_each_turn_is_told_at_the_event_at_which_the_judge_finds_it(drawn):
    history = in_time(drawn)

    assert contract_story(history) == told(history)
