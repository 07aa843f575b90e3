"""Whatever the order of arrival within the lateness, the same alerts of all rules together are open in the end."""

import pytest
from hypothesis import HealthCheck, given, settings

from stream_app.core.contract import THREAD
from stream_app.core.course import course
from stream_app.core.events import DAY, HOUR
from stream_app.core.state import UNKNOWN_CUSTOMER
from tests.core.drawn import RULES, as_arrived, in_time, steps


def played(events, until):
    """Return what is open in the end, by thread, and the ids of all that was said."""
    state, said = UNKNOWN_CUSTOMER, set()
    for outcome in course(events, RULES, until):
        assert outcome.errors == ()
        state = outcome.state
        said |= {alert.alert_id for alert in outcome.alerts}
    return state.matters, said


def open_ones(matters, replaced=frozenset()):
    """Return what matters say; the id of one that was replaced too early, and said anew, is not the same again."""
    return {
        thread: (one.rule_id, one.reading, one.severity, "" if thread in replaced else one.alert_id)
        for thread, one in matters.items()
    }


def both(drawn, later):
    """Return what is open in the end if all comes in order, and if it does not."""
    until = max(event.occurred_at for event in in_time(drawn)) + later
    (expected, _), (found, said) = played(in_time(drawn), until), played(as_arrived(drawn), until)
    anew = {THREAD} if THREAD in expected and expected[THREAD].alert_id in said else set()
    return open_ones(expected, anew), open_ones(found, anew)


@pytest.mark.parametrize("later", [2 * HOUR, 2 * DAY, 9 * DAY])
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_any_order_of_arrival_ends_in_the_same_open_alerts(later, drawn):
    expected, found = both(drawn, later)

    assert expected == found
