"""Recorded events judged without a broker."""

import gzip
import logging
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from aiokafka.partitioner import DefaultPartitioner
from msgspec.structs import replace

from stream_app.cli import main
from stream_app.codec import decode_value, encode_alert, encode_fate
from stream_app.commands.replay import run
from stream_app.core.events import DAY
from stream_app.core.pipeline import Verdict, process
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import RULES
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.formats import CsvMapping, Identity
from stream_app.inputs import Files
from stream_app.replay import Outputs, replay
from stream_app.testing import builders
from stream_app.testing.simulator import simulate
from stream_app.topics import RECORDED, InputTopic
from tests.core.timed import QUIET, timed_rules
from tests.pipes import ctrl_c, opened_with_a_reader

NOW_MS = 1_800_000_000_000
DATA = Path(os.environ.get("STREAM_APP_DATA", Path(__file__).parents[2] / "shared" / "data"))
RULE_SET = RuleSet()
NOON = int(builders.NOON.timestamp()) * 1_000_000
FIELDS = {topic: topic.replace("-", "_") for topic in RECORDED}
SEGMENT_PAGE = {
    "type": "page",
    "messageId": "s-1",
    "userId": "c-2",
    "timestamp": builders.at(),
    "properties": {"url": "https://www.stream-app.example/kaiyaku"},
}
SEGMENT_ORDER = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "s-2",
    "userId": "c-3",
    "timestamp": builders.at(),
    "properties": {"order_id": "o-3", "revenue": 20, "currency": "USD", "plan": "team"},
}


@pytest.fixture(scope="module")
def month():
    """Ten days of everything, leavers too, some of it late or twice: (topic, value) in order of arrival."""
    return [(one.topic, one.value) for one in simulate(seed=2, customers=40, days=10, disorder_seconds=5400)]


def write(folder, records, name=None, *, compress=False):
    """Write each topic's values as JSON lines and return the files."""
    folder.mkdir(exist_ok=True)
    files = {}
    for topic in RECORDED:
        text = b"".join(orjson.dumps(value) + b"\n" for where, value in records if where == topic)
        path = folder / f"{topic}.jsonl{'.gz' if compress else ''}"
        path.write_bytes(gzip.compress(text) if compress else text)
        files[FIELDS[topic]] = (path,)
    return Files(**files)


def replayed(files, rules=RULE_SET, now_ms=NOW_MS, **options):
    """Return alerts, fates and dead letters as lines, and the report."""
    alerts, fates, dead_letters = [], [], []
    outputs = Outputs(alerts=alerts.append, fates=fates.append, dead_letters=dead_letters.append)
    report = replay(files.lines(now_ms), rules, outputs, **options)
    assert report.adds_up
    return alerts, fates, dead_letters, report


def wire(lines):
    return [orjson.loads(line) for line in lines]


def directly(records, partitions):
    """Judge the records in memory, each partition's topics merged by always looking at all heads."""
    lanes = [{topic: [] for topic in RECORDED} for _ in range(partitions)]
    for topic, value in records:
        event = decode_value(topic, orjson.dumps(value), NOW_MS)
        if event.customer_id:
            partition = DefaultPartitioner()(event.customer_id.encode(), list(range(partitions)), [])
            lanes[partition][topic].append(event)
    alerts, fates, verdicts = [], [], Counter()
    states = {}
    for topics in lanes:
        while any(topics.values()):
            topic = min((t for t in RECORDED if topics[t]), key=lambda t: topics[t][0].occurred_at)
            event = topics[topic].pop(0)
            outcome = process(event, states.get(event.customer_id, UNKNOWN_CUSTOMER), RULE_SET)
            states[event.customer_id] = outcome.state
            alerts += (encode_alert(alert, None) + b"\n" for alert in outcome.alerts)
            fates += (encode_fate(held, None) + b"\n" for held in outcome.suppressed)
            verdicts[topic, outcome.verdict] += 1
    return alerts, fates, verdicts


class TestReplay:
    @pytest.mark.parametrize("partitions", [1, 4, 7])
    def test_judges_as_process_does_on_the_merged_order(self, month, tmp_path, partitions):
        alerts, fates, verdicts = directly(month, partitions)

        found = replayed(write(tmp_path, month), partitions=partitions)
        assert len(alerts) > 10
        assert (alerts, fates) == (found[0], found[1])
        for topic in RECORDED:
            assert verdicts[topic, Verdict.USED] == found[3].outcomes[topic]["used"]
            assert verdicts[topic, Verdict.DUPLICATE] == found[3].outcomes[topic]["duplicate"]

    def test_the_same_files_give_the_same_bytes(self, month, tmp_path):
        """Whenever it is started, compressed or not."""
        plain = write(tmp_path / "plain", month)
        packed = write(tmp_path / "packed", month, compress=True)

        first, later, unpacked = replayed(plain), replayed(plain, now_ms=NOW_MS + 999), replayed(packed)
        assert first[:3] == later[:3] == unpacked[:3]

    def test_several_files_of_a_topic_are_one(self, month, tmp_path):
        """One after the other, as they are named."""
        half = len(month) // 2
        whole, first, second = (
            write(tmp_path / name, part)
            for name, part in (("whole", month), ("first", month[:half]), ("second", month[half:]))
        )
        both = Files(**{name: getattr(first, name) + getattr(second, name) for name in FIELDS.values()})

        assert replayed(whole)[:3] == replayed(both)[:3]

    def test_recognises_formats_line_by_line(self, tmp_path):
        """Views and orders of another format may stand in one file with our own."""
        records = [
            (InputTopic.PAGE_VIEWS, SEGMENT_ORDER),
            (InputTopic.PAGE_VIEWS, SEGMENT_PAGE),
            (InputTopic.PAGE_VIEWS, {"type": "identify", "userId": "c-2", "messageId": "s-3"}),
            (InputTopic.PAGE_VIEWS, builders.page_view(customer_id="c-3", occurred_at=builders.at(60))),
        ]

        alerts, _, _, report = replayed(write(tmp_path, records), partitions=1)
        expected = [("churn", "c-2", "s-1"), ("upgrade", "c-3", "v-1")]
        assert expected == [(a["intent"], a["customer_id"], a["evidence"][-1]["event_id"]) for a in wire(alerts)]
        assert report.outcomes["page-views"] == {"used": 3, "duplicate": 0, "ignored": 1, "dead_letter": 0, "erased": 0}
        assert report.ignored == {"not_relevant": 1}

    def test_alerts_do_not_say_when_they_were_found(self, tmp_path):
        records = [(InputTopic.PAGE_VIEWS, builders.page_view(event_id=f"v-{i}")) for i in range(2)]

        alerts, fates, _, _ = replayed(write(tmp_path, records))
        assert (len(alerts), len(fates)) == (1, 1)
        assert not any("detected_at" in said for said in wire(alerts + fates))

    def test_a_line_that_cannot_be_used_is_a_dead_letter(self, tmp_path):
        """Its bytes, file and line are told; the lines around it count as ever."""
        (tmp_path / "views.jsonl").write_bytes(
            orjson.dumps(builders.page_view()) + b"\n{broken\xff\n\n" + orjson.dumps(builders.page_view(event_id="v-2"))
        )

        alerts, fates, dead_letters, report = replayed(Files(page_views=(tmp_path / "views.jsonl",)))
        (letter,) = wire(dead_letters)
        expected = {"topic": "page-views", "partition": -1, "offset": 2, "reason": "not_json", "value_bytes": 8}
        assert expected == {name: letter[name] for name in expected}
        assert letter["detail"].startswith("views.jsonl: ")
        assert (len(alerts), len(fates)) == (1, 1)
        assert report.outcomes["page-views"] == {"used": 2, "duplicate": 0, "ignored": 0, "dead_letter": 1, "erased": 0}

    def test_an_event_ahead_of_the_start_is_a_dead_letter(self, tmp_path):
        """Five minutes are granted; the time of the start stands for the records' timestamp."""
        noon_ms = int(builders.NOON.timestamp() * 1000)
        records = [
            (InputTopic.PAGE_VIEWS, builders.page_view(event_id=s, occurred_at=builders.at(int(s))))
            for s in ("300", "301")
        ]

        _, _, dead_letters, report = replayed(write(tmp_path, records), now_ms=noon_ms)
        assert [letter["reason"] for letter in wire(dead_letters)] == ["future"]
        assert report.dead_letters == {"future": 1}

    def test_what_nobody_looked_at_takes_no_part(self, tmp_path):
        """An anonymous view is in no partition: it does not hold back what stands behind it in the file.

        Were it in the way, the order would be cancelled (12:00:10) before the view of prices (12:00:05) is judged.
        """
        records = [
            (InputTopic.PAGE_VIEWS, builders.page_view(customer_id="", event_id="v-0", occurred_at=builders.at(20))),
            (InputTopic.PAGE_VIEWS, builders.page_view(occurred_at=builders.at(5))),
            (InputTopic.PURCHASES, builders.purchase(occurred_at=builders.at(3))),
            (InputTopic.PURCHASES, builders.purchase(kind="cancelled", event_id="p-2", occurred_at=builders.at(10))),
        ]

        alerts, _, _, report = replayed(write(tmp_path, records))
        assert [alert["intent"] for alert in wire(alerts)] == ["upgrade"]
        assert report.ignored == {"anonymous": 1}
        assert report.customers == 1

    def test_a_rule_that_raises_is_logged_once(self, month, tmp_path, caplog):
        """However often it does; the other rules speak."""

        def broken(view, state, windows):
            raise ValueError("broken")

        rules = RuleSet(rules=(replace(RULES[0], check=broken), *RULES[1:]))
        with caplog.at_level(logging.ERROR):
            alerts, _, _, report = replayed(write(tmp_path, month), rules)

        assert report.suppressed["rule_error"] > 1
        assert len(caplog.records) == 1
        assert {"budget", "upgrade", "support"} <= {alert["intent"] for alert in wire(alerts)}

    def test_progress_tells_what_is_done(self, month, tmp_path):
        """First how many lines were read, then how many events of how many are judged."""
        told = []
        *_, report = replayed(write(tmp_path, month), progress=lambda *what: told.append(what))

        kept = report.total - report.ignored["anonymous"]
        assert list(dict.fromkeys(doing for doing, _, _ in told)) == ["Reading", "Judging"]
        assert {None, kept} == {total for _, _, total in told}

    def test_reads_a_csv_export_by_its_map(self, tmp_path):
        (tmp_path / "views.csv").write_text("who,when,page\nc-1,2026-06-10T12:00:00Z,https://a.example/pricing\n")
        mapping = CsvMapping(
            kind="page-views", columns={"customer_id": "who", "occurred_at": "when", "url": "page"}, encoding="cp932"
        )

        alerts, _, _, report = replayed(Files(csv=(tmp_path / "views.csv",), csv_mapping=mapping))
        assert [alert["customer_id"] for alert in wire(alerts)] == ["c-1"]
        assert report.events_in["page-views"] == 1


class TestTime:
    """In the end it is as late in every partition."""

    @pytest.mark.parametrize(
        ("until", "last"),
        [(None, QUIET), (NOON + QUIET + 60_000_000, QUIET + 60_000_000), (NOON + 9 * DAY, 9 * DAY)],
    )
    @pytest.mark.parametrize("partitions", [1, 50])
    def test_it_moves_on_to_the_newest_event_of_all_less_the_lateness(self, tmp_path, until, last, partitions):
        """Or to where it is told to."""
        late = RULE_SET.policy.lateness
        seen = [("c-1", 0), ("c-2", 60), ("c-3", (QUIET + late) // 1_000_000)]
        views = [
            builders.page_view(customer_id=who, event_id=who, url="https://a.example/", occurred_at=builders.at(at))
            for who, at in seen
        ]
        files = write(tmp_path, [(InputTopic.PAGE_VIEWS, view) for view in views])

        alerts, *_ = replayed(files, timed_rules(), until=until, partitions=partitions)
        expected = sorted(who for who, at in seen if at * 1_000_000 + QUIET <= last)
        assert expected == sorted(alert["customer_id"] for alert in wire(alerts))

    def test_nothing_at_all_has_no_end(self, tmp_path):
        alerts, _, _, report = replayed(write(tmp_path, []), timed_rules())
        assert ([], 0) == (alerts, report.customers)


class TestRealLog:
    def test_counts_add_up(self, tmp_path):
        """10,000 lines of a public web server, its hosts taken for customers: each line has one outcome."""
        log = DATA / "access_log.gz"
        if not log.exists():
            pytest.skip(f"no {log}: set STREAM_APP_DATA to the folder of access_log.gz")
        files = Files(access_logs=(log,), identity=Identity.HOST, base_url="https://www.example.com")

        alerts, fates, dead_letters, report = replayed(files)
        again = replayed(files)
        assert (report.total, report.events_in["page-views"]) == (10_000, 10_000)
        assert len(dead_letters) == report.came_to("dead_letter")
        assert report.ignored["bot"] > 1_000
        assert 0 < report.customers <= 1_753
        assert (alerts, fates, dead_letters) == again[:3]


RUN = """
import sys
from pathlib import Path
from stream_app.core.rule_set import RuleSet
from stream_app.inputs import Files
from stream_app.commands.replay import run
sys.exit(run(Files(page_views=(Path(sys.argv[1]),)), RuleSet(), **eval(sys.argv[2])))
"""


def started(path, **options):
    """Start a replay of views in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(path), repr(options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def pricing_views(count):
    """Lines of so many customers who look at prices, enough to fill a pipe with alerts."""
    return b"".join(
        orjson.dumps(builders.page_view(customer_id=f"c-{i}", event_id=f"v-{i}")) + b"\n" for i in range(count)
    )


class TestRun:
    def test_writes_alerts_to_stdout_and_the_summary_to_stderr(self, tmp_path):
        (tmp_path / "views.jsonl").write_bytes(pricing_views(3))
        process = started(tmp_path / "views.jsonl", as_json=True)
        out, error = process.communicate(timeout=60)

        assert process.returncode == 0
        assert [alert["intent"] for alert in wire(out.splitlines())] == ["budget"] * 3
        assert orjson.loads(error)["alerts"]["budget"] == 3

    def test_the_summary_alone_goes_to_stdout(self, tmp_path, capfd):
        """Alerts only to a file; what customers are worth is as of the newest event of all."""
        year_ago = builders.at(-365 * 86_400)
        records = [
            (InputTopic.PURCHASES, builders.purchase(customer_id="c-1", amount="900", occurred_at=year_ago)),
            (InputTopic.PURCHASES, builders.purchase(customer_id="c-2", amount="90", occurred_at=year_ago)),
            (InputTopic.PAGE_VIEWS, builders.page_view(customer_id="c-3")),
        ]
        files = write(tmp_path, records)

        assert run(files, RULE_SET, as_json=True, summary=True) == 0
        captured = capfd.readouterr()
        assert {"JPY": {"customers": 2, "p80": "2700"}} == orjson.loads(captured.out)["lifetime_value"]
        assert captured.err == ""
        assert run(files, RULE_SET, summary=True, alerts=str(tmp_path / "alerts.jsonl")) == 0
        assert "Lifetime value" in capfd.readouterr().out
        assert "budget" in (tmp_path / "alerts.jsonl").read_text()

    def test_a_closed_pipe_ends_it_quietly(self, tmp_path):
        """As with `| head`: nobody wants more, nobody is told off."""
        (tmp_path / "views.jsonl").write_bytes(pricing_views(3_000))
        process = started(tmp_path / "views.jsonl")
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
        process.stderr.close()

        assert (process.wait(60), error) == (141, b"")

    def test_ctrl_c_ends_it_quietly(self, tmp_path):
        """While it reads: exit code 130 and not a word."""
        pipe = tmp_path / "views.jsonl"
        os.mkfifo(pipe)
        letters = tmp_path / "dead-letters.jsonl"
        process = started(pipe, dead_letters=str(letters))
        with opened_with_a_reader(pipe, process):
            out, error = ctrl_c(process)

        assert (process.returncode, out, error) == (130, b"", b"")
        assert letters.exists()

    def test_all_outputs_go_to_files(self, month, tmp_path, capfd):
        files = write(tmp_path, month)
        names = {name: str(tmp_path / name) for name in ("alerts", "fates", "dead_letters")}

        assert run(files, RULE_SET, **names) == 0
        expected = replayed(files)
        assert [b"".join(lines) for lines in expected[:3]] == [Path(name).read_bytes() for name in names.values()]
        captured = capfd.readouterr()
        assert captured.out == ""
        assert "Suppressed" in captured.err

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"alerts": "views.jsonl"}, "is read"),
            ({"alerts": "./views.jsonl"}, "is read"),
            ({"fates": "-"}, "standard output"),
            ({"alerts": "out", "fates": "out"}, "out"),
            ({"partitions": 0}, "partition"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, tmp_path, monkeypatch, capfd, options, says):
        """Before anything is written over."""
        monkeypatch.chdir(tmp_path)
        Path("views.jsonl").write_bytes(pricing_views(1))

        assert run(Files(page_views=(tmp_path / "views.jsonl",)), RULE_SET, **options) == 2
        captured = capfd.readouterr()
        assert captured.out == ""
        assert says in captured.err
        assert pricing_views(1) == Path("views.jsonl").read_bytes()
        assert [path.name for path in tmp_path.iterdir()] == ["views.jsonl"]

    @pytest.mark.parametrize("files", [Files(), Files(csv=(Path("a.csv"),))])
    def test_refuses_no_files_and_files_it_has_no_map_of(self, files, capfd):
        assert run(files, RULE_SET) == 2
        assert capfd.readouterr().err.startswith("stream-app replay: ")

    @pytest.mark.parametrize(
        ("name", "options", "says"),
        [
            ("absent.jsonl", {}, "absent.jsonl"),
            ("views.jsonl", {"alerts": "absent/alerts.jsonl"}, "absent/alerts.jsonl: cannot be written"),
            ("views.jsonl", {"alerts": "/dev/full"}, "/dev/full: cannot be written: No space left on device; what"),
        ],
    )
    def test_names_the_file_that_failed(self, tmp_path, capfd, name, options, says):
        (tmp_path / "views.jsonl").write_bytes(pricing_views(1))

        assert run(Files(page_views=(tmp_path / name,)), RULE_SET, **options) == 1
        assert says in capfd.readouterr().err

    def test_devices_may_take_anything(self, tmp_path):
        (tmp_path / "views.jsonl").write_bytes(pricing_views(1))

        assert run(Files(page_views=(tmp_path / "views.jsonl",)), RULE_SET, alerts="/dev/null", fates="/dev/null") == 0

    def test_an_event_of_tomorrow_is_refused(self, tmp_path):
        """The clock that counts is the one of the start."""
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()  # noqa: TID251
        (tmp_path / "views.jsonl").write_bytes(orjson.dumps(builders.page_view(occurred_at=tomorrow)))
        letters = tmp_path / "dead-letters.jsonl"

        assert run(Files(page_views=(tmp_path / "views.jsonl",)), RULE_SET, dead_letters=str(letters)) == 0
        assert [letter["reason"] for letter in wire(letters.read_bytes().splitlines())] == ["future"]


class TestCommand:
    @pytest.mark.parametrize("name", RuleSetName)
    def test_takes_files_of_every_topic(self, month, tmp_path, monkeypatch, capfd, name):
        """With the settings of the command line over those of the file."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("STREAM_APP_RULES__SET", name)
        files = write(tmp_path, month)
        named = [word for topic in RECORDED for word in (f"--{topic}", str(getattr(files, FIELDS[topic])[0]))]

        assert main(["replay", *named, "--fates", "fates", "--partitions", "3", "--json"]) == 0
        alerts, fates, _, report = replayed(files, RuleSet(name=name), partitions=3)
        captured = capfd.readouterr()
        assert captured.out.encode() == b"".join(alerts)
        assert Path("fates").read_bytes() == b"".join(fates)
        assert orjson.loads(captured.err)["total"]["in"] == report.total

    def test_history_can_be_silent(self, tmp_path, monkeypatch, capfd):
        """What was before the given time builds state and is told as `backfill`."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("STREAM_APP_RULES__SET", "simple")
        Path("views.jsonl").write_bytes(pricing_views(2))

        assert main(["replay", "--page-views", "views.jsonl", "--alerts-from", builders.at(1), "--fates", "fates"]) == 0
        assert capfd.readouterr().out == ""
        assert [fate["reason"] for fate in wire(Path("fates").read_bytes().splitlines())] == ["backfill"] * 2

    def test_time_moves_on_to_where_it_is_told_to(self, tmp_path, monkeypatch, capfd):
        """And what came of it has files of its own."""
        monkeypatch.chdir(tmp_path)
        Path("views.jsonl").write_bytes(orjson.dumps(builders.page_view(url="https://a.example/kaiyaku")))
        profile = builders.customer(account_id="a-1")
        Path("customers.jsonl").write_bytes(orjson.dumps(profile))
        files = ["--resolutions", "resolutions", "--segment-changes", "moves", "--account-views", "looks"]
        files += ["--customers", "customers.jsonl"]

        assert main(["replay", "--page-views", "views.jsonl", "--until", "2026-06-10T13:00:00Z", *files]) == 0
        assert ["churn"] == [alert["intent"] for alert in wire(capfd.readouterr().out.splitlines())]
        assert b"" == Path("resolutions").read_bytes() + Path("moves").read_bytes()
        assert [("a-1", "cancellation")] == [
            (look["account_id"], look["category"]) for look in wire(Path("looks").read_bytes().splitlines())
        ]
        assert main(["replay", "--page-views", "views.jsonl", "--until", "tomorrow"]) == 2

    def test_a_file_that_is_not_there_is_wrong_usage(self, tmp_path, monkeypatch, capfd):
        monkeypatch.chdir(tmp_path)

        assert main(["replay", "--page-views", "absent.jsonl"]) == 2
        assert "absent.jsonl" in capfd.readouterr().err
