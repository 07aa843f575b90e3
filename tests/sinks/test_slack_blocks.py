"""What a reader sees in Slack, and that nothing in it is more than text, whatever the letter holds."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.alerts import Intent, Severity
from stream_app.core.language import Language
from stream_app.core.notify.orders import VERDICTS
from stream_app.render import Draft, Fact, Link, Option, Seen
from stream_app.render.letters import Button, Choice, Entry, Labelled, Many, Note, Whole
from stream_app.sinks.slack_blocks import content
from tests.sinks.slack_letters import BUTTONS, ENTRY, MANY, NOTE, whole

VALUES = {"case-1": '{"case_id":"case-1"}'}
OURS = {"type", "text", "emoji", "elements", "style", "bold", "user_id", "url", "action_id", "value"} | {
    "block_id",
    "placeholder",
    "options",
}


def walked(node):
    """Yield every object in the blocks."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walked(child)


def of_type(said, *kinds):
    return [node for node in walked(said.blocks) if node.get("type") in kinds]


def texts(said):
    """Return all that is shown, in order."""
    return [node["text"] for node in of_type(said, "plain_text", "text", "link") if isinstance(node["text"], str)]


class TestWhole:
    def test_parts_stand_in_the_order_in_which_they_are_read(self):
        said = content(whole(also_title="ほかの方", also=("山道 見本さん",)), VALUES)
        strong = [node["text"] for node in of_type(said, "text") if node.get("style")]
        titles = [text for text in strong if not text.startswith("\n")]
        expected = [
            "手続きに進まれる前に、理由を伺いましょう",
            "お客様",
            "何があったか（時刻は日本時間）",
            "ほかの方",
            "考えられること",
            "確からしさ",
            "次の一手：質問で見極めて、答えを選ぶ",
            "お客様への文面の下書き（こちらに見えていることには触れません）",
            "リンク",
        ]

        assert "header" == said.blocks[0]["type"]
        assert "【要対応・解約リスク】株式会社サンプル 見本 利用者 様" == said.blocks[0]["text"]["text"]
        assert expected == titles
        assert "actions" == said.blocks[-1]["type"]

    def test_the_draft_can_be_copied_as_it_stands(self):
        letter = whole()
        [box] = of_type(content(letter, VALUES), "rich_text_preformatted")

        assert [{"type": "text", "text": letter.message.draft.body.rstrip()}] == box["elements"]

    def test_all_that_was_prepared_is_shown(self):
        letter = whole(Intent.UPGRADE, Language.EN)
        shown = " ".join(" ".join(texts(content(letter, VALUES))).split())
        message = letter.message
        parts = [fact.text for fact in message.who] + [option.answer for option in message.options]

        assert [] == [one for one in (*parts, message.meaning, message.how_sure) if " ".join(one.split()) not in shown]

    def test_a_fact_is_a_line_with_its_label(self):
        section = content(whole(language=Language.EN), VALUES).blocks[2]["elements"][0]
        lines = "".join(element["text"] for element in section["elements"]).split("\n")

        assert ["Customer", "Name: Sample Customer (c-1042)", "Company: Example Ltd (a-0008)"] == lines[:3]

    def test_buttons_carry_their_case_and_open_is_a_link(self):
        buttons = content(whole(), VALUES).blocks[-1]["elements"]
        expected = [f"stream_app_{button.button}" for button in BUTTONS]

        assert expected == [button["action_id"] for button in buttons]
        assert [VALUES["case-1"]] * 2 + [None] * 2 == [button.get("value") for button in buttons]
        assert [None] * 3 + [BUTTONS[3].url] == [button.get("url") for button in buttons]
        assert VALUES["case-1"] == content(whole(), VALUES).blocks[-1]["block_id"]

    def test_the_text_is_for_who_reads_no_blocks(self):
        text = content(whole(), VALUES).text

        assert text.startswith("【要対応・解約リスク】株式会社サンプル 見本 利用者 様\n本日3回目\n手続きに")


class TestMany:
    def test_top_ones_have_their_button_and_the_rest_a_line(self):
        said = content(MANY, VALUES)

        assert ["header", "rich_text", "actions", "rich_text", "rich_text"] == [one["type"] for one in said.blocks]
        assert ["本日のまとめ", "解約リスク", "\n一行目", "担当します", "ほか", "\n• 解約リスク", "ほか3件"] == texts(
            said
        )

    def test_more_top_ones_than_slack_has_room_for_are_told_in_a_line(self):
        top = tuple(replace(ENTRY, heading=f"見出し{number}") for number in range(12))
        said = content(replace(MANY, top=top), VALUES)

        assert 10 == len(of_type(said, "actions"))
        assert ["\n• 見出し10", "\n• 見出し11", "\n• 解約リスク"] == texts(said)[-4:-1]


class TestMentions:
    @pytest.mark.parametrize("letter", [whole(), NOTE, MANY], ids=lambda letter: type(letter).__name__)
    def test_only_slacks_own_names_notify(self, letter):
        names = ("U0123", "tantou@example.co.jp", "!channel", "u0123", "U0123>", "C0123")
        said = content(replace(letter, mentions=names), VALUES)

        assert ["U0123"] == [node["user_id"] for node in of_type(said, "user")]
        assert said.text.startswith("<@U0123> tantou@example.co.jp !channel u0123 U0123&gt; C0123 ")
        assert "tantou@example.co.jp" in texts(said)


nasty = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "<!channel>",
            "<@U0123>",
            "<https://example.com|解約>",
            "https://example.com",
            "https://example.com/\u202e\ud800",
            "https://example.com/<@U0123>",
            "\u202eevil\u2066",
            "nul\x00\x1b[2J\r\n@here",
            "*_~`",
            "a\u0300" * 400,
            "👩‍👩‍👧‍👦" * 400,
            "&lt;" * 900,
            "長" * 3_100,
            "行\n" * 900,
            "",
        ]
    ),
)
many = st.lists(nasty, max_size=30).map(tuple)
choice = st.builds(Choice, action=st.sampled_from(VERDICTS), label=nasty)
choices = st.lists(choice, max_size=3).map(tuple)
button = st.builds(Labelled, button=st.sampled_from(Button), label=nasty, url=nasty, choices=choices)
buttons = st.lists(button, max_size=40).map(tuple)
language = st.sampled_from(Language)
entry = st.builds(
    Entry, case_id=st.just("case-1"), severity=st.sampled_from(Severity), heading=nasty, lines=many, buttons=buttons
)
message = st.builds(
    replace,
    st.just(whole().message),
    heading=nasty,
    headline=nasty,
    who=st.lists(st.builds(Fact, label=nasty, text=nasty), max_size=20).map(tuple),
    happened=nasty,
    seen=st.lists(st.builds(Seen, when=nasty, what=nasty, where=nasty), max_size=20).map(tuple),
    more=nasty,
    read_before=nasty,
    meaning=nasty,
    how_sure=nasty,
    readings=many,
    options=st.lists(st.builds(Option, case=nasty, ask=nasty, answer=nasty), max_size=9).map(tuple),
    draft=st.none() | st.builds(Draft, language=language, subject=nasty, body=nasty),
    links=st.lists(st.builds(Link, label=nasty, url=nasty), max_size=9).map(tuple),
)
wholes = st.builds(
    Whole,
    language=language,
    case_id=st.just("case-1"),
    message=message,
    notes=many,
    also_title=nasty,
    also=many,
    buttons=buttons,
    mentions=many,
)
notes = st.builds(Note, language=language, case_id=st.just("case-1"), lines=many, buttons=buttons, mentions=many)
entries = st.lists(entry, max_size=20).map(tuple)
manies = st.builds(Many, language=language, heading=nasty, notes=many, top=entries, rest=entries, more=nasty)
letters = st.one_of(wholes, notes, manies)


def markup(text):
    """Return what Slack would take for markup in a text."""
    return [part for part in text.split("<")[1:] if not part.startswith(("@U", "@W"))]


@settings(max_examples=40, deadline=None)
@given(letters)
def test_nothing_is_more_than_text(letter):
    said = content(letter, VALUES)
    allowed = [node for node in walked(said.blocks) if "mrkdwn" not in str(node.get("type"))]
    shown = "".join([said.text, *texts(said), *(node.get("url", "") for node in walked(said.blocks))])

    assert allowed == list(walked(said.blocks))
    assert set() == {key for node in walked(said.blocks) for key in node} - OURS
    assert [] == markup(said.text)
    assert set() == {node["user_id"] for node in of_type(said, "user")} - set(letter.mentions)
    assert set() == {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - set(
        "\n\u200c\u200d"
    )
    assert {False} >= {node["emoji"] for node in of_type(said, "plain_text")}


def too_long(node):
    """Tell whether an object is beyond what Slack allows, or empty where it must not be."""
    text = node.get("text")
    length = len(text.encode("utf-16-le")) // 2 if isinstance(text, str) else 1
    match node["type"]:
        case "header":
            return len(node["text"]["text"]) > 150
        case "button":
            return (
                len(node["text"]["text"]) > 75 or len(node.get("value", "")) > 2_000 or len(node.get("url", "")) > 3_000
            )
        case "static_select":
            options = node["options"]
            texts = [node["placeholder"], *(option["text"] for option in options)]
            return not 1 <= len(options) <= 100 or max(len(one["text"]) for one in texts) > 75
        case "actions":
            return not 1 <= len(node["elements"]) <= 25 or len(node.get("block_id", "")) > 255
        case "rich_text" | "rich_text_section" | "rich_text_preformatted":
            return not node["elements"]
    return not 1 <= length <= 3_000


@settings(max_examples=40, deadline=None)
@given(letters)
def test_the_limits_of_slack_hold(letter):
    said = content(letter, VALUES)
    typed = [node for node in walked(said.blocks) if "type" in node]

    assert [] == [node for node in typed if too_long(node)]
    assert len(said.blocks) <= 50
    assert 1 <= len(said.text.encode("utf-16-le")) // 2 <= 4_000
    assert sum(map(len, texts(said))) <= 11_000
    assert json.loads(json.dumps(said.blocks)) == said.blocks


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://crm.example.com/顧客/a-7?b=1#c", 1),
        ("https://crm.example.com/" + "a" * 3_000, 0),
        ("https://crm.example.com/\u202e", 0),
        ("https://crm.example.com/\ud800", 0),
        ("https://crm.example.com/ a", 0),
        ("https://crm.example.com/<@U0123>", 0),
        ("https://crm.example.com/|a", 0),
        ("slack://crm.example.com", 0),
        ("", 0),
    ],
)
def test_what_is_no_address_is_no_button(url, expected):
    letter = replace(NOTE, buttons=(Labelled(button=Button.OPEN, label="開く", url=url),))

    assert expected == len(of_type(content(letter, VALUES), "button"))


@pytest.mark.parametrize("name", ["U" * 37, "U" * 5_000, "&" * 5_000, "n" * 5_000], ids=[*"abcd"])
def test_names_and_text_have_room_together(name):
    letter = replace(NOTE, lines=("長" * 5_000,), mentions=(name,) * 30)

    assert len(content(letter, VALUES).text) <= 4_000


@settings(max_examples=20, deadline=None)
@given(wholes)
def test_no_text_pushes_out_the_buttons(letter):
    said = content(replace(letter, buttons=BUTTONS), VALUES)

    assert 4 == len(said.blocks[-1]["elements"])


@pytest.mark.parametrize("length", [149, 150, 151, 10_000])
def test_what_is_cut_says_so(length):
    message = replace(whole().message, heading="長" * length)
    heading = content(replace(whole(), message=message), VALUES).blocks[0]["text"]["text"]

    assert ("長" * length if length <= 150 else "長" * 149 + "…") == heading
