"""Files of JSON lines, one message value a line, in any format that the topics take."""

from collections.abc import Iterator
from pathlib import Path

from stream_app.codec.inputs import DecodeError, IgnoredInput, decode_value
from stream_app.core.events import Event
from stream_app.formats.lines import BadLine, IgnoredLine, Line, bad_line, numbered_lines
from stream_app.topics import InputTopic

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_json_lines(path: Path, topic: InputTopic, now_ms: int) -> Iterator[Event | BadLine | IgnoredLine]:
    """Yield what each line of a file (plain or gzip) is; blank lines are nothing.

    `now_ms` stands for the timestamps that lines do not have. Raises OSError only if the file cannot be opened.
    """
    return (item[0] if isinstance(item, tuple) else item for item in read_json_values(path, topic, now_ms))


def read_json_values(
    path: Path, topic: InputTopic, now_ms: int
) -> Iterator[tuple[Event, bytes] | BadLine | IgnoredLine]:
    """Yield the same, each event together with the value that says it."""
    return _read(numbered_lines(path), topic, now_ms)


def _read(
    lines: Iterator[Line | BadLine], topic: InputTopic, now_ms: int
) -> Iterator[tuple[Event, bytes] | BadLine | IgnoredLine]:
    for line in lines:
        if isinstance(line, BadLine):
            yield line
            continue
        number, raw = line
        value = raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw
        if value.strip():
            yield _event(number, value, topic, now_ms)


def _event(number: int, value: bytes, topic: InputTopic, now_ms: int) -> tuple[Event, bytes] | BadLine | IgnoredLine:
    try:
        return decode_value(topic, value, now_ms), value
    except DecodeError as error:
        return bad_line(number, value, error)
    except IgnoredInput as ignored:
        return IgnoredLine(line_number=number, reason=ignored.reason)
