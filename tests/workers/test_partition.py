"""A partition at work: the fence, what is held back, and what of it all is kept."""

import pytest

from stream_app import codec
from stream_app.codec.state import decode_state, encode_state
from stream_app.core.order import NOT_KNOWN, Waiting
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import CustomerState
from stream_app.topics import InputTopic
from stream_app.workers.lanes import Lane
from stream_app.workers.partition import READ_KEY, TIME_KEY, Judged, Partition
from tests.acceptance.wire import CANCEL, HOME, PRICE, D, H, Step, erase, interact, view
from tests.faults.ground import raw
from tests.workers.fakes import ALL, NOW_MS, FakeStore

LANES = tuple(InputTopic)
RULES = RuleSet()


def partition(store: FakeStore, *steps: Step, ended: int = 1) -> Partition:
    """Return a partition with these steps waiting, from offset 0 in each topic."""
    lanes = [Lane(tp, 0) for tp in ALL]
    for topic, step in steps:
        number = LANES.index(InputTopic(topic))
        lane, stamp = lanes[number], NOW_MS
        if isinstance(step, tuple):
            stamp = int(step[2].timestamp() * 1000)
        event = codec.decode(LANES[number], *raw(step), stamp)
        lane.extend(lane.position + 1, [Waiting(event.occurred_at, 1, lane.position, stamp, event)])
    found = Partition(0, lanes, store, RULES)
    found.ended = [ended] * len(lanes)
    return found


def alerts(judged: Judged) -> list[str]:
    return [alert.event_id for _, outcome in judged.speaking for alert in outcome.alerts]


def test_events_of_an_unknown_customer_begin_a_state():
    work = partition(FakeStore(), view("v", 0 * H, CANCEL))
    assert ["v"] == alerts(work.judge(10))
    fence, state = decode_state(work.changes()[b"c1"])
    assert ([-1, -1, -1, 0, -1], 1) == (fence, len(state.views))


def test_events_at_or_below_the_fence_are_skipped():
    store = FakeStore(values={(0, b"c1"): encode_state([-1, -1, -1, 1, -1], CustomerState())})
    work = partition(store, *[view(f"v{i}", i * 2 * D, CANCEL) for i in range(3)])
    judged = work.judge(10)
    assert (["v2"], {3: 2}) == (alerts(judged), dict(judged.replayed))


def test_each_topic_has_a_fence_of_its_own():
    store = FakeStore(values={(0, b"c1"): encode_state([9, 9, 9, -1, 9], CustomerState())})
    assert ["v"] == alerts(partition(store, view("v", 0 * H, CANCEL)).judge(10))


def test_a_duplicate_moves_the_fence():
    """Judged again after its original was erased it would be no duplicate any more."""
    steps = [view("v", 0 * H, CANCEL), view("v", H, CANCEL), erase(2 * H)]
    store = FakeStore()
    work = partition(store, *steps)
    work.judge(10)
    kept = work.changes()
    store.values |= {(0, key): value for key, value in kept.items()}
    again = partition(store, *steps)
    judged = again.judge(10)
    assert ([], 3, {}) == (alerts(judged), judged.replayed.total(), again.changes())


def test_an_ignored_event_leaves_no_trace_but_its_time():
    work = partition(FakeStore(), view("v", 0 * H, CANCEL, user_agent="Googlebot/2.1"))
    judged = work.judge(10)
    assert (1, {TIME_KEY, READ_KEY}) == (judged.count, work.changes().keys())


def test_events_wait_until_the_other_topics_are_known_to_have_ended():
    work = partition(FakeStore(), view("v", 0 * H, CANCEL), ended=NOT_KNOWN)
    assert (0, True) == (work.judge(10).count, work.blocked)
    assert [0, 0, 0, 0, 0] == list(work.committable().values())


def test_no_more_are_judged_at_a_time_than_asked_for():
    work = partition(FakeStore(), *[view(f"v{i}", i * H, HOME) for i in range(5)])
    assert [2, 2, 1, 0] == [work.judge(2).count for _ in range(4)]


def test_the_order_goes_by_time_between_topics():
    work = partition(FakeStore(), view("w", 2 * H, PRICE), interact("i", H), view("x", 3 * H, HOME))
    assert (1, 0, 1) == (work.judge(1).verdicts[1, "used"], work.committable()[work.lanes[3]], work.judge(1).count)


@pytest.mark.parametrize("settled", [True, False])
def test_what_was_settled_is_read_from_the_store_again(settled):
    store = FakeStore()
    work = partition(store, view("v", 0 * H, CANCEL), view("w", H, CANCEL))
    work.judge(1)
    if settled:
        store.values |= {(0, key): value for key, value in work.changes().items()}
        work.settled(work.committable())
        assert {} == work.changes()
    work.judge(1)
    fence, state = decode_state(work.changes()[b"c1"])
    assert ([-1, -1, -1, 1, -1], ["v", "w"]) == (fence, [seen.event_id for seen in state.views])
