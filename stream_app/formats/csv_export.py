"""CSV exports of MA tools and shops, read by a map from our fields to their columns."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from stream_app.core.events import Micros, PageView, Purchase, PurchaseKind
from stream_app.formats.csv_rows import CsvRow, csv_rows
from stream_app.formats.errors import DecodeError, IgnoredInput, IgnoredReason, invalid
from stream_app.formats.limits import (
    MAX_TEXT,
    MAX_USER_AGENT,
    clean,
    identifier,
    micros,
    not_ahead,
    required_id,
    web_address,
)
from stream_app.formats.lines import BadLine, IgnoredLine, Line, bad_line, line_id, numbered_lines
from stream_app.formats.money import currency, plain_decimal, times

_PAGE_VIEW_FIELDS = {
    "event_id",
    "customer_id",
    "account_id",
    "occurred_at",
    "url",
    "title",
    "user_agent",
}
_PURCHASE_FIELDS = {
    "event_id",
    "customer_id",
    "occurred_at",
    "order_id",
    "kind",
    "amount",
    "unit_price",
    "quantity",
    "currency",
    "product_id",
    "plan",
    "campaign",
}

_OBJECTS = Decoder(dict[str, Raw] | None)
_NULL = b"null"


class CsvMapping(Struct, frozen=True, kw_only=True):
    """Which column says what. A field has a column, the same value in every row (`constants`), or nothing.

    Fields are those of the events; for a purchase `unit_price` times `quantity` may stand for `amount`. A row without
    an `event_id` gets one from its text and line. `time_format` is strptime's (empty: ISO 8601), `timezone` is for
    times that name none. A row whose order id, or the value of `cancelled_column`, starts with `cancelled_prefix`
    cancels a purchase; as that number is the cancellation's own, it has no order id then. Of a column that holds a
    JSON object `column.key` is what stands there under that key. Rows that hold something else than `only` says of a
    column are passed over.
    Raises ValueError for fields, encodings and time zones that there are not.
    """

    kind: Literal["purchases", "page-views"]
    columns: Mapping[str, str]
    constants: Mapping[str, str] = {}
    encoding: Literal["utf-8", "cp932"] = "utf-8"
    delimiter: str = ","
    time_format: str = ""
    timezone: str = "UTC"
    cancelled_prefix: str = ""
    cancelled_column: str = ""
    only: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        """Refuse what cannot work before any row is read."""
        known = _PURCHASE_FIELDS if self.kind == "purchases" else _PAGE_VIEW_FIELDS
        unknown = sorted({*self.columns, *self.constants} - known)
        if unknown:
            raise ValueError(f"no such field of {self.kind}: {', '.join(unknown)}")
        if len(self.delimiter) != 1 or self.delimiter in '\r\n"':
            raise ValueError("delimiter: one character is needed, and no quote or line end")
        _zone(self.timezone)


def read_csv(path: Path, mapping: CsvMapping, now_ms: int) -> Iterator[PageView | Purchase | BadLine | IgnoredLine]:
    """Yield what each row of a file (plain or gzip) with a header is; a row may span lines.

    `now_ms` stands for the time of the records. Raises OSError only if the file cannot be opened.
    """
    return _read(numbered_lines(path), mapping, now_ms)


def _read(
    lines: Iterator[Line | BadLine], mapping: CsvMapping, now_ms: int
) -> Iterator[PageView | Purchase | BadLine | IgnoredLine]:
    header: dict[str, int] | None = None
    for row in csv_rows(lines, encoding=mapping.encoding, delimiter=mapping.delimiter):
        if isinstance(row, BadLine):
            yield row
        elif header is None:
            header = {name: position for position, name in reversed(list(enumerate(row.values)))}
        else:
            yield _event(row, _Fields(mapping, header, row.values), now_ms)


class _Fields:
    """One row, asked by the names of our fields."""

    def __init__(self, mapping: CsvMapping, header: Mapping[str, int], values: list[str]) -> None:
        self.mapping = mapping
        self._header = header
        self._values = values

    def column(self, name: str) -> str:
        """Return the text of a column; raises DecodeError if the row has no such column."""
        position = self._header.get(name, len(self._values))
        if position < len(self._values):
            return self._values[position].strip()
        column, _, key = name.partition(".")
        if key and column in self._header:
            return self._member(column, key)
        raise invalid(f"column {name!r}", "missing")

    def _member(self, column: str, key: str) -> str:
        try:
            members = _OBJECTS.decode(self.column(column) or _NULL) or {}
            member = members.get(key, Raw(_NULL))
            return msgspec.json.decode(member, type=str).strip() if bytes(member)[:1] == b'"' else _bare(bytes(member))
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            raise invalid(f"column {column!r}", "not a JSON object") from None

    def field(self, name: str) -> str:
        """Return the text of a field, empty if nothing says it; raises DecodeError for a missing column."""
        column = self.mapping.columns.get(name)
        return self.mapping.constants.get(name, "") if column is None else self.column(column)


def _bare(number: bytes) -> str:
    """Return a number, as it is written; nothing for what is neither number nor text."""
    return number.decode() if number[:1] in b"-0123456789" else ""


def _event(row: CsvRow, fields: _Fields, now_ms: int) -> PageView | Purchase | BadLine | IgnoredLine:
    read = _purchase if fields.mapping.kind == "purchases" else _page_view
    try:
        _is_wanted(fields)
        event_id = identifier("event_id", fields.field("event_id")) or line_id(row.line_number, row.raw)
        event = read(fields, event_id, _time(fields))
        not_ahead(event.occurred_at, now_ms)
        return event
    except DecodeError as error:
        return bad_line(row.line_number, row.raw, error)
    except IgnoredInput as ignored:
        return IgnoredLine(line_number=row.line_number, reason=ignored.reason)


def _is_wanted(row: _Fields) -> None:
    if any(row.column(name) != value for name, value in row.mapping.only.items()):
        raise IgnoredInput(IgnoredReason.NOT_RELEVANT)


def _page_view(row: _Fields, event_id: str, occurred_at: Micros) -> PageView:
    return PageView(
        event_id=event_id,
        customer_id=identifier("customer_id", row.field("customer_id")),
        occurred_at=occurred_at,
        url=web_address("url", row.field("url")),
        title=clean(row.field("title"), MAX_TEXT),
        account_id=identifier("account_id", row.field("account_id")),
        user_agent=clean(row.field("user_agent"), MAX_USER_AGENT),
    )


def _purchase(row: _Fields, event_id: str, occurred_at: Micros) -> Purchase:
    if not row.field("customer_id"):
        raise IgnoredInput(IgnoredReason.ANONYMOUS)
    cancelled = _cancelled(row)
    return Purchase(
        event_id=event_id,
        customer_id=required_id("customer_id", row.field("customer_id")),
        occurred_at=occurred_at,
        amount=_amount(row),
        currency=currency("currency", row.field("currency")),
        kind=PurchaseKind.CANCELLED if cancelled else _kind(row),
        order_id="" if cancelled else identifier("order_id", row.field("order_id")),
        product_id=identifier("product_id", row.field("product_id")),
        plan=identifier("plan", row.field("plan")),
        campaign=identifier("campaign", row.field("campaign")),
    )


def _time(row: _Fields) -> Micros:
    text, form = row.field("occurred_at"), row.mapping.time_format
    try:
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - see below
        aware = moment if moment.tzinfo else moment.replace(tzinfo=_zone(row.mapping.timezone))
    except (ValueError, OverflowError):
        raise invalid("occurred_at", "not a time of the format that is set") from None
    return micros("occurred_at", aware)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"timezone: no such time zone: {name}") from None


def _cancelled(row: _Fields) -> bool:
    mapping = row.mapping
    number = row.column(mapping.cancelled_column) if mapping.cancelled_column else row.field("order_id")
    return bool(mapping.cancelled_prefix) and number.startswith(mapping.cancelled_prefix)


def _kind(row: _Fields) -> PurchaseKind:
    try:
        return PurchaseKind(row.field("kind") or PurchaseKind.COMPLETED)
    except ValueError:
        raise invalid("kind", "not a kind of purchase") from None


def _amount(row: _Fields) -> Decimal:
    if "amount" in row.mapping.columns or "amount" in row.mapping.constants:
        return _decimal("amount", row)
    try:
        return times(_decimal("unit_price", row), _decimal("quantity", row))
    except ValueError as error:
        raise invalid("unit_price", str(error)) from None


def _decimal(field: str, row: _Fields) -> Decimal:
    try:
        return plain_decimal(row.field(field))
    except ValueError as error:
        raise invalid(field, str(error)) from None
