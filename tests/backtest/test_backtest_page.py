"""The page: whole in both languages, nothing from elsewhere, and nothing that a name says is done."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from stream_app.backtest.page import to_html
from stream_app.backtest.phrases import words
from stream_app.backtest.plots import MOST_BARS, stacked
from stream_app.core.alerts import Intent, SuppressedReason
from stream_app.core.language import Language
from stream_app.core.notify.fates import Fate
from stream_app.core.rules import RULES
from stream_app.team_week import Count
from tests.backtest.histories import setup, tried, written

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}\u202e'
VOID = {"meta", "line", "rect", "br", "img", "link"}


class Page(HTMLParser):
    """The elements of a page; unbalanced ones stay on the stack."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.text = [], set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    files = written(tmp_path_factory.mktemp("page"), customers=25, days=10, account_name=HOSTILE)
    views = files.page_views[0]
    views.write_text(views.read_text().replace("/cancel", "/cancel?%3Cscript%3E<script>").replace('"c-00', '"c<b>-00'))
    for path in (*files.customers, *files.purchases, *files.interactions):
        path.write_text(path.read_text().replace('"c-00', '"c<b>-00').replace("cs-1@example", "cs'1&@example"))
    return tried(files, setup(), setup("simple"))


@pytest.mark.parametrize("language", Language)
def test_the_page_is_whole_and_takes_nothing_from_elsewhere(found, language):
    html = to_html(found, language)
    page = Page(html)

    assert [] == page.open
    assert set() == page.tags & {"script", "img", "link", "iframe", "object", "form", "b_", "foreignobject"}
    assert [] == [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert [] == re.findall(r"url\(|@import|javascript:", html)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert ("lang", language) in page.attributes


def test_what_names_say_is_shown_and_not_done(found):
    """Customers of this history are called `c<b>-…`: the mark stands in the text, and is none."""
    html = to_html(found, Language.EN)
    rows = {row.customer_id for row in found.difference.gained.rows}

    assert rows
    assert all("<b>" in who for who in rows)
    assert rows <= set(Page(html).text)
    assert "c<b>" not in html
    assert "c&lt;b&gt;" in html


@pytest.mark.parametrize("language", Language)
def test_every_word_of_a_closed_list_has_one_in_the_language(language):
    said = words(language)
    wanted = {"alert", "waiting", *SuppressedReason, *Fate, *Count}

    assert set() == wanted - set(said.of)
    assert set() == {*Intent, *(rule.id for rule in RULES)} - set(said.names)


def test_the_languages_say_the_same():
    ja, en = (words(language) for language in Language)
    for table in ("tiles", "section", "note", "column", "of", "difference", "bars"):
        assert set(getattr(ja, table)) == set(getattr(en, table)), table


class TestPlot:
    @pytest.mark.parametrize(("days", "span"), [(1, 1), (100, 1), (101, 7), (365, 7), (701, 28), (5_000, 364)])
    def test_bars_are_days_weeks_or_months_and_few(self, days, span):
        by_day = {date(2026, 1, 1) + timedelta(n): {"churn": 1, "budget": n % 2} for n in range(days)}
        plot = stacked(by_day, ["churn", "budget"])

        assert span == plot.days
        assert len(plot.bars) <= MOST_BARS
        assert days + days // 2 == sum(bar.total for bar in plot.bars)
        assert all(bar.total <= plot.top for bar in plot.bars)

    def test_pieces_stand_upon_each_other(self):
        day = date(2026, 1, 1)
        (bar,) = stacked({day: {"churn": 1, "budget": 2}}, ["budget", "churn", "ops"]).bars

        assert [("budget", 33.33, 66.67), ("churn", 0.0, 33.33)] == [(p.kind, p.y, p.height) for p in bar.pieces]

    def test_of_nothing_there_is_no_bar_to_be_seen(self):
        plot = stacked({date(2026, 1, 1): {}}, ["churn"])
        assert ((), ()) == (plot.kinds, plot.bars[0].pieces)
