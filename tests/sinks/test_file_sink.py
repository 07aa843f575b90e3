"""Messages as JSON lines: complete, one line each, and whole again after a crash."""

import asyncio
import json
import os
import threading
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.render.plain_letters import plain_letter
from stream_app.settings.sinks import FileSettings
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.file import JsonFile
from tests.render.samples import MORNING
from tests.sinks.parcels import LIST, NOTE, PUBLISHED, THERE, TOLD, WHOLE, envelope
from tests.sinks.test_console import hostile, letters


def sink(path):
    return JsonFile(FileSettings(path=path), lambda: MORNING)


def written(path, *said):
    """Return the lines of the file after these were delivered."""

    async def deliver():
        for each in said:
            await sink(path).deliver(each)

    asyncio.run(deliver())
    return path.read_bytes().decode().split("\n")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "messages.jsonl"


def test_a_line_says_all_of_a_message(path):
    line, end = written(path, envelope())

    assert "" == end
    assert {
        "at": "2026-06-01T01:00:00Z",
        "act": "new",
        "kind": "alert",
        "target": {"sink": "console", "kind": "channel", "address": "#customer-success"},
        "case_id": "case-1",
        "place": {"channel": "#customer-success", "id": "case-1", "shared": False},
        "alert_ids": [PUBLISHED.alert_id],
        "judged": [
            {
                "case_id": "case-1",
                "account": "a-0007",
                "rule_id": WHOLE.message.ids.rule_id,
                "alert_id": WHOLE.message.ids.alert_id,
            }
        ],
        "loud": True,
        "heading": TOLD.heading,
        "text": plain_letter(WHOLE),
    } == json.loads(line)


def test_a_list_says_its_entries(path):
    said = json.loads(written(path, envelope(Kind.DIGEST, LIST))[0])

    assert [
        {"case_id": "case-1", "severity": "high", "heading": "一番", "lines": ["解約のページ"]},
        {"case_id": "case-2", "severity": "low", "heading": "二番", "lines": []},
    ] == said["entries"]
    assert ("digest", "本日のまとめ:3件", True) == (said["kind"], said["heading"], said["place"]["shared"])
    assert "case_id" not in said


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (envelope(), ("new", True)),
        (envelope(Kind.ADD, NOTE, place=THERE), ("reply", False)),
        (envelope(Kind.REMIND, replace(NOTE, loud=True), place=THERE), ("reply", True)),
        (envelope(Kind.RAISE, NOTE), ("new", True)),
        (envelope(Kind.UPDATE, place=THERE), ("edit", False)),
        (envelope(Kind.BUNDLE, LIST), ("new", True)),
    ],
)
def test_a_line_says_what_is_done_and_whether_somebody_is_notified(path, said, expected):
    line = json.loads(written(path, said)[0])

    assert expected == (line["act"], line["loud"])


async def test_what_is_new_has_a_place_and_what_is_not_keeps_its_own(path):
    places = [await sink(path).deliver(each) for each in (envelope(), envelope(Kind.ADD, NOTE, place=THERE))]
    lines = [json.loads(line)["place"]["id"] for line in path.read_text().splitlines()]

    assert [Place(channel="#customer-success", id="case-1"), None] == places
    assert ["case-1", "case-1"] == lines


@pytest.mark.parametrize("torn", [b'{"at": "2026', b"\xe3\x81"])
def test_after_a_torn_line_a_new_one_begins(path, torn):
    path.write_bytes(b"{}\n" + torn)
    asyncio.run(sink(path).deliver(envelope()))
    first, cut, line, end = path.read_bytes().split(b"\n")

    assert (b"{}", torn, b"") == (first, cut, end)
    assert "case-1" == json.loads(line)["case_id"]


@pytest.mark.parametrize("before", [b"", b"{}\n"])
def test_a_file_that_is_whole_is_only_appended_to(path, before):
    path.write_bytes(before)
    asyncio.run(sink(path).deliver(envelope()))

    assert 1 == path.read_bytes().removeprefix(before).count(b"\n")


async def test_lines_of_many_at_once_stay_whole(path):
    one = sink(path)
    await asyncio.gather(*(one.deliver(envelope()) for _ in range(50)))

    assert ["case-1"] * 50 == [json.loads(line)["case_id"] for line in path.read_text().splitlines()]


async def test_a_file_that_was_moved_away_is_made_again(path):
    one = sink(path)
    await one.deliver(envelope())
    path.rename(path.with_suffix(".1"))
    await one.deliver(envelope())

    assert [1, 1] == [len(file.read_text().splitlines()) for file in (path, path.with_suffix(".1"))]


def test_a_pipe_gets_its_lines(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    asyncio.run(sink(pipe).deliver(envelope()))
    reader.join()

    assert ["case-1"] == [json.loads(line)["case_id"] for line in read[0].splitlines()]


async def failed(path, error):
    with pytest.raises(error) as caught:
        await sink(path).deliver(envelope())
    return str(caught.value)


async def test_a_full_disk_may_have_room_later():
    assert "/dev/full: No space left on device" == await failed(Path("/dev/full"), SinkError)


async def test_a_folder_that_is_lost_may_come_back(tmp_path):
    path = tmp_path / "lost" / "messages.jsonl"

    assert f"{path}: No such file or directory" == await failed(path, SinkError)
    path.parent.mkdir()
    await sink(path).deliver(envelope())
    assert 1 == len(path.read_text().splitlines())


async def test_a_directory_is_refused(tmp_path):
    assert f"{tmp_path}: Is a directory" == await failed(tmp_path, SinkRejected)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_what_may_not_be_written_is_refused(path):
    path.touch(0o400)

    assert f"{path}: Permission denied" == await failed(path, SinkRejected)


@settings(deadline=None, max_examples=50)
@given(text=hostile, kind=st.sampled_from(sorted(letters(""))))
def test_no_text_makes_a_second_line_or_commands_a_terminal(tmp_path_factory, text, kind):
    path = tmp_path_factory.mktemp("lines") / "messages.jsonl"
    letter = letters(text)[kind]
    line, end = written(path, envelope(kind, letter, target=Target(sink=Sink.FILE, address=text)))

    assert ("", [line]) == (end, line.splitlines())
    assert set() == {c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert (text, plain_letter(letter)) == (json.loads(line)["target"]["address"], json.loads(line)["text"])
