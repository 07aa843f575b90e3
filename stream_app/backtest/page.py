"""A backtest as one page that needs nothing else: no script, no font and no picture from anywhere."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stream_app.alert_lines import plain
from stream_app.backtest.found import NOBODY, Backtest
from stream_app.backtest.phrases import Words, words
from stream_app.backtest.plots import interval, stacked
from stream_app.backtest.text import ahead, share
from stream_app.core.alerts import Intent
from stream_app.core.language import Language
from stream_app.team_week import Count

LISTED = 200
"""Alerts gained and lost, of each sort, that the page shows."""

_FOLDER = Path(__file__).parent / "templates"


def to_html(found: Backtest, language: Language) -> str:
    """Return the page; whatever names, pages and addresses say is shown and does nothing."""
    said = words(language)
    template = _templates().get_template("page.html.jinja")
    page: str = template.render(
        found=found,
        w=said,
        lang=language,
        intents=[str(intent) for intent in Intent],
        counts=[str(what) for what in Count],
        listed=LISTED,
        nobody=NOBODY,
        word=lambda name: _word(name, said),
        told_by_day=lambda side: {day: {str(w): n for w, n in of.items()} for day, of in side.told_by_day.items()},
    )
    return page


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": lambda n: f"{n:,}",
        "one": lambda n: f"{n:,.1f}",
        "half": lambda n: f"{n / 2:,.1f}".removesuffix(".0"),
        "whole": lambda n: f"{n:,.0f}",
        "percent": lambda n: f"{n:.0%}",
        "plain": plain,
        "share": share,
        "ahead": ahead,
        "stacked": stacked,
        "interval": interval,
        "words_of": _words_of,
        "most_first": lambda counts: sorted(counts.items(), key=lambda item: (-item[1], item[0])),
    }
    return made


def _word(name: str, said: Words) -> str:
    """Return what a word of a closed list is called; of anything else itself."""
    return said.of.get(name) or said.names.get(name) or name


def _words_of(table: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the columns of a table of counts: what became an alert, then the most frequent."""
    sums: dict[str, int] = {}
    for counts in table.values():
        for word, n in counts.items():
            sums[word] = sums.get(word, 0) + n
    return sorted(sums, key=lambda word: (word != "alert", -sums[word]))
