"""Messages at a terminal: whole for people, and harmless whatever customers call themselves."""

import asyncio
import unicodedata
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.language import Language
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.render.letters import Button, Entry, Labelled, Many, Note, Whole
from stream_app.render.message import Fact, Seen
from stream_app.sinks.console import Console
from tests.render.samples import LONDON, MORNING, TOKYO
from tests.sinks.parcels import BUTTONS, LIST, NOTE, THERE, TOLD, WHOLE, envelope


def printed(said, zone=TOKYO):
    """Return what is printed of an envelope, and where it then stands."""
    out = StringIO()
    place = asyncio.run(Console(out, lambda: MORNING, zone).deliver(said))
    return out.getvalue(), place


def test_a_message_says_where_and_when_then_all_of_it():
    text, _ = printed(envelope())
    head, heading, *rest = text.splitlines()

    assert "── Mon 2026-06-01 10:00 JST  console #customer-success  new" == head
    assert TOLD.heading == heading
    assert list(WHOLE.notes) == rest[:2]
    assert TOLD.headline == rest[2]
    assert [
        "■ 同じ会社のほかの方",
        "見本 二郎 様: 料金プラン 10:05",
        "",
        "[担当します] [あとで] [CRMで開く https://crm.example.com/accounts/a-0007]",
        "@tantou@example.co.jp",
        "",
    ] == rest[-6:]


def test_a_list_has_its_top_in_some_lines_and_the_rest_in_one_each():
    text, _ = printed(envelope(Kind.DIGEST, LIST))

    assert (
        """\
── Mon 2026-06-01 10:00 JST  console #customer-success  digest
本日のまとめ:3件
解約 1件

1. 一番
   解約のページ
   [担当します]

■ ほか
- 二番
ほか1件

"""
        == text
    )


def test_an_edit_is_one_line():
    text, place = printed(envelope(Kind.UPDATE, place=THERE))

    assert place is None
    said = " · ".join((TOLD.heading, *WHOLE.notes))
    assert f"── Mon 2026-06-01 10:00 JST  console #customer-success  edited: {said}\n\n" == text


def test_a_note_is_its_lines_and_buttons():
    text, _ = printed(envelope(Kind.ADD, replace(NOTE, buttons=BUTTONS[:2]), place=THERE))

    assert ["見本 二郎 様も料金プランを見ています", "[担当します] [あとで]", ""] == text.splitlines()[1:]


@pytest.mark.parametrize(
    ("kind", "letter", "there", "expected"),
    [
        (Kind.ALERT, WHOLE, None, "new"),
        (Kind.RAISE, NOTE, THERE, "in the thread"),
        (Kind.RAISE, NOTE, None, "new"),
        (Kind.ADD, NOTE, THERE, "in the thread"),
        (Kind.UPDATE, WHOLE, THERE, "edited"),
        (Kind.REMIND, NOTE, THERE, "reminder"),
        (Kind.ESCALATE, NOTE, THERE, "escalation"),
        (Kind.BUNDLE, LIST, None, "many at once"),
        (Kind.DIGEST, LIST, None, "digest"),
    ],
)
def test_the_head_says_what_is_done(kind, letter, there, expected):
    text, _ = printed(envelope(kind, letter, place=there))

    assert text.splitlines()[0].partition("#customer-success  ")[2].partition(":")[0] == expected


@pytest.mark.parametrize(
    ("kind", "letter", "there", "expected"),
    [
        (Kind.ALERT, WHOLE, None, Place(channel="#customer-success", id="case-1")),
        (Kind.RAISE, NOTE, None, Place(channel="#customer-success", id="case-1")),
        (Kind.RAISE, NOTE, THERE, None),
        (Kind.DIGEST, LIST, None, Place(channel="#customer-success", id="case-1", shared=True)),
        (Kind.BUNDLE, LIST, None, Place(channel="#customer-success", id="case-1", shared=True)),
    ],
)
def test_what_is_new_has_a_place(kind, letter, there, expected):
    assert expected == printed(envelope(kind, letter, place=there))[1]


def test_times_are_those_of_the_zone():
    assert printed(envelope(), LONDON)[0].startswith("── Mon 2026-06-01 02:00 BST  console")


def test_a_closed_stream_is_the_caller_s():
    out = StringIO()
    out.close()
    with pytest.raises(ValueError, match="closed file"):
        asyncio.run(Console(out, lambda: MORNING, TOKYO).deliver(envelope()))


hostile = st.text(max_size=30) | st.sampled_from(
    [
        "\x1b[2J\x1b]0;evil\x07",
        "\x9b31m",
        "\u202eevil",
        "a\rb",
        "a\nb",
        "\x08\x08",
        "\u2028",
        "\ud800",
        "\u2066",
        "\x85",
    ]
)


def letters(text):
    """Return a letter of each sort with this text wherever there is one."""
    buttons = (Labelled(button=Button.OPEN, label=text, url=text),)
    told = replace(
        TOLD, heading=text, who=(Fact(label=text, text=text),), seen=(Seen(when=text, what=text, where=text),)
    )
    common = {"language": Language.JA, "mentions": (text,)}
    whole = Whole(case_id=text, message=told, notes=(text,), also_title=text, also=(text,), buttons=buttons, **common)
    entry = Entry(case_id=text, severity=TOLD.severity, heading=text, lines=(text,), buttons=buttons)
    listed = Many(heading=text, notes=(text,), top=(entry,), rest_title=text, rest=(entry,), more=text, **common)
    return {
        Kind.ALERT: whole,
        Kind.UPDATE: whole,
        Kind.ADD: Note(case_id=text, lines=(text,), buttons=buttons, **common),
        Kind.DIGEST: listed,
    }


@settings(deadline=None)
@given(hostile)
def test_no_text_moves_the_cursor_or_turns_the_line(text):
    target = Target(sink=Sink.CONSOLE, address=text)
    said = [printed(envelope(kind, letter, target=target))[0] for kind, letter in letters(text).items()]

    assert set() == {c for c in "".join(said) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}


@given(hostile)
def test_an_edit_and_a_head_stay_one_line_whatever_they_hold(text):
    place = Place(channel=text, id=text)
    said, _ = printed(
        envelope(Kind.UPDATE, letters(text)[Kind.UPDATE], target=Target(sink=Sink.CONSOLE, address=text), place=place)
    )

    assert 2 == said.count("\n")
