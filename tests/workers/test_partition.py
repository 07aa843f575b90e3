"""A partition at work: the fence, what is held back, and what of it all is kept."""

from collections.abc import Iterable, Mapping

import pytest

from stream_app import codec
from stream_app.codec.state import decode_state, encode_state
from stream_app.core.erasure import Erasure, Erasures, hash_of
from stream_app.core.order import NOT_KNOWN, Waiting
from stream_app.core.pipeline import Verdict
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import CustomerState
from stream_app.topics import InputTopic
from stream_app.workers.erased import Known
from stream_app.workers.lanes import Lane
from stream_app.workers.partition import READ_KEY, TIME_KEY, Judged, Partition
from stream_app.workers.stores import RESERVED
from tests.acceptance.wire import CANCEL, HOME, PRICE, D, H, Step, erase, interact, view
from tests.faults.ground import raw
from tests.workers.fakes import ALL, NOW_MS, SALT, FakeStore

LANES = tuple(InputTopic)
RULES = RuleSet()


def partition(store: FakeStore, *steps: Step, ended: int = 1, erased: Iterable[Erasure] = ()) -> Partition:
    """Return a partition with these steps waiting, from offset 0 in each topic."""
    lanes = [Lane(tp, 0) for tp in ALL]
    for topic, step in steps:
        number = LANES.index(InputTopic(topic))
        lane, at = lanes[number], stamp((topic, step))
        event = codec.decode(LANES[number], *raw(step), at)
        lane.extend(lane.position + 1, [Waiting(event.occurred_at, 1, lane.position, at, event)])
    found = Partition(0, lanes, store, RULES, Known(Erasures(erased), SALT, []))
    found.ended = [ended] * len(lanes)
    return found


def stamp(step: Step) -> int:
    """Return the timestamp of a step's record: a tombstone's is its time."""
    return int(step[1][2].timestamp() * 1000) if isinstance(step[1], tuple) else NOW_MS


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
    """Judged again when what it repeats was forgotten it would be no duplicate any more."""
    steps = [view("v", 0 * H, CANCEL), view("v", H, CANCEL)]
    store = FakeStore()
    work = partition(store, *steps)
    work.judge(10)
    kept = work.changes()
    store.values |= {(0, key): value for key, value in kept.items()}
    again = partition(store, *steps)
    judged = again.judge(10)
    assert ([], 2, {}) == (alerts(judged), judged.replayed.total(), again.changes())


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


ERASED = [view("v", 0 * H, CANCEL), erase(H), view("late", 2 * H, CANCEL), view("new", 3 * H, CANCEL)]
"""The third waits when the second is judged; the fourth has not come yet."""


def erased(work: Partition) -> list[Erasure]:
    """Judge all that waits and return who was erased by it."""
    return work.judge(10).erasures


def kept(store: FakeStore, work: Partition) -> Mapping[bytes, bytes | None]:
    """Write what changed."""
    changes = work.changes()
    for key, value in changes.items():
        store.values.pop((0, key), None)
        store.values |= {} if value is None else {(0, key): value}
    work.settled(work.committable())
    return changes


def test_a_tombstone_erases_all_that_was_read_and_leaves_nothing_behind():
    store = FakeStore()
    before = partition(store, ERASED[0])
    before.judge(10)
    assert kept(store, before)[b"c1"] is not None
    work = partition(store, *ERASED[:3])
    judged = work.judge(10)
    expected = Erasure(
        hash=hash_of("c1", SALT),
        salt=SALT,
        erased_at=codec.decode(InputTopic.CUSTOMERS, b"c1", None, stamp(ERASED[1])).occurred_at,
        upto={"customers": {0: 0}, "page-views": {0: 1}},
    )
    assert ([expected], 1) == (judged.erasures, judged.verdicts[3, Verdict.ERASED])
    assert kept(store, work)[b"c1"] is None
    assert not [key for key in store.values if not key[1].startswith(RESERVED)]


def test_what_comes_after_an_erasure_is_of_a_new_customer():
    store = FakeStore()
    known = erased(partition(store, *ERASED[:3]))
    work = partition(store, *ERASED, erased=known)
    judged = work.judge(10)
    fence, state = decode_state(work.changes()[b"c1"] or b"")
    assert (["new"], [-1, -1, -1, 2, -1]) == (alerts(judged), fence)
    assert (["new"], {(3, Verdict.ERASED): 2, (0, Verdict.ERASED): 1, (3, Verdict.USED): 1}) == (
        [seen.event_id for seen in state.views],
        dict(judged.verdicts),
    )


def test_without_erasures_the_person_comes_back():
    """What a new group would do that did not read them, where the tombstone is gone by compaction."""
    work = partition(FakeStore(), ERASED[0], ERASED[2])
    assert (["v"], True) == (alerts(work.judge(10)), work.changes()[b"c1"] is not None)


@pytest.mark.parametrize("again", [1, 2], ids=["told again", "told once"])
def test_a_crash_between_the_erasure_and_the_checkpoint_leaves_nothing_of_the_person(again):
    """State is of before, and void from its first look on; what others know of the site is put right."""
    store = FakeStore()
    first = partition(store, ERASED[0])
    first.judge(10)
    kept(store, first)
    known = erased(partition(store, *ERASED[:3]))
    work = partition(store, *ERASED[: again + 1], erased=known)
    judged = work.judge(10)
    assert ([], [], None) == (alerts(judged), judged.erasures, kept(store, work)[b"c1"])


def test_state_that_began_after_an_erasure_is_not_void():
    """A tombstone that is read again says nothing of it."""
    store = FakeStore(values={(0, b"c1"): encode_state([-1, -1, -1, 2, -1], CustomerState(newest=1))})
    known = [
        Erasure(hash=hash_of("c1", SALT), salt=SALT, erased_at=0, upto={"customers": {0: 0}, "page-views": {0: 1}})
    ]
    work = partition(store, ERASED[1], erased=known)
    work.judge(10)
    assert b"c1" not in work.changes()


def test_an_erasure_told_again_only_raises_what_is_erased():
    (first,) = erased(partition(FakeStore(), *ERASED[:2]))
    work = partition(FakeStore(), *ERASED[:2], erased=[first])
    for at, step in enumerate((view("w", 3 * H, CANCEL), erase(4 * H)), 1):
        lane = work.lanes[3 if at == 1 else 0]
        event = codec.decode(LANES[3 if at == 1 else 0], *raw(step[1]), stamp(step))
        lane.extend(lane.position + 1, [Waiting(event.occurred_at, 1, lane.position, stamp(step), event)])
    (second,) = erased(work)
    assert ({"customers": {0: 0}, "page-views": {0: 0}}, {"customers": {0: 1}, "page-views": {0: 1}}) == (
        first.upto,
        second.upto,
    )
