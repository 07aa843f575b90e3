"""Whoever is erased is gone from every state, from what is said from then on, and from what stands in the sink."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.core.alerts import PublishedAlert, Resolution
from stream_app.core.erasure import Erasure, Erasures
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.fates import Fate
from stream_app.core.notify.message import Stage
from tests.core.notify.erased_people import Erased
from tests.core.notify.random_histories import random_histories
from tests.core.notify.test_notify_properties import WORLDS

EVERYTHING = ("sent",) * 5 + ("failed", "unsure", "refused")


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_no_byte_of_them_is_in_any_state_or_said_again(history, world, seed):
    played = Erased(history, world, seed, answers=EVERYTHING)
    told = [one for one in played.done.deliveries if one.at > played.gone.get(one.customer_id, one.at)]

    assert [] == played.leaks
    assert [] == told


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_what_stands_of_them_is_overwritten_also_in_threads_bundles_and_digests(history, world, seed):
    assert [] == Erased(history, world, seed, answers=("sent", "sent", "failed")).standing()


@given(random_histories(), WORLDS, st.integers())
@settings(max_examples=25, deadline=None)
def test_every_alert_still_has_one_fate_on_a_route_or_waits(history, world, seed):
    played = Erased(history, world, seed, answers=EVERYTHING)
    expected = Counter(told_to(played))
    ended = Counter((one.alert_id, one.target) for one in played.done.deliveries)
    pending = sum(len(one.unsaid) for one in messages(played) if not one.escalated_from and one.stage is not Stage.DONE)

    assert Counter() == ended - expected
    assert expected.total() == ended.total() + pending
    assert [] == [one for one in played.done.deliveries if one.fate is Fate.ERASED and one.customer_id]


def told_to(played):
    """Yield (alert, target) of all that desks were told, and of what has its fate without one."""
    known = Erasures()
    cases = Cases(played.rules, known)
    for at, one in played.history:
        if isinstance(one, Erasure):
            known.add(one)
            cases.erase(Erasures([one]))
        if isinstance(one, Resolution):
            cases.resolved(one, at)
        if isinstance(one, PublishedAlert):
            said = cases.alert(one, at)
            yield from ((one.alert_id, order.routing.target) for _, order in said.orders if hasattr(order, "alert"))
            yield from ((each.alert_id, each.target) for each in said.deliveries)


def messages(played):
    return [one for desk in played.desks.values() for one in desk.desk.messages()]
