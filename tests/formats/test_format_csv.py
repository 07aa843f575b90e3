"""CSV exports read by a map of columns."""

import os
from collections import Counter
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from stream_app.core.audience import IgnoredReason
from stream_app.core.events import PageView, Purchase, PurchaseKind
from stream_app.formats import BadLine, CsvMapping, IgnoredLine, read_csv
from stream_app.formats.errors import DeadLetterReason

DATA = Path(os.environ.get("STREAM_APP_DATA", Path(__file__).parents[3] / "shared" / "data"))
RETAIL = DATA / "online_retail_2010-12_2011-06.csv.gz"
NOW_MS = 1_800_000_000_000
NOON = 1_781_092_800_000_000
VIEWS = CsvMapping(
    kind="page-views",
    columns={"event_id": "ID", "customer_id": "会員ID", "occurred_at": "日時", "url": "URL", "title": "タイトル"},
    time_format="%Y/%m/%d %H:%M:%S",
    timezone="Asia/Tokyo",
    encoding="cp932",
)
HEADER = "日時,会員ID,URL,タイトル,ID"
ROW = "2026/06/10 21:00:00,c-1,https://a.example/解約,解約ページ,v-1"
PURCHASES = CsvMapping(
    kind="purchases",
    columns={"customer_id": "who", "occurred_at": "when", "amount": "sum", "kind": "kind", "order_id": "order"},
    constants={"currency": "JPY", "plan": "team"},
)
BUY_HEADER = "who,when,sum,kind,order"
RETAIL_MAPPING = CsvMapping(
    kind="purchases",
    columns={
        "customer_id": "CustomerID",
        "occurred_at": "InvoiceDate",
        "unit_price": "UnitPrice",
        "quantity": "Quantity",
        "product_id": "StockCode",
    },
    constants={"currency": "GBP"},
    timezone="Europe/London",
    cancelled_column="InvoiceNo",
    cancelled_prefix="C",
)


def read(tmp_path, mapping, *rows, encoding=None, end="\n", now_ms=NOW_MS):
    path = tmp_path / "export.csv"
    path.write_bytes(end.join(rows).encode(encoding or mapping.encoding))
    return list(read_csv(path, mapping, now_ms))


def changed(mapping, **fields):
    return CsvMapping(**{name: getattr(mapping, name) for name in CsvMapping.__struct_fields__} | fields)


def buy(tmp_path, *rows, mapping=PURCHASES, **options):
    return read(tmp_path, mapping, BUY_HEADER, *rows, **options)


def test_page_view(tmp_path):
    """Japanese headers and text in CP932, a time without a zone in the one that is set."""
    expected = PageView(
        event_id="v-1",
        customer_id="c-1",
        occurred_at=NOON,
        url="https://a.example/解約",
        title="解約ページ",
    )
    assert [expected] == read(tmp_path, VIEWS, HEADER, ROW)
    assert [expected] == read(tmp_path, VIEWS, HEADER, ROW, end="\r\n")


def test_utf8_with_and_without_byte_order_mark(tmp_path):
    """Spreadsheets put a mark before the first column's name."""
    mapping = changed(VIEWS, encoding="utf-8")
    plain = read(tmp_path, mapping, HEADER, ROW)
    assert plain == read(tmp_path, mapping, HEADER, ROW, encoding="utf-8-sig")
    assert isinstance(plain[0], PageView)


def test_purchase(tmp_path):
    """Constants fill what no column says."""
    expected = Purchase(
        event_id="",
        customer_id="c-1",
        occurred_at=NOON,
        amount=Decimal("29800.50"),
        currency="JPY",
        kind=PurchaseKind.RENEWED,
        order_id="o-1",
        plan="team",
    )
    (purchase,) = buy(tmp_path, "c-1,2026-06-10T12:00:00Z,29800.50,renewed,o-1")
    fields = {name: getattr(purchase, name) for name in Purchase.__struct_fields__}
    assert expected == Purchase(**fields | {"event_id": ""})


def test_rows_without_an_id_get_one(tmp_path):
    """From line and text: the same in every run, another for an equal row."""
    row = "c-1,2026-06-10T12:00:00Z,1,,"
    first, second = buy(tmp_path, row, row)
    assert [first, second] == buy(tmp_path, row, row)
    assert first.event_id != second.event_id
    assert PurchaseKind.COMPLETED == first.kind


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("c-1,yesterday,1,,", DeadLetterReason.INVALID),
        ("c-1,,1,,", DeadLetterReason.INVALID),
        ("c-1,1965-01-01,1,,", DeadLetterReason.INVALID),
        ("c-1,2030-01-01,1,,", DeadLetterReason.FUTURE),
        ('c-1,2026-06-10,"1,980",,', DeadLetterReason.INVALID),
        ("c-1,2026-06-10,,,", DeadLetterReason.INVALID),
        ("c-1,2026-06-10,1,bought,", DeadLetterReason.INVALID),
        ("c-1,2026-06-10,1", DeadLetterReason.INVALID),
        ("c-1", DeadLetterReason.INVALID),
        (f"{'c' * 257},2026-06-10,1,,", DeadLetterReason.INVALID),
        ("c\0-1,2026-06-10,1,,", DeadLetterReason.INVALID),
        ("c-1,2026-06-10,1,," + "x" * 140_000, DeadLetterReason.INVALID),
        ("c-1,2026-06-10,1,," + "x" * 270_000, DeadLetterReason.TOO_BIG),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_bad_rows(tmp_path, row, reason):
    """Each is told with its line; the next is read."""
    bad, good = buy(tmp_path, row, "c-1,2026-06-10,1,,")
    assert isinstance(bad, BadLine)
    assert (2, reason) == (bad.line_number, bad.reason)
    assert reason is DeadLetterReason.TOO_BIG or row.encode() == bad.raw
    assert isinstance(good, Purchase)


def test_bytes_of_another_encoding(tmp_path):
    """A row that is not in the encoding that is set is bad, and only that row."""
    path = tmp_path / "export.csv"
    good = "2026/06/10 21:00:00,c-1,u,t,v-1"
    path.write_bytes(b"\n".join([HEADER.encode("cp932"), b"\xfd\xff" + good.encode(), good.encode()]))
    bad, view = read_csv(path, VIEWS, NOW_MS)
    assert (2, DeadLetterReason.INVALID) == (bad.line_number, bad.reason)
    assert isinstance(view, PageView)


def test_rows_over_several_lines(tmp_path):
    """A quoted title may have line breaks; the row is counted by its last line."""
    row = '2026/06/10 21:00:00,c-1,https://a.example/,"two\nlines",v-1'
    (view,) = read(tmp_path, VIEWS, HEADER, row)
    assert "two lines" == view.title
    (bad,) = read(tmp_path, VIEWS, HEADER, row.replace("2026", "x"))
    assert (3, row.replace("2026", "x").encode()) == (bad.line_number, bad.raw)


def test_a_quote_that_never_ends_harms_what_it_swallows(tmp_path):
    """Reading goes on after the longest field there may be."""
    rows = ["c-1,2026-06-10,1,,"] * 20_000
    items = buy(tmp_path, '"c-1,2026-06-10,1,,', *rows)
    assert {BadLine, Purchase} == {type(item) for item in items}
    assert len(items) > 10_000


def test_a_column_that_is_not_there(tmp_path):
    """Every row lacks it and says so; no row is silently half read."""
    mapping = changed(PURCHASES, columns=PURCHASES.columns | {"campaign": "Campaign"})
    (bad,) = buy(tmp_path, "c-1,2026-06-10,1,,", mapping=mapping)
    assert "column 'Campaign': missing" == bad.detail


def test_nobody(tmp_path):
    """A purchase of nobody is ignored; a view of nobody is a view that the core ignores."""
    assert [IgnoredLine(line_number=2, reason=IgnoredReason.ANONYMOUS)] == buy(tmp_path, ",2026-06-10,1,,")
    (view,) = read(tmp_path, VIEWS, HEADER, ROW.replace("c-1", ""))
    assert "" == view.customer_id


@pytest.mark.parametrize(("order", "kind", "order_id"), [("C7", "cancelled", ""), ("7", "completed", "7")])
def test_cancelled_by_prefix(tmp_path, order, kind, order_id):
    """The number of a cancellation is its own, not that of what it cancels."""
    mapping = changed(PURCHASES, cancelled_prefix="C")
    (purchase,) = buy(tmp_path, f"c-1,2026-06-10,1,,{order}", mapping=mapping)
    assert (kind, order_id) == (purchase.kind, purchase.order_id)


def test_quantity_times_price(tmp_path):
    """Exact, and negative for what came back."""
    mapping = changed(
        PURCHASES, columns={"customer_id": "who", "occurred_at": "when", "unit_price": "sum", "quantity": "order"}
    )
    (purchase,) = buy(tmp_path, "c-1,2026-06-10,2.55,,-6", mapping=mapping)
    assert Decimal("-15.30") == purchase.amount


def test_other_delimiters_and_empty_lines(tmp_path):
    """Tabs and semicolons; an empty line is no row."""
    mapping = changed(PURCHASES, delimiter=";")
    rows = [BUY_HEADER.replace(",", ";"), "", "c-1;2026-06-10;1;;"]
    assert [Purchase] == [type(item) for item in read(tmp_path, mapping, *rows)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"columns": {"colour": "Colour"}}, "colour"),
        ({"constants": {"url": "x"}}, "url"),
        ({"timezone": "Asia/Edo"}, "Asia/Edo"),
        ({"timezone": "../../etc"}, "etc"),
        ({"delimiter": "::"}, "delimiter"),
        ({"delimiter": "\n"}, "delimiter"),
    ],
)
def test_a_mapping_that_cannot_work(fields, said):
    """Is refused before any file is opened."""
    with pytest.raises(ValueError, match=said):
        changed(PURCHASES, **fields)


def test_a_missing_file_is_an_error(tmp_path):
    """Before anything is read."""
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "none", PURCHASES, NOW_MS)


def test_real_shop():
    """The first ten thousand lines of a real shop: one purchase a line, and the nobodies."""
    if not RETAIL.is_file():
        pytest.skip(f"needs {RETAIL.name}; STREAM_APP_DATA names the folder")
    items = list(islice(read_csv(RETAIL, RETAIL_MAPPING, NOW_MS), 10_000))
    assert {"Purchase", "IgnoredLine"} == set(Counter(type(item).__name__ for item in items))
    first = items[0]
    assert ("17850.0", Decimal("15.30"), "85123A", 1_291_191_960_000_000) == (
        first.customer_id,
        first.amount,
        first.product_id,
        first.occurred_at,
    )
    cancelled = [item for item in items if isinstance(item, Purchase) and item.kind is PurchaseKind.CANCELLED]
    assert cancelled
    assert {True} == {item.amount <= 0 for item in cancelled}
