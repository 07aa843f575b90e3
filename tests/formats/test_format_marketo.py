"""Marketo's activities: rows of its REST interface, and the extract of whole months as CSV."""

import csv
import io
import json

import pytest
from foreign import NOON, read, verdict

from stream_app.codec import DeadLetterReason, IgnoredReason
from stream_app.core.events import PageView
from stream_app.formats import BadLine, CsvMapping, IgnoredLine, read_csv

VISIT = {
    "id": 102988,
    "marketoGUID": "g-1",
    "leadId": 1042,
    "activityDate": "2026-06-01T03:00:00Z",
    "activityTypeId": 1,
    "primaryAttributeValueId": 71,
    "primaryAttributeValue": "/primary",
    "attributes": [
        {"name": "Webpage URL", "value": "/pricing"},
        {"name": "Query Parameters", "value": "plan=team"},
        {"name": "User Agent", "value": "Mozilla"},
        {"name": "Webpage ID", "value": 71},
        {"name": "Referrer URL", "value": None},
    ],
}
EXTRACT = CsvMapping(
    kind="page-views",
    columns={
        "event_id": "marketoGUID",
        "customer_id": "leadId",
        "occurred_at": "activityDate",
        "url": "attributes.Webpage URL",
        "user_agent": "attributes.User Agent",
    },
    only={"activityTypeId": "1"},
)
COLUMNS = ("marketoGUID", "leadId", "activityDate", "activityTypeId", "primaryAttributeValue", "attributes")


def url(*attributes, **fields):
    said = [{"name": name, "value": value} for name, value in attributes]
    return read(VISIT | {"attributes": said} | fields).url


def extracted(tmp_path, *rows, mapping=EXTRACT):
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    path = tmp_path / "extract.csv"
    path.write_text(text.getvalue())
    return list(read_csv(path, mapping, NOON // 1000))


def row(attributes, kind="1"):
    return ("g-1", "1042", "2026-06-01T03:00:00Z", kind, "/primary", attributes)


def test_visit():
    expected = PageView(
        event_id="g-1", customer_id="1042", occurred_at=NOON, url="/pricing?plan=team", user_agent="Mozilla"
    )
    assert expected == read(VISIT)


@pytest.mark.parametrize("date", ["2026-06-01T03:00:00+0000", "2026-06-01T12:00:00+09:00"])
def test_times_as_it_writes_them(date):
    assert NOON == read(VISIT | {"activityDate": date}).occurred_at


def test_id_of_before():
    assert "102988" == read(VISIT | {"marketoGUID": None}).event_id


def test_url():
    """The attribute, else the primary one; the query behind it, unless there is one."""
    assert "/pricing" == url(("Webpage URL", "/pricing"))
    assert "/primary?a=1" == url(("Query Parameters", "?a=1"))
    assert "/p?b=2" == url(("Webpage URL", "/p?b=2"), ("Query Parameters", "a=1"))


@pytest.mark.parametrize("kind", [2, 12, 100_001])
def test_other_activities_are_passed_over(kind):
    assert IgnoredReason.NOT_RELEVANT == verdict(VISIT | {"activityTypeId": kind, "attributes": 5})


@pytest.mark.parametrize(
    "fields",
    [
        {"activityTypeId": "one"},
        {"leadId": None},
        {"leadId": ""},
        {"leadId": True},
        {"activityDate": "2026-06-01T03:00:00"},
        {"activityDate": None},
        {"marketoGUID": None, "id": None},
        {"attributes": {"Webpage URL": "/pricing"}},
        {"attributes": None, "primaryAttributeValue": None},
        {"marketoGUID": "g" * 257},
    ],
    ids=repr,
)
def test_broken_ones(fields):
    assert DeadLetterReason.INVALID == verdict(VISIT | fields)


def test_extract(tmp_path):
    """Attributes by their names in the column of JSON, rows of other activities passed over."""
    said = json.dumps({"Webpage URL": "/pricing", "User Agent": "Mozilla", "Webpage ID": 71})
    view = PageView(event_id="g-1", customer_id="1042", occurred_at=NOON, url="/pricing", user_agent="Mozilla")
    ignored = IgnoredLine(line_number=3, reason=IgnoredReason.NOT_RELEVANT)
    assert [view, ignored] == extracted(tmp_path, row(said), row("null", kind="12"))


@pytest.mark.parametrize(
    ("attributes", "agent"),
    [
        ('{"Webpage URL": "/p"}', ""),
        ('{"Webpage URL": "/p", "User Agent": null}', ""),
        ('{"Webpage URL": "/p", "User Agent": 5.50}', "5.50"),
        ('{"Webpage URL": "/p", "User Agent": {"a": 1}}', ""),
        ('{"Webpage URL": "/p", "User Agent": " \\u0041 "}', "A"),
    ],
)
def test_what_a_key_holds(tmp_path, attributes, agent):
    """Texts and numbers; what is missing, null or more than that is nothing."""
    (view,) = extracted(tmp_path, row(attributes))
    assert agent == view.user_agent


@pytest.mark.parametrize("attributes", ["", "null", "{}", "{", "[]", "5", '{"Webpage URL": "\\ud800"}', "[" * 5_000])
def test_no_address_in_a_row(tmp_path, attributes):
    (line,) = extracted(tmp_path, row(attributes))
    assert (BadLine, DeadLetterReason.INVALID) == (type(line), line.reason)


def test_a_column_with_a_point_in_its_name_is_that_column(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("page.url,when\n/p,2026-06-01T03:00:00Z\n")
    mapping = CsvMapping(kind="page-views", columns={"url": "page.url", "occurred_at": "when"})
    assert ["/p"] == [view.url for view in read_csv(path, mapping, NOON // 1000)]


def test_a_column_that_there_is_not(tmp_path):
    mapping = CsvMapping(kind="page-views", columns={"occurred_at": "activityDate", "url": "nothing.here"})
    (line,) = extracted(tmp_path, row("{}"), mapping=mapping)
    assert "column 'nothing.here': missing" == line.detail
