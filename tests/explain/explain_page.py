"""The page of the documentation on explain; `python -m tests.explain.explain_page` writes it anew."""

import io
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from stream_app.cli import main
from tests.explain.explain_cases import HELD, SILENT, TOLD, asked, folder_of

FILE = Path(__file__).parents[2] / "docs" / "explain.md"
TITLES = {
    TOLD: "Somebody was told",
    HELD: "Something was found, and held back",
    SILENT: "Nothing was found",
}
HEAD = """# Why was I told, or not?

```sh
stream-app explain c-00001                     # out of the topics of the cluster
stream-app explain a-0001 --since 2026-06-01T00:00+09:00
stream-app explain c-00001 --page-views views.jsonl.gz --customers customers.jsonl --lang en
```

One page about a customer, or about all people of an account: the answer first, then how they stand now, then
everything by time: what they did, every match with its one fate (an alert and who was told of it, or why it was held
back), what is over, what people said of the messages. Times are those of `[hours]`, the language that of `[notify]`,
unless `--lang` says `ja` or `en`. `--json` is for programs. Exit code 0: told; 1: nobody is called so, or something
cannot be read; 2: wrong usage.

**Out of topics** it reads the inputs from the first offset to their ends of that moment, of a customer only the
partitions that the key leads to (an account's people may be in any), and judges them anew by the settings' rules: how
they stand, what the closest rules wanted. What was found and said is as it was written: alerts, `signal-fates`,
`alert-resolutions`, `deliveries` and `cs-feedback` of these keys, and what notify has in hand. It belongs to no group
and writes nothing: it needs Read on the inputs, on these topics, on `erasures` and on notify's changelog. What a topic
has dropped for its age is not told. On 95,000 records in 4 partitions (a simulated 70 days of 300 customers, Kafka on
the same two busy cores, 2026-11-23) a customer takes 3 s of CPU, an account 5 s, in 135 MB; start-up is 1 s of it.

**Out of files** (those of `replay`) all of it is judged anew and told through notify's two machines in simulated
time, budget, hours and digests of all readers included; nobody presses a button there. What would be told after the
last event is told as waiting. `--alerts`, `--fates`, `--resolutions`, `--deliveries` and `--feedback` name files of
JSON lines, as the topics hold them, that take the place of what would be made anew.

*What the closest rules still wanted* is asked of the rules themselves: after each view of a page that matters, what
would up to four more views of it have made them say? *If nothing comes* asks them about the next 90 days of silence.
What needs another kind of event, such as a complaint, is not tried.

Somebody who was erased at their wish is not shown: see the topic `erasures`. What the web log did not name belongs to
nobody, and is only counted for an account.

The three below are made up.
"""


def page():
    """Return the whole page."""
    parts = [HEAD]
    with TemporaryDirectory() as folder:
        files = folder_of(Path(folder))
        for name, title in TITLES.items():
            texts = (f"```text\n{_said(files, name, language)}```\n" for language in ("en", "ja"))
            parts += [f"\n## {title}\n", *(f"\n{text}" for text in texts)]
    return "".join(parts)


def _said(folder, name, language):
    out = io.StringIO()
    with redirect_stdout(out):
        main(asked(folder, name, "--lang", language))
    return out.getvalue()


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
