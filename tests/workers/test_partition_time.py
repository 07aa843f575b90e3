"""A partition's time: what is due is judged once, before the event that crosses, and survives a crash anywhere."""

from functools import cache

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.codec import decode_value
from stream_app.codec.state import AT_ONCE, NOTHING_APPLIED, decode_site, decode_state, due_of, encode_state
from stream_app.core.events import DAY, MINUTE, CustomerProfile, PageView, TimePassed
from stream_app.core.example import NOON
from stream_app.core.rule_set import RuleSetName
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.partitioners import partition_of_customer
from stream_app.replay import Outputs, replay
from stream_app.testing.simulator import simulate
from stream_app.topics import RECORDED
from stream_app.workers.partition import READ_KEY, SITE_KEY, TIME_KEY
from stream_app.workers.stores import RESERVED, MemoryStore, RocksStore
from tests.core.timed import QUIET, timed_rules
from tests.workers.fakes import FakeStore
from tests.workers.timed_partition import Worked

PARTITIONS = 13  # more than there is traffic for: in some nothing happens
PEOPLE = 12
RULES = timed_rules()
LATE = RULES.policy.lateness
CANCEL = "https://www.example.com/account/cancel"


def view(customer_id, at, event_id=None, url="https://www.example.com/"):
    return PageView(event_id=event_id or f"{customer_id}{at}", customer_id=customer_id, occurred_at=at, url=url)


def views(*events, ticks=()):
    """The topics of a partition, in the order of ties."""
    return [[], [], [], list(events), [TimePassed(occurred_at=at) for at in ticks]]


@cache
def month():
    """Some days of everything: (topic, event) in order of arrival."""
    records = simulate(customers=PEOPLE, days=9, disorder_seconds=1800)
    return [(one.topic, decode_value(one.topic, orjson.dumps(one.value), -1)) for one in records]


def by_partition():
    """The month's topics by partition; each ends with a tick as late as the newest event of all."""
    place = partition_of_customer(PARTITIONS)
    found = [[[] for _ in (*RECORDED, "ticks")] for _ in range(PARTITIONS)]
    known = [(topic, event) for topic, event in month() if event.customer_id]
    for topic, event in known:
        found[place(event.customer_id)][RECORDED.index(topic)].append(event)
    newest = max(event.occurred_at for _, event in known)
    for topics in found:
        topics[-1].append(TimePassed(occurred_at=newest))
    return found


def replayed(rules, events):
    """What a replay says of these events, in order, and of how many customers it knows in the end."""
    said = []
    outputs = Outputs(alerts=said.append, fates=said.append, resolutions=said.append)
    report = replay(((Source(topic), event) for topic, event in events), rules, outputs, partitions=PARTITIONS)
    return [line.rstrip(b"\n") for line in said], report.customers


class Source:
    """Where an event stands, as far as a replay asks."""

    def __init__(self, topic):
        self.topic = topic


@pytest.mark.parametrize("name", RuleSetName)
@pytest.mark.parametrize("limit", [7, 10_000])
def test_the_worker_says_what_a_replay_says(name, limit):
    """In the same order, also of partitions in which nothing happens, however much is judged at a time."""
    rules = timed_rules(name, forget=4 * DAY)
    work = [Worked(topics, rules, number=n) for n, topics in enumerate(by_partition())]
    said = [line for one in work for line in one.to_the_end(limit).said]
    expected, customers = replayed(rules, month())
    known = [key for one in work for _, key in one.store.values if not key.startswith(b"\0")]
    assert (expected, customers) == (said, len(known))
    assert sum(b"churn.quiet" in line for line in said) > PEOPLE
    assert any(not any(topics[:-1]) for topics in by_partition())


def test_two_replays_say_the_same():
    assert replayed(RULES, month()) == replayed(RULES, month())


@cache
def unbroken():
    """The partition with most traffic, worked on to its end without a crash."""
    topics = max(by_partition(), key=lambda topics: sum(map(len, topics)))
    return Worked(topics, timed_rules(forget=3 * DAY)).to_the_end()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_crash_anywhere_changes_nothing(data):
    """Between any two records of a checkpoint: what is stored in the end is the same, what is said has the same ids."""
    clean = unbroken()
    broken = Worked(clean.topics, clean.rules)
    for _ in range(data.draw(st.integers(1, 4))):
        for _ in range(data.draw(st.integers(0, 3))):
            broken.judge(data.draw(st.integers(1, 200)))
            broken.keep()
        broken.judge(data.draw(st.integers(1, 200)))
        broken.keep(data.draw(st.integers(0, 6)))
        broken.begin()
    broken.to_the_end(data.draw(st.sampled_from([5, 10_000])))
    assert clean.remembered() == broken.remembered()
    assert set(clean.said) == set(broken.said)


def test_what_a_crash_repeats_is_not_counted_twice():
    """The site's record was written, nobody else's: its fence knows what it holds."""
    topics = views(view("a", NOON), view("b", NOON + MINUTE))
    work = Worked(topics, RULES)
    work.judge(10)
    work.keep(1)
    fence, site = decode_site(work.store.values[0, SITE_KEY])
    work.begin()
    work.judge(10)
    assert ([-1, -1, -1, 1, -1], 0) == (fence, work.replayed)
    assert site is not work.work.site
    assert (site, False) == (work.work.site, SITE_KEY in work.work.changes())


def test_the_site_is_written_first_and_the_time_after_everybody():
    work = Worked(views(view("a", NOON)), RULES)
    work.judge(10)
    assert [SITE_KEY, b"a", TIME_KEY, READ_KEY] == list(work.work.changes())


def test_time_is_known_again_after_a_restart():
    """A late event does not set it back."""
    events = [view("a", NOON), view("b", NOON + QUIET + LATE - 1), view("c", NOON)]
    work = Worked(views(*events), timed_rules(RuleSetName.SIMPLE))
    work.judge(2)
    work.keep()
    work.begin()
    work.judge(1)
    assert NOON + QUIET + LATE - 1 == work.work._time.newest


@pytest.mark.parametrize(("after", "said"), [(QUIET + LATE - 1, []), (QUIET + LATE, ["churn.quiet"])])
def test_a_tick_moves_time_where_nothing_happens(after, said):
    work = Worked(views(view("a", NOON), ticks=[NOON + after]), RULES).to_the_end()
    assert said == [orjson.loads(line)["rule_id"] for line in work.said]


def test_an_event_waits_until_all_that_is_due_before_it_is_judged():
    """It is not committed before: a checkpoint may come in between."""
    rules = timed_rules(RuleSetName.SIMPLE)  # for it, no hour of the site comes due
    work = Worked(views(*[view(f"c{n}", NOON) for n in range(5)], view("last", NOON + QUIET + LATE)), rules)
    work.judge(5)
    work.judge(3)
    work.keep()
    assert (3, 5) == (len(work.said), work.committed[3])
    work.begin()
    work.to_the_end(2)
    customers = [orjson.loads(line)["customer_id"] for line in work.said]
    assert ([f"c{n}" for n in range(5)], 6) == (customers, work.committed[3])


def test_who_is_forgotten_leaves_the_table():
    """First a fence stays, for an event that may be read again; with nothing to be read again it goes too."""
    work = Worked(views(view("a", NOON), view("b", NOON + 9 * DAY)), timed_rules(forget=3 * DAY))
    work.judge(1_000)
    work.keep()
    kept = work.store.values[0, b"a"]
    assert (AT_ONCE, UNKNOWN_CUSTOMER) == (due_of(kept), decode_state(kept)[1])
    work.topics[3].append(view("b", NOON + 9 * DAY + 2 * MINUTE))
    work.begin()
    work.judge(1_000)
    work.keep()
    assert [(0, b"b")] == [key for key in work.store.values if not key[1].startswith(RESERVED)]


def test_who_was_erased_leaves_nothing_behind_and_is_never_due():
    topics = views(view("a", NOON))
    topics[0].append(CustomerProfile(customer_id="a", occurred_at=NOON + 1, profile=None))
    work = Worked(topics, RULES).to_the_end()
    assert (None, []) == (work.store.fetch(0, b"a"), list(work.store.dues(0)))


def test_a_state_from_before_there_were_due_moments_is_due_at_once():
    """Nobody has asked yet what it waits for: it is asked at the partition's time, and then as any other."""
    old = Worked(views(view("a", NOON, url=CANCEL)), timed_rules(RuleSetName.SIMPLE)).to_the_end()
    state = decode_state(old.store.values[0, b"a"])[1]
    known = encode_state(NOTHING_APPLIED, type(state)(newest=state.newest, views=state.views), AT_ONCE)
    work = Worked(views(view("b", NOON + QUIET + LATE)), RULES, FakeStore(values={(0, b"a"): known})).to_the_end()
    found = decode_state(work.store.values[0, b"a"])[1]
    assert (NOON + QUIET, True) == (found.asked_to, found.due > found.asked_to)
    assert ["a"] == [orjson.loads(line)["customer_id"] for line in work.said]


@pytest.mark.parametrize("kind", ["memory", "rocksdb"])
def test_every_store_gives_the_same(kind, tmp_path):
    """Changelog and all: what was written is restored into a second store and worked on there."""
    clean = unbroken()
    topics, rules = clean.topics, clean.rules
    stores = [MemoryStore() if kind == "memory" else RocksStore(tmp_path / name) for name in ("first", "second")]
    work = Worked(topics, rules, stores[0])
    for _ in range(3):
        work.judge(60)
        work.keep()
    keys = {f"{event.customer_id}".encode() for _, event in month()} | {SITE_KEY, TIME_KEY, READ_KEY}
    stores[1].write(0, {key: stores[0].fetch(0, key) for key in keys}, 5)
    work.store = stores[1]
    work.begin()
    work.to_the_end(50)
    kept = FakeStore(values={(0, key): value for key in keys if (value := stores[1].fetch(0, key)) is not None})
    assert clean.remembered() == Worked(topics, rules, kept).remembered()
    assert (clean.said, list(clean.store.dues(0))) == (work.said, list(stores[1].dues(0)))
    for store in stores:
        store.close_all()
