"""Rows of a CSV file with the bytes they came from, whatever the file holds."""

import csv
from collections.abc import Iterator

from msgspec import Struct

from stream_app.formats.errors import invalid
from stream_app.formats.lines import BadLine, Line, bad_line


class CsvRow(Struct, frozen=True, kw_only=True):
    """One row: its last line, counted from 1, its bytes and its values."""

    line_number: int
    raw: bytes
    values: list[str]


def csv_rows(lines: Iterator[Line | BadLine], *, encoding: str, delimiter: str) -> Iterator[CsvRow | BadLine]:
    """Yield the rows of a file; one may span lines, an empty line is none."""
    source = _Source(lines, encoding)
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        source.next_row()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield bad_line(source.number, source.raw, invalid("row", "not CSV"))
            continue
        if source.trouble:
            yield source.trouble
        elif values:
            yield CsvRow(line_number=source.number, raw=source.raw, values=values)


class _Source:
    """Feeds csv.reader with text and remembers the bytes of the row under way, and what was wrong with them."""

    def __init__(self, lines: Iterator[Line | BadLine], encoding: str) -> None:
        self._lines = lines
        self._encoding = encoding
        self._raw: list[bytes] = []
        self.number = 0
        self.trouble: BadLine | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if isinstance(line, BadLine):
            self.number, self.trouble = line.line_number, line
            return ""
        number, raw = line
        self._raw.append(raw)
        self.number = number
        return self._text(number, raw)

    def _text(self, number: int, raw: bytes) -> str:
        encoding = "utf-8-sig" if number == 1 and self._encoding == "utf-8" else self._encoding
        try:
            return raw.decode(encoding) + "\n"
        except UnicodeDecodeError:
            self.trouble = bad_line(number, raw, invalid("row", f"not {self._encoding} text"))
            return raw.decode(encoding, "replace") + "\n"

    @property
    def raw(self) -> bytes:
        """The bytes of the row under way."""
        return b"\n".join(self._raw)

    def next_row(self) -> None:
        """Forget the row that was."""
        self._raw, self.trouble = [], None
