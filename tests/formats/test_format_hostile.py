"""Files of anything: readers end, raise nothing, and what they give can go through Kafka unchanged."""

import gzip
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream_app.codec import decode, read_json_lines, to_wire
from stream_app.core.events import PageView, Purchase
from stream_app.formats import BadLine, CsvMapping, Identity, IgnoredLine, read_access_log, read_csv
from stream_app.topics import InputTopic

NOW_MS = 1_800_000_000_000
LOG_LINE = b'10.0.0.1 - alice [17/May/2015:10:05:03 +0000] "GET /pricing HTTP/1.1" 200 203 "-" "Mozilla"'
CSV = b"who,when,price,count,order\nc-1,2026-06-10T12:00:00Z,2.55,6,o-1\nc-1,2026-06-10,1.5,-2,C2\n"
VIEWS_CSV = CSV.replace(b"price", b"url")
PURCHASES = CsvMapping(
    kind="purchases",
    columns={
        "customer_id": "who",
        "occurred_at": "when",
        "unit_price": "price",
        "quantity": "count",
        "order_id": "order",
    },
    constants={"currency": "JPY"},
    cancelled_prefix="C",
)
VIEWS = CsvMapping(
    kind="page-views", columns={"customer_id": "who", "occurred_at": "when", "url": "url", "title": "order"}
)


@st.composite
def damaged(draw, sound):
    """Sound content repeated, with pieces changed, dropped or added, and perhaps packed and cut."""
    raw = bytearray(sound * draw(st.integers(1, 3)))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(raw)))
        piece = draw(st.binary(max_size=3) | st.sampled_from([b'"', b"\n", b"\r", b"\0", "解".encode(), b"9" * 30]))
        raw[start : start + draw(st.integers(0, 4))] = piece
    content = bytes(raw)
    if draw(st.integers(0, 9)) == 0:
        content = gzip.compress(content)
        content = content[: draw(st.integers(2, len(content)))]
    return content


def items(content, read):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        path.write_bytes(content)
        return list(read(path))


def assert_usable(found):
    """Every item is a line that is told, or an event that Kafka would carry unchanged."""
    for item in found:
        match item:
            case PageView():
                assert item == decode(InputTopic.PAGE_VIEWS, item.customer_id.encode(), to_wire(item), -1)
            case Purchase():
                assert item == decode(InputTopic.PURCHASES, item.customer_id.encode(), to_wire(item), -1)
            case _:
                assert isinstance(item, BadLine | IgnoredLine)


@settings(max_examples=100, deadline=None)
@given(content=damaged(LOG_LINE + b"\n") | st.binary(max_size=300))
@example(content=LOG_LINE.replace(b"Mozilla", b"\\x00\\n" + b"M" * 5000))
def test_access_log(content):
    """Whatever a web server was made to write."""
    assert_usable(items(content, lambda path: read_access_log(path, Identity.USER, "https://a.example", NOW_MS)))


@settings(max_examples=100, deadline=None)
@given(content=damaged(CSV) | st.binary(max_size=300))
@example(content=CSV.replace(b"2.55,6", b"9" * 18 + b"," + b"9" * 18))
@example(content=CSV.replace(b"2.55,6", b"0.000000001,0.000000001"))
def test_csv_of_purchases(content):
    """Whatever a shop exports."""
    assert_usable(items(content, lambda path: read_csv(path, PURCHASES, NOW_MS)))


@settings(max_examples=100, deadline=None)
@given(content=damaged(VIEWS_CSV), encoding=st.sampled_from(["utf-8", "cp932"]))
def test_csv_of_views(content, encoding):
    """Whatever an MA tool exports, read in the wrong encoding too."""
    mapping = CsvMapping(kind="page-views", columns=VIEWS.columns, encoding=encoding)
    assert_usable(items(content, lambda path: read_csv(path, mapping, NOW_MS)))


@settings(max_examples=100, deadline=None)
@given(content=damaged(b'{"event_id":"e","occurred_at":"2026-06-10T12:00:00Z","url":"u"}\n'))
def test_json_lines(content):
    """Whatever stands in a file of JSON lines."""
    assert_usable(items(content, lambda path: read_json_lines(path, InputTopic.PAGE_VIEWS, NOW_MS)))
