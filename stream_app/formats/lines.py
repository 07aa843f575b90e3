"""Files read line by line, compressed or not, whatever is in them."""

import gzip
import zlib
from collections.abc import Iterator
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from stream_app.formats.errors import DeadLetterReason, DecodeError, IgnoredReason
from stream_app.formats.limits import MAX_VALUE_BYTES


class BadLine(Struct, frozen=True, kw_only=True):
    """A line that cannot be used; lines count from 1, `raw` has no line end and may be cut."""

    line_number: int
    raw: bytes
    reason: DeadLetterReason
    detail: str


class IgnoredLine(Struct, frozen=True, kw_only=True):
    """A sound line that nothing here is made from."""

    line_number: int
    reason: IgnoredReason


_ENOUGH = MAX_VALUE_BYTES + 2  # and its end

Line: TypeAlias = tuple[int, bytes]


def numbered_lines(path: Path) -> Iterator[Line | BadLine]:
    """Return the lines of a file, plain or gzip, without their ends; raises OSError only if it cannot be opened."""
    return numbered(path.open("rb"))


def numbered(file: BufferedReader) -> Iterator[Line | BadLine]:
    """Yield the lines of an open file, plain or gzip, without their ends; it is closed at the end."""
    number = 0
    with file:
        try:
            for number, raw in enumerate(_pieces(file), start=1):
                yield _line(number, raw)
        except (OSError, EOFError, zlib.error):
            detail = "the file cannot be read from here on"
            yield BadLine(line_number=number + 1, raw=b"", reason=DeadLetterReason.INVALID, detail=detail)


def bad_line(number: int, raw: bytes, error: DecodeError) -> BadLine:
    """Return the line as one that `error` forbids to use."""
    return BadLine(line_number=number, raw=raw, reason=error.reason, detail=error.detail)


def line_id(number: int, raw: bytes) -> str:
    """Return an id for what a line says: the same in every run over the same file, 32 hexadecimal digits."""
    return blake2b(b"%d:%b" % (number, raw), digest_size=16).hexdigest()


def _pieces(file: BufferedReader) -> Iterator[bytes]:
    """Yield each line with its end, of very long ones only as much as shows that they are."""
    source = gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file
    while raw := source.readline(_ENOUGH):
        yield raw
        while len(raw) == _ENOUGH and not raw.endswith(b"\n"):
            raw = source.readline(_ENOUGH)


def _line(number: int, raw: bytes) -> Line | BadLine:
    line = raw.rstrip(b"\r\n")
    if len(line) <= MAX_VALUE_BYTES:
        return number, line
    detail = f"longer than {MAX_VALUE_BYTES} bytes"
    return BadLine(line_number=number, raw=line, reason=DeadLetterReason.TOO_BIG, detail=detail)
