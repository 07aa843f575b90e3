"""The page of the documentation on the rules; `python -m tests.docs.rules_page` writes it anew."""

from decimal import Decimal
from pathlib import Path

from stream_app.core.language import Language
from stream_app.core.policy import Policy
from stream_app.core.rules import FULL, SIMPLE
from stream_app.core.tuning import Feed
from stream_app.playbooks import Book, load_playbooks
from stream_app.playbooks.names import BOOK_OF, told_with
from stream_app.settings.values import span
from tests.docs.asked_of import settings_of
from tests.docs.windows import WINDOWS

FILE = Path(__file__).parents[2] / "docs" / "rules.md"
BOOKS = load_playbooks()
ONLY_SIMPLE = tuple(rule for rule in SIMPLE if rule not in FULL)

HEAD = f"""# The rules

Written from the program's own rules and playbooks, with the settings as they are without a file. `stream-app rules`
shows them with yours. Words such as *alert*, *severity* and *case* are those of [concepts](concepts.md); what exactly
is counted is in [decisions/0001](decisions/0001-what-exactly-is-detected.md), how a look at prices is read in
[readings](readings.md), how often each is right on simulated months in [evaluation](evaluation.md).

**What holds for every rule.** What is older than the customer's newest event by more than `[rules] lateness`
({span(Policy().lateness)}; of rules that are patient `cancellation_lateness`, {span(Policy().cancellation_lateness)})
makes no alert. For `[rules] inhibition` ({span(Policy().inhibition)}) after an alert of churn there is none of budget
or upgrade. Who is a lead or has left, or is unknown with `judge_unknown = false`, makes none. `[rules.by_id."…"]` sets
`enabled`, `cooldown`, `severity` and `digest` of each. What is found and held back has a fate that says why, on the
topic `signal-fates`.

**Wakes with**: a rule that waits for what did not come sleeps until the setting `feeds` names where it would have come
from.

**Examples** are short histories of one customer: at the last step of the first kind the rule speaks, of the second not.
"""


def page():
    """Return the whole page."""
    parts = [HEAD, "\n", *_index(), "\n## The full set\n", *map(_told, FULL)]
    parts += ['\n## The simple set\n\nFour rules that see one page at a time: `[rules] set = "simple"`. ']
    parts += [f"{_linked(FULL[0].id)} is the same.\n", *map(_told, ONLY_SIMPLE)]
    parts += ["\n## Playbooks\n\nWhat is prepared for each kind of alert, in Japanese and in English. "]
    parts += ["The draft to the customer is in [messages](messages.md).\n", *map(_prepared, Book)]
    return "".join(parts)


def _index():
    yield "| rule | intent | severity | it is | told | wakes with |\n| --- | --- | --- | --- | --- | --- |\n"
    for rule in (*FULL, *ONLY_SIMPLE):
        wakes = _feeds(rule) or "·"
        yield f"| {_linked(rule.id)} | {rule.intent} | {rule.severity} | {rule.polarity} | {_when(rule)} | {wakes} |\n"


def _told(rule):
    rows = {
        "Looks at": WINDOWS[rule.id],
        "Says it again": "each time" if not rule.cooldown else f"not before {span(rule.cooldown)} have passed",
        "Open for": f"at most {span(rule.open_for)}",
        "Patient": "with what comes up to a day late" if rule.patient else "",
        "Wakes with": _feeds(rule),
        "Settings": ", ".join(f"`{name}` = {_value(value)}" for name, value in settings_of(rule).items()),
        "Speaks": "; ".join(example.story for example in rule.examples if example.fires),
        "Silent": "; ".join(example.story for example in rule.examples if not example.fires),
        "Playbook": _playbook(rule),
    }
    said = "".join(f"- **{name}**: {text}\n" for name, text in rows.items() if text)
    kind = f"{rule.intent}, {rule.severity}, {rule.polarity}; told {_when(rule)}."
    return f"\n### {rule.id}\n\n{rule.why}\n\n{kind}\n\n{said}"


def _prepared(book):
    texts = "".join(f"\n**{name}** {_text(BOOKS[book, language], colon)}" for language, (name, colon) in _NAME.items())
    for_rules = ", ".join(map(_linked, told_with(book)))
    return f"\n### Playbook {book}\n\nFor {for_rules}.\n{texts}"


def _text(book, colon):
    options = "".join(f"- {one.case}{colon}{one.ask} → {one.answer}\n" for one in book.options)
    return f"{book.headline}\n\n{book.meaning}\n\n{options}"


def _playbook(rule):
    name = BOOK_OF[rule.id]
    sure = "".join(f"\n  - {BOOKS[name, language].how_sure[rule.id]}" for language in Language)
    return f"[{name}](#playbook-{name}). How sure that is:{sure}"


def _linked(rule_id):
    known = rule_id in WINDOWS
    return f"[{rule_id}](#{rule_id.replace('.', '')})" if known else f"`{rule_id}`"


def _feeds(rule):
    every = " and ".join(f"`{feed}`" for feed in Feed if feed in rule.feeds)
    return every or " or ".join(f"`{feed}`" for feed in Feed if feed in rule.one_of)


def _when(rule):
    return "in the digest" if rule.digest else "at once"


def _value(value):
    match value:
        case bool():
            return str(value).lower()
        case int():
            return span(value)
        case dict():
            return ", ".join(f"{amount:,} {currency}" for currency, amount in value.items())
        case Decimal() | str():
            return str(value)


_NAME = {Language.JA: ("日本語：", "："), Language.EN: ("English:", ": ")}


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
