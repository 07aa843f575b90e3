"""The page's words are complete in both languages and those of the messages; its colours can be told apart."""

import json
import re
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

import stream_app
from stream_app.core.alerts import Intent, Polarity, ResolvedReason, Severity
from stream_app.core.language import Language
from stream_app.core.notify.orders import Action
from stream_app.render.catalogue import catalogue

PAGE = Path(stream_app.__file__).parent / "inbox" / "page"
WORDS = json.loads((PAGE / "words.json").read_text(encoding="utf-8"))
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in PAGE.glob("*.js")}
STYLE = (PAGE / "inbox.css").read_text(encoding="utf-8")
LONGEST_FILE = 300  # lines

DEEDS = {Action.ACKNOWLEDGE, Action.SNOOZE, Action.USEFUL, Action.NOT_USEFUL, Action.TOO_EARLY, "contacted"}
CLOSED = {
    "act.": {"acknowledge", "snooze"},
    "act.done.": {"acknowledge", "snooze"},
    "deed.": DEEDS,
    "ended.": {*ResolvedReason, "replaced"},
    "intent.": set(Intent),
    "link.": {"on", "off", "starting"},
    "news.": {"fresh", "moved"},
    "over.": {"resolved", "replaced", "overtaken", "solved", "unsaid", "closed"},
    "part.": {"who", "seen", "readings", "options", "draft", "timeline", "alerts", "deeds"},
    "plot.": {"day", "counted", "matter", "purchases", "alerts"},
    "polarity.": set(Polarity),
    "reading.": {"leading", "runner_up", "strong", "likely", "possible", "weak"},
    "scope.": {"mine", "team"},
    "severity.": set(Severity),
    "state.": {"waiting", "told", "acknowledged", "snoozed", "over"},
}
"""What the scripts put behind a beginning of a key."""


def used():
    """Return the keys that the scripts ask for."""
    text = "".join(SCRIPTS.values())
    plain = {one for one in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', text) if not one.endswith((".js", ".json"))}
    plain |= set(re.findall(r'\bt\("([a-z]+)"', text))
    begun = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)*\.)\$\{", text))
    assert begun == set(CLOSED)
    return plain | {f"{beginning}{end}" for beginning in begun for end in CLOSED[beginning]}


def test_each_word_is_there_in_both_languages_and_none_besides():
    assert used() == set(WORDS)
    assert {key: set(Language) for key in WORDS} == {key: set(said) for key, said in WORDS.items()}
    assert [] == [key for key, said in WORDS.items() if not all(said.values())]


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_leave_the_same_places_open(key):
    places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in WORDS[key].values()]

    assert places[0] == places[1]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("beginning", "table"),
    [
        ("intent.", "intent"),
        ("polarity.", "polarity"),
        ("severity.", "urgency"),
        ("act.", "button"),
        ("ended.", "over"),
    ],
)
def test_what_the_messages_say_too_is_said_in_their_words(language, beginning, table):
    said = getattr(catalogue(language), table)
    said = said if isinstance(said, dict) else {name: getattr(said, name) for name in CLOSED[beginning]}
    shared = {str(name): text for name, text in said.items() if f"{beginning}{name}" in WORDS}

    assert shared == {name: WORDS[f"{beginning}{name}"][language] for name in shared}
    assert len(shared) > 1


def test_no_file_of_the_page_is_long():
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in PAGE.iterdir()}

    assert {} == {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}


def test_the_scripts_make_no_markup_of_text_and_fetch_nothing_from_elsewhere():
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|srcdoc|Function\(")
    elsewhere = re.compile(r"""(?:src|href|url|import|fetch|EventSource)[\s=(]*["'`]?(?:https?:)?//""")
    page = "".join([*SCRIPTS.values(), STYLE, (PAGE / "index.html").read_text(encoding="utf-8")])

    assert [] == [*forbidden.findall(page), *elsewhere.findall(page)]
    assert [] == re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", (PAGE / "index.html").read_text())


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


TEXT = 4.5  # WCAG 2.2, 1.4.3 for text
SHAPE = 3.0  # 1.4.11 for what is no text
PAIRS = [
    *((text, ground, TEXT) for text in ("ink", "soft", "strong") for ground in ("paper", "card", "sunk", "chosen")),
    *((text, ground, TEXT) for text in ("high", "medium", "low") for ground in ("paper", "card", "sunk", "chosen")),
    *(
        (text, ground, TEXT)
        for text, ground in (("on-strong", "strong"), ("good", "good-tint"), ("medium", "medium-tint"))
    ),
    *(("good", ground, TEXT) for ground in ("paper", "card")),
    *((shape, ground, SHAPE) for shape in ("edge", "bar", "bought", "strong") for ground in ("paper", "card")),
]


def variables(theme):
    """Return the colours of a theme by name."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, flags=re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[list(Theme).index(theme)]))


def brightness(colour):
    """Return the relative luminance of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast of two colours, 1 to 21."""
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", Theme)
def test_every_colour_stands_out_from_what_it_stands_on(theme):
    colours = variables(theme)
    weak = {
        (a, b): contrast(colours[a], colours[b]) for a, b, least in PAIRS if contrast(colours[a], colours[b]) < least
    }

    assert {} == weak


def test_both_themes_have_the_same_colours_and_contrast_is_reckoned_as_the_standard_says():
    assert set(variables(Theme.LIGHT)) == set(variables(Theme.DARK))
    assert (21.0, 1.0, 4.54) == tuple(round(contrast("#ffffff", one), 2) for one in ("#000000", "#ffffff", "#767676"))
