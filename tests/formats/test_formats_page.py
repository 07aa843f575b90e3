"""docs/formats.md is read: each example becomes what the page says, and its table is all the sections there are."""

import gzip
import json
import re

import pytest
from formats_page import FILE, examples, read, value_of

from stream_app.codec import to_wire
from stream_app.inputs import Files

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_becomes_what_the_page_says(example):
    assert json.loads(example.becomes) == json.loads(to_wire(read(example)))


def test_the_table_names_every_section():
    linked = re.findall(r"^\| \[[^]]+\]\(#([^)]+)\)", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = [re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in EXAMPLES]
    assert sorted(anchors) == sorted(linked)


def test_a_file_may_hold_lines_of_several_formats(tmp_path):
    """As `--page-views` reads it, packed or not: each line is recognised by itself."""
    lines = [one for one in EXAMPLES.values() if value_of(one)]
    path = tmp_path / "lines.gz"
    path.write_bytes(gzip.compress(b"".join(value_of(one) + b"\n" for one in lines)))
    found = [event for _, event in Files(page_views=(path,)).lines(1_800_000_000_000)]
    assert [read(one) for one in lines] == found
    assert len(lines) >= 7
