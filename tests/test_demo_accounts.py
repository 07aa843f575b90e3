"""In a demonstration alerts and looks are read before the clock has come to them: none is told before its time."""

import pytest

from stream_app.core.events import MINUTE
from stream_app.demo.in_time import CasesInTime, DeskInTime, Underway
from tests.core.notify.account_play import look
from tests.core.notify.histories import alert, at
from tests.core.notify.machines import rules_of
from tests.core.notify.naive_cases import World

BEGIN = at("2026-06-10 09:00")
ALERT = alert("a", "churn", "2026-06-10 10:00", severity="medium")
LOOKS = [look("p-1", "2026-06-10 09:50"), look("p-2", "2026-06-10 11:00")]


@pytest.mark.parametrize("read", [[ALERT, *LOOKS], [*LOOKS, ALERT], [LOOKS[1], ALERT, LOOKS[0]]])
def test_a_raise_comes_when_both_are_there_whatever_is_read_first(read):
    rules, desks = rules_of(World()), {}
    cases = CasesInTime(rules)
    for _, one in read:
        said = cases.alert(one, BEGIN) if one is ALERT[1] else cases.viewed(one, BEGIN)
        for target, order in said.orders:
            desk = desks.setdefault(target, DeskInTime(target, rules, Underway(), lambda: None))
            desk.take(order, BEGIN)
    (desk,) = desks.values() if len(desks) == 1 else [one for target, one in desks.items() if "cs-1" in target.address]

    desk.next(LOOKS[1][0] - MINUTE)
    assert [] == [one.company for one in desk.messages() if one.company]
    desk.next(LOOKS[1][0])
    assert [["P-1", "P-2"]] == [[each.name for each in one.company] for one in desk.messages()]
