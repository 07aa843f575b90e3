"""The combined access log: which lines are views, and of whom."""

import os
from collections import Counter
from pathlib import Path

import pytest

from stream_app.core.audience import IgnoredReason
from stream_app.core.events import PageView
from stream_app.formats import BadLine, Identity, IgnoredLine, read_access_log
from stream_app.formats.errors import DeadLetterReason

DATA = Path(os.environ.get("STREAM_APP_DATA", Path(__file__).parents[3] / "shared" / "data"))
LOG = DATA / "access_log.gz"
BASE = "https://www.example.com/"
MAY = 1_431_857_103_000_000  # 2015-05-17T10:05:03Z
NOW_MS = 1_500_000_000_000
LINE = (
    '10.0.0.1 - alice [17/May/2015:10:05:03 +0000] "GET /pricing?x=1 HTTP/1.1" 200 203 "https://r.example/" "Mozilla"'
)


def read(tmp_path, *lines, identity=Identity.USER, now_ms=NOW_MS, base=BASE):
    path = tmp_path / "access.log"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return list(read_access_log(path, identity, base, now_ms))


def test_a_line_is_a_view(tmp_path):
    """Path behind the base URL, time with its offset, user agent as it is; the same id in every run."""
    (view,) = read(tmp_path, LINE)
    expected = PageView(
        event_id=view.event_id,
        customer_id="alice",
        occurred_at=MAY,
        url="https://www.example.com/pricing?x=1",
        user_agent="Mozilla",
    )
    assert expected == view
    assert read(tmp_path, LINE) == [view]
    assert 32 == len(view.event_id)


def test_equal_lines_are_two_views(tmp_path):
    """Two views in one second may look alike."""
    first, second = read(tmp_path, LINE, LINE)
    assert first.event_id != second.event_id


@pytest.mark.parametrize(("identity", "customer_id"), [(Identity.USER, "alice"), (Identity.HOST, "10.0.0.1")])
def test_identity(tmp_path, identity, customer_id):
    """The user who is logged in, or the address."""
    assert customer_id == read(tmp_path, LINE, identity=identity)[0].customer_id


def test_nobody_is_anonymous(tmp_path):
    """A line without a user is a view of nobody, for the core to ignore."""
    assert "" == read(tmp_path, LINE.replace("alice", "-"))[0].customer_id


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GET", "POST"),
        ("GET", "HEAD"),
        (" 200 ", " 404 "),
        (" 200 ", " 500 "),
        ("/pricing?x=1", "/support/logo.PNG"),
        ("/pricing?x=1", "/support/style.css?v=2"),
        ("/pricing?x=1", "/app.js"),
    ],
)
def test_not_views(tmp_path, old, new):
    """What was sent, failed, or belongs to a page is no view of one."""
    expected = IgnoredLine(line_number=1, reason=IgnoredReason.NOT_RELEVANT)
    assert [expected] == read(tmp_path, LINE.replace(old, new))


@pytest.mark.parametrize("status", [" 304 ", " 302 "])
def test_views_without_content(tmp_path, status):
    """A page from the browser's cache was looked at too."""
    assert isinstance(read(tmp_path, LINE.replace(" 200 ", status))[0], PageView)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", DeadLetterReason.UNKNOWN_FORMAT),
        ("hello", DeadLetterReason.UNKNOWN_FORMAT),
        (LINE.replace("17/May", "31/Feb"), DeadLetterReason.UNKNOWN_FORMAT),
        (LINE.replace("+0000", "+9999"), DeadLetterReason.UNKNOWN_FORMAT),
        (LINE.replace("2015", "0000"), DeadLetterReason.UNKNOWN_FORMAT),
        (LINE.replace("2015", "1965"), DeadLetterReason.INVALID),
        (LINE.replace("2015", "2018"), DeadLetterReason.FUTURE),
        (LINE.replace("GET /pricing?x=1 HTTP/1.1", "-"), DeadLetterReason.INVALID),
        (LINE.replace("/pricing?x=1", "*"), DeadLetterReason.INVALID),
        (LINE.replace("/pricing", "/" + "p" * 9000), DeadLetterReason.INVALID),
        (LINE.replace("alice", "a" * 300), DeadLetterReason.INVALID),
        (b"\xff\xfe\0", DeadLetterReason.UNKNOWN_FORMAT),
    ],
    ids=lambda value: repr(value)[:70],
)
def test_bad_lines(tmp_path, line, reason):
    """Each is named and harms no other."""
    bad, good = read(tmp_path, line or " ", LINE)
    assert isinstance(bad, BadLine)
    assert (1, reason) == (bad.line_number, bad.reason)
    assert isinstance(good, PageView)


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/料金".encode(), "https://www.example.com/料金"),
        (rb"/\xe6\x96\x99\xe9\x87\x91", "https://www.example.com/料金"),
        (b"/%E6%96%99%E9%87%91", "https://www.example.com/%E6%96%99%E9%87%91"),
        (rb"/a\"b", 'https://www.example.com/a"b'),
        (b"/a\xff", r"https://www.example.com/a\xff"),
    ],
    ids=repr,
)
def test_paths_beyond_ascii(tmp_path, path, url):
    """As they are, escaped by Apache, or escaped for a URL; what is not UTF-8 is shown, not lost."""
    assert url == read(tmp_path, LINE.encode().replace(b"/pricing?x=1", path))[0].url


def test_real_log():
    """Ten thousand real lines: every one has its place, and the one that was cut off is bad."""
    if not LOG.is_file():
        pytest.skip(f"needs {LOG.name}; STREAM_APP_DATA names the folder")
    seen = Counter()
    for item in read_access_log(LOG, Identity.HOST, BASE, NOW_MS):
        seen[type(item).__name__ if not isinstance(item, BadLine) else item.reason] += 1
    assert 10_000 == sum(seen.values())
    assert 1 == seen[DeadLetterReason.UNKNOWN_FORMAT]
    assert {"PageView", "IgnoredLine", DeadLetterReason.UNKNOWN_FORMAT} == set(seen)
