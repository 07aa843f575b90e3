"""A day without a record, in the orders of a real shop."""

import pytest

from stream_app.core.events import DAY, moment_of
from tests.partition_course import Partition
from tests.retail import RETAIL, day_of, orders, retail_rules

LOST = "2011-03-09"  # a Wednesday
FROM, UNTIL = day_of("2011-01-04")[0], day_of("2011-03-11")[0]

pytestmark = pytest.mark.skipif(not RETAIL.exists(), reason=f"needs {RETAIL.name}; STREAM_APP_DATA names the folder")


@pytest.fixture(scope="module")
def kept():
    return [order for order in orders() if FROM <= order.occurred_at < UNTIL]


def judged(events):
    partition = Partition(retail_rules())
    for event in events:
        partition.judge(event)
    partition.pass_to(UNTIL)
    return partition


def test_a_lost_day_is_one_alert_and_makes_nobody_silent(kept):
    """Nor does the day after, when those days are taken out of everybody's silence."""
    begins, ends = day_of(LOST)
    whole, holed = judged(kept), judged([each for each in kept if not begins <= each.occurred_at < ends])
    found = [alert for alert in holed.alerts if alert.intent == "ops"]
    silent = [
        [alert for alert in partition.alerts if alert.intent == "churn" and begins < alert.occurred_at <= ends + DAY]
        for partition in (whole, holed)
    ]

    assert [LOST] == [alert.event_id for alert in found]
    assert moment_of(found[0].occurred_at).isoformat() < f"{LOST}T16"
    assert [] == [alert for alert in whole.alerts if alert.intent == "ops"]
    assert len(silent[0]) > 20
    assert [] == silent[1]
