"""In which order the records of a source's partitions are written: a function of what stands there, not of fetches."""

import itertools
from random import Random

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from stream_app.rekey.assignor import AllToOne
from stream_app.rekey.lanes import SourceLane, SourceLanes
from stream_app.rekey.turning import Outcome, Turned

PLACES = [TopicPartition("raw", number) for number in range(3)]
TIMES = {0: [10, 40, 30, 90], 1: [20, 20, 80], 2: [5, 60, 60, 70, 15]}  # by partition, as they stand there


def turned(record):
    """Return what is written of a record whose timestamp says when it happened."""
    return Turned(record.timestamp, Outcome.REKEYED, key=b"%d:%d" % (record.partition, record.offset))


def records(number, since=0, until=None):
    return [
        ConsumerRecord("raw", number, offset, at, 1, None, b"", None, 0, 0, ())
        for offset, at in enumerate(TIMES[number])
    ][since:until]


def lanes_at(offsets):
    return SourceLanes([SourceLane(place, at, at) for place, at in zip(PLACES, offsets, strict=True)], turned)


def read(lanes, rng, most=None):
    """Fetch as chance has it, ends included, until all is written or `most`; return what was, in order."""
    said, ends = [], {place: len(TIMES[place.partition]) for place in PLACES}
    while any(lane.committable < ends[lane.place] for lane in lanes.all):
        fetched = {}
        for place in lanes.hungry:
            lane = lanes.all[place.partition]
            if rng.random() < 0.5:
                fetched[place] = records(place.partition, lane.position, lane.position + rng.randint(1, 3))
        positions = {place: found[-1].offset + 1 for place, found in fetched.items() if found}
        lanes.take(fetched, positions)
        if lanes.blocked and rng.random() < 0.5:
            lanes.ends(lanes.arrival, {place: ends[place] for place in lanes.hungry})
        for each in lanes.in_order():
            said.append(each.key.decode())
            if len(said) == most:
                return said
    return said


RIGHT = ["2:0", "0:0", "1:0", "1:1", "0:1", "0:2", "2:1", "2:2", "2:3", "2:4", "1:2", "0:3"]


def test_by_event_time_between_partitions_by_offset_inside_of_each():
    """Of equal times the first partition's goes first; a late one waits for those before it in its partition."""
    assert RIGHT == read(lanes_at([0, 0, 0]), Random(0))


@pytest.mark.parametrize("seed", range(50))
def test_however_it_is_fetched_and_wherever_it_is_begun_anew(seed):
    """What is committed says where to go on, and the order is that of one clean pass."""
    rng, at = Random(seed), [0, 0, 0]
    said = list[str]()
    while len(said) < len(RIGHT):
        lanes = lanes_at(at)
        said += read(lanes, rng, most=rng.randint(1, len(RIGHT)))
        at = [sum(one.startswith(f"{number}:") for one in said) for number in range(3)]
        assert {PLACES[n]: offset for n, offset in enumerate(at)} == {
            lane.place: lane.committable for lane in lanes.all
        }
    assert RIGHT == said


def test_nothing_goes_while_it_is_not_known_where_another_partition_ends():
    """An end that was known before the event came says nothing: more may have come with it."""
    lanes = lanes_at([0, 0, 0])
    lanes.take({}, {})
    lanes.ends(lanes.arrival, dict.fromkeys(PLACES, 0))
    lanes.take({PLACES[0]: records(0)}, {PLACES[0]: 4})
    assert [] == list(lanes.in_order())
    lanes.ends(lanes.arrival, {PLACES[1]: 0, PLACES[2]: 1})
    assert [] == list(lanes.in_order())
    lanes.ends(lanes.arrival, {PLACES[2]: 0})
    assert ["0:0", "0:1", "0:2", "0:3"] == [each.key.decode() for each in lanes.in_order()]


def test_what_holds_no_record_is_committed_all_the_same():
    """Else who waits until a source is gone through would wait for ever: transactions end with a marker."""
    lanes = lanes_at([0, 0, 0])
    lanes.take({PLACES[0]: records(0)}, {PLACES[0]: 5, PLACES[1]: 2})
    lanes.ends(lanes.arrival, {PLACES[1]: 2, PLACES[2]: 0})
    assert 4 == len(list(lanes.in_order()))
    assert {PLACES[0]: 5, PLACES[1]: 2} == lanes.uncommitted()
    lanes.committed(lanes.uncommitted())
    assert {} == lanes.uncommitted()


def test_one_member_has_it_all_whoever_joins_in_whatever_order():
    class Cluster:
        def partitions_for_topic(self, topic):
            return {2, 0, 1}

    members = {name: AllToOne.metadata(["raw"]) for name in ("b", "a", "c")}
    for names in itertools.permutations(members):
        found = AllToOne.assign(Cluster(), {name: members[name] for name in names})
        assert {"a": [("raw", [0, 1, 2])], "b": [], "c": []} == {n: one.assignment for n, one in found.items()}
