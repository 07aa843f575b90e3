"""docs/formats.md, read: each example, and what the page says that it becomes. Run it to write what is missing."""

import re
import tempfile
import tomllib
from functools import partial
from pathlib import Path
from typing import NamedTuple

from stream_app.codec import decode_value, to_wire
from stream_app.formats import CsvMapping, Identity, read_access_log, read_csv
from stream_app.formats.snowplow_rows import COLUMNS
from stream_app.topics import InputTopic

FILE = Path(__file__).parents[2] / "docs" / "formats.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOW_MS = 1_800_000_000_000


class Example(NamedTuple):
    """A section's blocks, and the last one's: what they become."""

    title: str
    blocks: tuple[str, ...]
    becomes: str


def examples():
    """Return every example of the page by the title of its section."""
    sections = [section.split("\n", 1) for section in FILE.read_text(encoding="utf-8").split("\n## ")[2:]]
    found = [(title, [text for _, text in _BLOCK.findall(body)]) for title, body in sections]
    return {title: Example(title, tuple(blocks[:-1]), blocks[-1]) for title, blocks in found}


def columns(**said):
    """Return a line of Snowplow's columns."""
    line = [""] * 131
    for name, value in said.items():
        line[COLUMNS[name]] = value
    return "\t".join(line).encode()


def value_of(example):
    """Return the value that an example is, empty if it is none by itself."""
    match example.title:
        case "CloudEvents, binary mode" | "CloudEvents, structured mode" | "Marketo's export" | "CSV" | "Access log":
            return b""  # headers, another topic, or an option's own
        case "Snowplow, columns":
            return _counted(example.blocks[0])
        case "A schema registry's frame":
            return example.blocks[0].strip().encode().decode("unicode_escape").encode("latin-1")
    return example.blocks[0].strip().encode()


def read(example):
    """Return what the program makes of an example."""
    match example.title:
        case "CloudEvents, binary mode":
            head, _, value = example.blocks[0].partition("\n\n")
            headers = [(name, text.encode()) for name, text in (line.split(": ", 1) for line in head.splitlines())]
            return decode_value(InputTopic.PAGE_VIEWS, value.strip().encode(), _NOW_MS, headers)
        case "CloudEvents, structured mode":
            return decode_value(InputTopic.PURCHASES, example.blocks[0].encode(), _NOW_MS)
        case "Marketo's export" | "CSV":
            mapping = CsvMapping(**tomllib.loads(example.blocks[0])["csv"])
            return _of_file(example.blocks[1], lambda path: read_csv(path, mapping, _NOW_MS))
        case "Access log":
            reader = partial(
                read_access_log, identity=Identity.USER, base_url="https://www.example.com", now_ms=_NOW_MS
            )
            return _of_file(example.blocks[0], reader)
    return decode_value(InputTopic.PAGE_VIEWS, value_of(example), _NOW_MS)


def _counted(block):
    line = [""] * 131
    for number, _, value in (row.split(" ", 2) for row in block.splitlines()):
        line[int(number) - 1] = value
    return "\t".join(line).encode()


def _of_file(text, reader):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_text(text, encoding="utf-8")
        (event,) = reader(path)
        return event


if __name__ == "__main__":
    page = FILE.read_text(encoding="utf-8")
    for example in examples().values():
        head, title, body = page.partition(f"\n## {example.title}\n")
        old, new = f"```json\n{example.becomes}```", f"```json\n{to_wire(read(example)).decode()}\n```"
        before, _, after = body.rpartition(old) if example.becomes else body.partition(old)
        page = head + title + before + new + after
    FILE.write_text(page, encoding="utf-8")
