"""The benchmark itself: what it takes for the truth, what a raw loop makes of the same input, and its command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from compare import arguments
from comparison.engines import ENGINES, SIMPLE
from comparison.job import PARTITIONS, job, with_alerts
from comparison.truth import truth

from stream_app.topics import InputTopic

COMPARE = Path(__file__).with_name("compare.py")
TOPICS = list(InputTopic)


@pytest.fixture
def judging(monkeypatch):
    for name in ("BROKER", "PREFIX", "GROUP", "CHANGELOG"):
        monkeypatch.setenv(f"BENCH_{name}", "")
    monkeypatch.setenv("BENCH_PARTITIONS", str(PARTITIONS))
    from comparison.apps import judging

    return judging


def alert_ids(said):
    return {json.loads(value)["alert_id"] for topic, _, value in said if "alerts" in topic}


def in_chunks(judging, records, size, *, knows_ends):
    """Return the alerts of raw loops that get each topic-partition in chunks of so many records."""
    found, judges = set(), [judging.Judge(n) for n in range(PARTITIONS)]
    places = {(n, lane): [] for n in range(PARTITIONS) for lane in range(len(TOPICS))}
    for each in records:
        places[each.partition, TOPICS.index(each.topic)].append(each)
    for at in range(0, len(records), size):
        for (n, lane), some in reversed(places.items()):  # views before purchases
            rows = [(at + i, each.at_ms, each.key, each.value) for i, each in enumerate(some[at : at + size])]
            judges[n].take(lane, at, rows)
            for other, waits in enumerate(places[n, each] for each in range(len(TOPICS))):
                if not knows_ends or at + size >= len(waits):
                    judges[n].learn_end(other, min(len(waits), at + size) if knows_ends else 0, at)
            found |= alert_ids(judges[n].judge())
    return found


def test_a_raw_loop_that_knows_where_topics_end_finds_the_same_alerts_as_the_truth(judging):
    records = list(with_alerts(job(4_000, customers=100)))
    assert truth(records, SIMPLE) == in_chunks(judging, records, 100, knows_ends=True)


def test_a_raw_loop_that_takes_each_empty_topic_for_ended_is_found_wrong(judging):
    records = job(4_000, customers=100)
    assert truth(records, SIMPLE) != in_chunks(judging, records, 100, knows_ends=False)


def test_each_tenth_event_of_the_latencies_raises_an_alert():
    records = list(with_alerts(job(1_000, customers=100)))
    assert len(truth(records, SIMPLE)) >= 100


def test_help_names_every_engine_and_table(capsys):
    with pytest.raises(SystemExit):
        arguments(["--help"])
    told = capsys.readouterr().out
    tables = ("latency", "restore", "growth", "workers", "checkpoints")
    assert [] == [word for word in (*ENGINES, *(f"--{table}" for table in tables)) if word not in told]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--engines", "detect,storm"), "no such engine: storm"),
        (("--events", "10"), "--events must be more than 2000"),
        (("--rates", "fast"), "--rates are whole numbers"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_starts(words, expected, capsys):
    with pytest.raises(SystemExit) as ended:
        arguments(list(words))
    assert (2, True) == (ended.value.code, expected in capsys.readouterr().err)


@pytest.mark.kafka
def test_detect_makes_no_alert_wrong_and_the_rows_say_so(tmp_path):
    rows = tmp_path / "rows.json"
    command = [sys.executable, COMPARE, "--events", "30000", "--engines", "detect", "--rates", "", "--json", rows]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == answer.returncode, answer.stderr
    [row] = json.loads(rows.read_text())
    assert ("detect", 0, True) == (row["engine"], row["wrong"], row["alerts"] > 0)
