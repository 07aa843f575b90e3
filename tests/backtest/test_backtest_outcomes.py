"""What became of customers, read from a file: a closed list of words, days of the team's clock, lines named."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stream_app.backtest.outcomes import BEARS_OUT, OutcomesError, What, read_outcomes
from stream_app.core.alerts import Intent

TOKYO = ZoneInfo("Asia/Tokyo")
HEAD = "customer,what,when\n"


def read(folder, text):
    path = folder / "outcomes"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_outcomes(path, TOKYO)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "c-1,churned,2026-06-10\n",
        "\ufeff" + HEAD + "c-1,churned,2026-06-10",
        'when,note,what,customer\r\n2026-06-10,"a\nb",churned,c-1\r\n',
        HEAD + "c-1,churned,2026-06-09T23:30:00Z\n",
        HEAD + "c-1,churned,2026-06-10T23:59\n",
        '{"customer": "c-1", "what": "churned", "when": "2026-06-10"}\n',
        '\n{"customer": "c-1", "what": "churned", "when": "2026-06-10T09:00:00+09:00", "note": 1}\n\n',
    ],
)
def test_the_same_is_said_in_several_ways(tmp_path, text):
    """A moment counts for its day by the team's clock."""
    found = read(tmp_path, text)

    assert ((date(2026, 6, 10),), ()) == (found.of("c-1", Intent.CHURN), found.of("c-1", Intent.UPGRADE))
    assert (frozenset({"c-1"}), date(2026, 6, 10)) == (found.customers, found.last)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: no column customer, what, when"),
        ("customer,when\n", "line 1: no column what"),
        (HEAD, "says nothing"),
        (HEAD + "c-1,churned,2026-06-10\nc-2,left,2026-06-10\n", "line 3: what: must be one of churned, "),
        (HEAD + "c-1,churned,10.6.2026\n", "line 2: when: must be a day"),
        (HEAD + "c-1,churned,0001-01-01T00:00:00-14:00\nc-1,churned,9999-12-31T23:59:59-14:00\n", "line 3: when"),
        (HEAD + ",churned,2026-06-10\n", "line 2: customer: missing"),
        (HEAD + f"{'c' * 257},churned,2026-06-10\n", "line 2: customer: longer than 256"),
        (HEAD + "c-1,churned\n", "line 2: when: missing"),
        ('{"customer": "c-1", "what": ["churned"], "when": "2026-06-10"}', "line 1: what: missing"),
        ('{"customer": "c-1"\n', "line 1: not a JSON object"),
        ('{"a": 1}\n[]\n', "line 1: customer: missing"),
        (b"customer,what,when\nc-1,\x89\xf0,2026-06-10\n", "is not UTF-8"),
        (HEAD + f'"{"x" * 200_000}",churned,2026-06-10\n', "field larger than field limit"),
    ],
)
def test_what_cannot_be_used_names_its_line(tmp_path, text, says):
    with pytest.raises(OutcomesError) as error:
        read(tmp_path, text)
    assert str(error.value).startswith("outcomes: ")
    assert says in str(error.value)


def test_every_word_stands_in_the_docs_with_what_it_bears_out():
    docs = (Path(__file__).parents[2] / "docs" / "backtest.md").read_text(encoding="utf-8")
    rows = [f"| `{what}` | {', '.join(sorted(BEARS_OUT[what]))} |" for what in What]

    assert [] == [row for row in rows if row not in docs]
