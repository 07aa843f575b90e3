"""Logs of workers, and which rules they say held where."""

import json

import pytest

from stream_app.codec import decode_value
from stream_app.commands.replay import Reloads, run
from stream_app.core.erasure import Erasures
from stream_app.followed import ReloadsError, follow, read_logs
from stream_app.formats import BadLine
from stream_app.formats.errors import DeadLetterReason
from stream_app.inputs import Files
from stream_app.logs import RULES_HOLD
from stream_app.recorded import Recorded
from stream_app.replay import Outputs
from stream_app.settings import Settings
from stream_app.settings.reloading import deciding
from stream_app.testing import builders
from stream_app.topics import InputTopic

A = Settings(rules={"set": "simple", "cancellation_lateness": "1h"})
B = Settings(rules={"set": "simple", "cancellation_lateness": "2h"})
BAD = BadLine(line_number=3, raw=b"x", reason=DeadLetterReason.NOT_JSON, detail="no")
IDS = {A.rule_set().id: "A", B.rule_set().id: "B"}


def line(second, by, places, **changed):
    """Return what a worker says at a time, in its own log, of the views of partitions."""
    partitions = {
        str(number): {"offsets": {"page-views": views, "ticks": 0}, "time": None, "alerts_from": None}
        for number, views in places.items()
    }
    said = {"event": RULES_HOLD, "timestamp": f"2026-06-01T00:00:{second:02}Z", "rule_set": by.rule_set().id}
    return json.dumps(said | {"partitions": partitions, "settings": deciding(by)} | changed)


@pytest.fixture
def logs(tmp_path):
    """Return what writes logs, each a list of lines, and reads them."""

    def written(*logs):
        files = [tmp_path / f"{number}.log" for number in range(len(logs))]
        for file, lines in zip(files, logs, strict=True):
            file.write_text("\n".join(["a line of another kind", *lines, ""]))
        return read_logs(files)

    return written


def told(followed):
    """Return by partition which rules held from which view on."""
    return {
        number: [(IDS[each.rules.id], each.offsets[InputTopic.PAGE_VIEWS]) for each in held]
        for number, held in followed.held.items()
    }


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([[line(1, A, {0: 0, 1: 0}), line(2, B, {0: 5, 1: 7})]], {0: [("A", 0), ("B", 5)], 1: [("A", 0), ("B", 7)]}),
        ([[line(1, A, {0: 0}), line(3, B, {0: 9})], [line(2, A, {0: 5})]], {0: [("A", 0), ("B", 9)]}),
        ([[line(1, A, {0: 0}), line(2, A, {0: 5}), line(3, A, {0: 3})]], {0: [("A", 0)]}),
        ([[line(1, A, {0: 0}), line(2, B, {0: 5}), line(3, A, {0: 5})]], {0: [("A", 0)]}),
        ([[line(1, A, {0: 5}), line(2, B, {0: 5})]], {0: [("B", 5)]}),
        ([[line(1, A, {0: 0}), line(2, B, {0: 5}), line(3, A, {0: 6})]], {0: [("A", 0), ("B", 5), ("A", 6)]}),
    ],
    ids=[
        "changed",
        "another worker, the same rules",
        "started again",
        "taken back",
        "nothing was judged",
        "there and back",
    ],
)
def test_what_held_where(logs, said, expected):
    assert expected == told(logs(*said))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], "no line says 'rules hold from here'"),
        ([line(1, A, {0: 0}, rule_set="0" * 12)], f"rule set {'0' * 12}: this version makes {A.rule_set().id}"),
        ([line(1, A, {0: 0}, settings={"rules": {"x": 1}})], "its settings mean nothing to this version"),
        ([line(1, A, {0: 0})[:-5]], "0.log:2: is no line of detect's log"),
    ],
)
def test_a_log_that_cannot_be_followed_is_refused(logs, said, expected):
    with pytest.raises(ReloadsError, match=expected):
        logs(said)


def test_each_record_is_judged_by_the_rules_of_its_offset(logs):
    """Whatever its time: the view that came late was judged after the change."""
    followed = logs([line(1, A, {0: 0, 1: 0}), line(2, B, {0: 2})])
    cancel = "https://www.example.com/account/cancel"
    views = [("a", 0, 0, 0), ("b", 0, 1, 60), ("c", 0, 2, 30), ("d", 1, 5, 90)]
    records = [
        Recorded(InputTopic.PAGE_VIEWS, number, offset, 0, _view(customer, second, cancel))
        for customer, number, offset, second in views
    ]
    letters, found = [], []
    records.append(Recorded(InputTopic.PAGE_VIEWS, 0, 3, 0, BAD))
    outputs = Outputs(alerts=lambda raw: found.append(json.loads(raw)), dead_letters=letters.append)
    report = follow(records, followed, outputs, erasures=Erasures())

    assert {"a": "A", "b": "A", "c": "B", "d": "A"} == {each["customer_id"]: IDS[each["rule_set"]] for each in found}
    assert (5, 1, [3]) == (report.total, len(letters), [json.loads(letters[0])["offset"]])
    with pytest.raises(ReloadsError, match="partition 7"):
        follow([Recorded(InputTopic.PAGE_VIEWS, 7, 0, 0, _view("e", 0, cancel))], followed, outputs)


def test_files_of_events_have_no_offsets(tmp_path, capsys):
    (tmp_path / "views.jsonl").write_text("")
    files = Files(page_views=(tmp_path / "views.jsonl",))
    assert 2 == run(files, A.rule_set(), reloads=Reloads((tmp_path / "log",), A))
    assert "--reloads judges what the topics hold" in capsys.readouterr().err


def _view(customer, second, url):
    value = builders.page_view(event_id=customer, customer_id=customer, occurred_at=builders.at(second), url=url)
    return decode_value(InputTopic.PAGE_VIEWS, json.dumps(value).encode(), -1)
