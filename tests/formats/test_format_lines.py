"""Files line by line: JSON lines in any format, gzip, and whatever else is in a file."""

import gzip
import json
import random

import pytest

from stream_app.codec import DeadLetterReason, read_json_lines
from stream_app.core.audience import IgnoredReason
from stream_app.core.events import PageView
from stream_app.formats import BadLine, IgnoredLine
from stream_app.formats.lines import line_id, numbered_lines
from stream_app.testing import builders
from stream_app.topics import InputTopic

VIEW = json.dumps(builders.page_view()).encode()
SEGMENT = b'{"type":"identify","userId":"u-1"}'


def lines_of(tmp_path, content, name="lines.json"):
    path = tmp_path / name
    path.write_bytes(content)
    return list(numbered_lines(path))


def read(tmp_path, content, now_ms=-1):
    path = tmp_path / "lines.json"
    path.write_bytes(content)
    return list(read_json_lines(path, InputTopic.PAGE_VIEWS, now_ms))


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"a", [(1, b"a")]),
        (b"a\n", [(1, b"a")]),
        (b"a\r\nb\n\nc", [(1, b"a"), (2, b"b"), (3, b""), (4, b"c")]),
        (b"\xff\0\n", [(1, b"\xff\0")]),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_are_numbered(tmp_path, content, lines, pack):
    """From one, without their ends; gzip is recognised by its bytes, not by the name."""
    assert lines == lines_of(tmp_path, pack(content))


@pytest.mark.parametrize("size", [262_144, 262_145, 262_146, 262_147, 600_000, 1_048_576])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_long_lines(tmp_path, size, end):
    """One that is longer than a value may be is bad, the next is read as if nothing had been."""
    first, second = lines_of(tmp_path, b"x" * size + end + b"next")
    assert (2, b"next") == second
    if size == 262_144:
        assert (1, b"x" * size) == first
    else:
        assert (1, DeadLetterReason.TOO_BIG) == (first.line_number, first.reason)
        assert len(first.raw) <= 262_146


def test_a_damaged_archive_ends_with_a_bad_line(tmp_path):
    """What could be read was read."""
    whole = gzip.compress(b"".join(b"%d\n" % number for number in range(100_000)))
    *good, bad = lines_of(tmp_path, whole[: len(whole) // 2])
    assert [(number + 1, b"%d" % number) for number in range(len(good))] == good
    assert len(good) > 1000
    assert (len(good) + 1, DeadLetterReason.INVALID) == (bad.line_number, bad.reason)


def test_a_missing_file_is_an_error(tmp_path):
    """Before anything is read."""
    with pytest.raises(FileNotFoundError):
        read_json_lines(tmp_path / "none", InputTopic.PAGE_VIEWS, 0)


def test_line_id():
    """The same line elsewhere is another event."""
    assert line_id(1, b"a") == line_id(1, b"a")
    assert 3 == len({line_id(1, b"a"), line_id(2, b"a"), line_id(1, b"b")})
    assert line_id(1, b"1:a") != line_id(11, b":a")


def test_each_line_is_what_it_is(tmp_path):
    """Events, bad lines and ignored ones in one file; a byte order mark and blank lines are nothing."""
    content = b"\xef\xbb\xbf" + VIEW + b"\n\n  \n{\n" + SEGMENT + b"\r\n" + VIEW
    first, bad, ignored, last = read(tmp_path, content)
    assert isinstance(first, PageView)
    assert first == last
    assert isinstance(bad, BadLine)
    assert (4, b"{", DeadLetterReason.NOT_JSON) == (bad.line_number, bad.raw, bad.reason)
    assert IgnoredLine(line_number=5, reason=IgnoredReason.NOT_RELEVANT) == ignored


def test_lines_from_the_future(tmp_path):
    """A line has no timestamp but that of the run."""
    noon_ms = 1_781_092_800_000
    assert isinstance(read(tmp_path, VIEW, noon_ms)[0], PageView)
    assert DeadLetterReason.FUTURE == read(tmp_path, VIEW, noon_ms - 300_001)[0].reason


def _noisy_view(noise):
    return json.dumps(builders.page_view(title=noise.randbytes(100).hex())).encode() + b"\n"


def test_a_file_is_not_held_in_memory(tmp_path):
    """The first line is there before the rest has been read."""
    path, noise = tmp_path / "big.json.gz", random.Random(1)  # megabytes: what is read ahead is less
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(_noisy_view(noise) for _ in range(20_000))
    lines = read_json_lines(path, InputTopic.PAGE_VIEWS, -1)
    next(lines)
    path.write_bytes(path.read_bytes()[:1000])
    assert isinstance(list(lines)[-1], BadLine)
