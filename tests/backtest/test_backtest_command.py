"""`stream-app backtest`: what it prints and writes, and its exit codes."""

import json
import os
import subprocess
import sys

import pytest

from stream_app.cli import main
from stream_app.testing.builders import page_view
from tests.backtest.histories import written
from tests.pipes import ctrl_c, opened_with_a_reader


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A small history in the current folder, and settings that let it be judged."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, customers=12, days=6)
    (tmp_path / "stream-app.toml").write_text(FEEDS)
    (tmp_path / "happened.csv").write_text("customer,what,when\nc-00001,churned,2026-01-08\nc-x,upgraded,2026-01-08\n")


FEEDS = 'feeds = ["page-views", "purchases", "customers"]\n'
SORTS = ("gained", "lost", "changed")
VIEWS = (
    "backtest",
    "--page-views",
    "page-views.jsonl",
    "--purchases",
    "purchases.jsonl",
    "--customers",
    "customers.jsonl",
)


def test_people_read_tables_and_programs_json(files, capsys, tmp_path):
    arguments = [*VIEWS, "--outcomes", "happened.csv", "--within", "2", "--against", "simple"]
    assert (0, 0) == (main(arguments), main([*arguments, "--json", "--html", "page.html", "--lang", "en"]))
    text, _, document = capsys.readouterr().out.rpartition("\n{")
    found = json.loads("{" + document)

    wanted = (
        "(Asia/Tokyo): 6 days",
        "a day",
        "Digest lines",
        "Precision",
        "full against simple",
        "1 of them are not in",
    )
    assert [] == [words for words in wanted if words not in text]
    assert (1, "full", "simple") == (found["schema_version"], found["mine"]["name"], found["other"]["name"])
    assert {"part", "whole", "share", "low", "high"} == set(found["mine"]["verdict"]["intents"][0]["recall"])
    assert "Compared with simple" in (tmp_path / "page.html").read_text()


def test_where_nothing_is_told_no_table_is_empty(capsys, tmp_path, monkeypatch):
    """A heading over nothing looks like a mistake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.jsonl").write_text(json.dumps(page_view(url="https://www.example.com/about")))
    headings = ("What detect said", "What became of it", "Alerts by owner")

    assert 0 == main(["backtest", "--page-views", "one.jsonl", "--html", "page.html", "--lang", "en"])
    text, page = capsys.readouterr().out, (tmp_path / "page.html").read_text()

    assert "0 alerts" in text
    assert ([], 0) == ([heading for heading in headings if heading in text], page.count("<th>Intent</th>"))


def test_another_file_of_settings_and_the_same_once_more(files, capsys, tmp_path):
    """The same settings under another name come to the same; with another cooldown and reader they do not."""
    (tmp_path / "same.toml").write_text((tmp_path / "stream-app.toml").read_text())
    (tmp_path / "other.toml").write_text(FEEDS + '[rules.by_id."support.trying"]\nenabled = false\n')
    found = {}
    for name in ("same", "other"):
        assert main([*VIEWS, "--against", f"{name}.toml", "--json"]) == 0
        found[name] = json.loads(capsys.readouterr().out)
    counts = {
        name: {k: d["difference"][k]["count"] for k in ("gained", "lost", "changed")} for name, d in found.items()
    }

    assert {"gained": 0, "lost": 0, "changed": 0} == counts["same"]
    assert {"gained": counts["other"]["gained"], "lost": 0, "changed": 0} == counts["other"]
    assert {"support.trying"} == set(found["other"]["difference"]["gained"]["by_rule"])


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        ([], 2, "nothing to judge; name a file"),
        (["--from-topics", "--page-views", "page-views.jsonl"], 2, "do not go together"),
        (["--page-views", "page-views.jsonl", "--html", "page-views.jsonl"], 2, "is read"),
        (["--page-views", "page-views.jsonl", "--outcomes", "happened.csv", "--html", "happened.csv"], 2, "is read"),
        (["--csv", "happened.csv"], 2, "which column holds what"),
        (["--page-views", "happened.csv"], 1, "no event of a customer"),
        (["--page-views", "page-views.jsonl", "--outcomes", "page-views.jsonl"], 1, "line 1: customer: missing"),
        (["--page-views", "page-views.jsonl", "--erasures", "happened.csv"], 1, "an erasure cannot be read"),
        (["--page-views", "page-views.jsonl", "--html", "nowhere/page.html"], 1, "cannot be written"),
        (["--page-views", "page-views.jsonl", "--against", "nowhere.toml"], 2, "nowhere.toml: cannot be read"),
        (["--from-topics"], 1, "Kafka at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_is_said_with_an_exit_code(files, capsys, monkeypatch, arguments, exit_code, says):
    monkeypatch.setenv("STREAM_APP_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert exit_code == main(["backtest", *arguments])
    captured = capsys.readouterr()
    assert ("", True) == (captured.out, says in captured.err), captured.err


def test_ctrl_c_ends_it_quietly(files, tmp_path):
    """It waits for a line that never comes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "stream_app", "backtest", "--page-views", str(pipe)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with opened_with_a_reader(pipe, process):
        out, error = ctrl_c(process)

    assert (130, b"", b"") == (process.returncode, out, error)


def test_who_does_not_read_on_is_no_error(files):
    command = [sys.executable, "-m", "stream_app", *VIEWS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    with process.stderr as said:
        assert (b"", 141) == (said.read(), process.wait(60))
