"""How many partitions and workers a load needs: a table, and the command that says so."""

import json

import pytest

from stream_app.capacity import Load, Plan, plan
from stream_app.cli import main
from stream_app.core.events import DAY
from stream_app.core.rule_set import RuleSetName


def planned(events_per_second: float, customers: int, rule_set: RuleSetName = RuleSetName.FULL) -> Plan:
    return plan(Load(events_per_second=events_per_second, customers=customers, rule_set=rule_set, retention=7 * DAY))


@pytest.mark.parametrize(
    ("events_per_second", "customers", "partitions", "workers", "store"),
    [
        (0.01, 1, 6, 2, "memory"),  # nothing is too small for a second worker and to share among three
        (50, 30_000, 6, 2, "memory"),
        (1_500, 2_000_000, 6, 2, "memory"),
        (8_000, 20_000_000, 12, 3, "rocksdb"),
        (5_681, 100_000, 12, 2, "memory"),  # half of a core
        (5_682, 100_000, 12, 3, "memory"),
        (100_000, 100_000, 192, 19, "memory"),
        (500_000, 1_000_000_000, 768, 89, "rocksdb"),  # the settings allow 1,000
    ],
)
def test_what_a_load_needs(events_per_second, customers, partitions, workers, store):
    found = planned(events_per_second, customers)

    assert (partitions, workers, store) == (found.partitions, found.workers, found.store)


def test_the_simple_rules_need_fewer_workers():
    assert (3, 2) == (planned(9_000, 1_000).workers, planned(9_000, 1_000, RuleSetName.SIMPLE).workers)


@pytest.mark.parametrize("events_per_second", [0.1, 9_000, 33_000, 250_000, 500_000])
def test_there_is_never_a_worker_without_a_partition_and_room_for_four_times_as_many(events_per_second):
    found = planned(events_per_second, 10_000)

    assert found.workers <= found.partitions
    assert 4 * found.needed_workers <= found.partitions


def test_more_of_anything_never_needs_less():
    found = [planned(rate, customers) for rate in (10, 1_000, 50_000) for customers in (1_000, 1_000_000, 100_000_000)]
    by_customers = [[getattr(one, name) for name in ("partitions", "state_bytes", "changelog_bytes")] for one in found]

    assert by_customers[:3] == sorted(by_customers[:3])
    assert [one.workers for one in found] == sorted(one.workers for one in found)


def test_memory_is_that_of_the_store_when_one_worker_is_missing():
    assert 200_000_000 + 1_000_000 * 1_550 == planned(1, 1_000_000).worker_bytes


def test_the_command_says_what_where_from_and_what_cannot_be_undone(capsys):
    assert 0 == main(["topics", "plan", "--events-per-second", "1500", "--customers", "2000000"])

    said = capsys.readouterr().out
    for words in (
        "[topics] partitions = 6, before topics create",
        "1 for the load and one that may be missing",
        'store = "memory"',
        "1,500 events a second × 88 µs",
        "1,250 bytes a customer",
        "40,000 a second and worker",
        "Workers ≤ partitions: beyond 6",
        "Partitions cannot be added",
        "docs/scaling.md",
    ):
        assert words in said


def test_the_command_goes_by_the_rule_set_and_retention_of_the_settings(capsys, monkeypatch):
    monkeypatch.setenv("STREAM_APP_RULES__SET", "simple")
    monkeypatch.setenv("STREAM_APP_TOPICS__RETENTION", "14d")

    assert 0 == main(["topics", "plan", "--events-per-second", "10000", "--customers", "1000", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert (3, 0.53) == (found["workers"], found["cores"])
    assert found["input_bytes"] == 2 * planned(10_000, 1_000).input_bytes


@pytest.mark.parametrize("arguments", [[], ["--events-per-second", "0", "--customers", "5"], ["--customers", "5"]])
def test_a_load_that_is_none_is_wrong_usage(capsys, arguments):
    assert 2 == main(["topics", "plan", *arguments])
