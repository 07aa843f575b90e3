"""Which hash the keys of a topic follow, told from where they are."""

import pytest
from aiokafka.partitioner import DefaultPartitioner

from stream_app.partitioners import Partitioner, differing, judge, partition_of
from stream_app.topics import InputTopic

KEYS = [f"c-{number:05}".encode() for number in range(50)]


def placed(partitioner, partitions=4, keys=KEYS):
    """Return keys with the partitions they get."""
    return [(key, partition_of(key, partitions, partitioner)) for key in keys]


def test_murmur2_is_that_of_the_java_client_s_default():
    default = DefaultPartitioner()

    assert [(key, default(key, [0, 1, 2, 3], [])) for key in KEYS] == placed(Partitioner.MURMUR2)


def test_crc32_is_that_of_librdkafka():
    """The places are those that librdkafka 2.16 with `partitioner=consistent` gave these keys, of four."""
    places = {"c-00000": 2, "c-00001": 0, "c-00004": 3, "c-00005": 1, "a@example.co.jp": 0, "顧客-1": 1}

    assert places == {key: partition_of(key.encode(), 4, Partitioner.CRC32) for key in places}


@pytest.mark.parametrize("partitioner", [Partitioner.MURMUR2, Partitioner.CRC32])
@pytest.mark.parametrize("partitions", [2, 3, 4, 12])
def test_told_from_fifty_keys(partitioner, partitions):
    assert partitioner == judge(placed(partitioner, partitions), partitions)


def test_both_in_one_topic_are_mixed():
    records = placed(Partitioner.MURMUR2, keys=KEYS[:25]) + placed(Partitioner.CRC32, keys=KEYS[25:])

    assert Partitioner.MIXED == judge(records, 4)


def test_a_single_record_astray_changes_nothing():
    assert Partitioner.CRC32 == judge([*placed(Partitioner.CRC32), (b"by hand", 0), (b"by hand", 1)], 4)


def test_nothing_is_told_from_nothing_or_of_one_partition_or_where_both_agree():
    both = [record for record in placed(Partitioner.MURMUR2) if record in placed(Partitioner.CRC32)]
    cases = [judge([], 4), judge([(key, 0) for key in KEYS], 1), judge(both, 4)]

    assert [Partitioner.UNKNOWN] * 3 == cases
    assert both


@pytest.mark.parametrize(
    ("views", "purchases", "customers", "problems"),
    [
        (Partitioner.MURMUR2, Partitioner.MURMUR2, Partitioner.UNKNOWN, 0),
        (Partitioner.CRC32, Partitioner.CRC32, Partitioner.CRC32, 0),
        (Partitioner.UNKNOWN, Partitioner.UNKNOWN, Partitioner.UNKNOWN, 0),
        (Partitioner.MURMUR2, Partitioner.CRC32, Partitioner.UNKNOWN, 1),
        (Partitioner.MIXED, Partitioner.UNKNOWN, Partitioner.UNKNOWN, 1),
    ],
)
def test_topics_must_follow_one(views, purchases, customers, problems):
    found = {InputTopic.PAGE_VIEWS: views, InputTopic.PURCHASES: purchases, InputTopic.CUSTOMERS: customers}

    assert problems == len(differing(found))


def test_the_problem_names_topics_and_a_way_out():
    (problem,) = differing({InputTopic.PAGE_VIEWS: Partitioner.CRC32, InputTopic.PURCHASES: Partitioner.MURMUR2})

    assert ("page-views, purchases", True) == (problem.topic, problem.fatal)
    assert "page-views crc32, purchases murmur2" in problem.text
    assert "murmur2_random" in problem.text
    assert "in the setting rekey" in problem.text
