"""What a button carries comes back when it is pressed; what is not ours is passed over."""

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent
from stream_app.core.language import Language
from stream_app.core.notify.orders import VERDICTS, Action
from stream_app.core.notify.parcels import Kind
from stream_app.render.catalogue import catalogue
from stream_app.render.letters import Button
from stream_app.sinks.slack_blocks import content
from stream_app.sinks.slack_buttons import Heard, pressed, presses, replied
from tests.render.cases import message, parcel, published, told
from tests.sinks.slack_letters import BUTTONS, NOTE, case, envelope, whole
from tests.sinks.slack_said import event, interaction


def row_of(sent):
    """Return the last block of a letter in Slack."""
    return content(sent.letter, presses(sent)).blocks[-1]


def chosen(row, number, **changes):
    """Return what Slack says when the so many-th of the menu is chosen."""
    (menu,) = (each for each in row["elements"] if each["type"] == "static_select")
    said = {"type": "static_select", "action_id": menu["action_id"], "block_id": row["block_id"]}
    return interaction(said | {"selected_option": menu["options"][number]} | changes)


def heard_on(sent, action):
    return Heard(
        action=action,
        case_id="case-1",
        account="a-0007",
        rule_id=sent.letter.message.ids.rule_id,
        alert_id=sent.letter.message.ids.alert_id,
        by="U0TANTOU",
        name="tantou",
        channel="C0123",
        ts="1700000000.000000",
        at=1_700_000_060_123_456,
    )


@pytest.mark.parametrize("number", range(2))
def test_a_press_says_what_the_button_stood_on(number):
    sent = envelope(whole())
    button = row_of(sent)["elements"][number]

    assert (heard_on(sent, Action(BUTTONS[number].button)),) == pressed(interaction(button))


@pytest.mark.parametrize(("number", "action"), [*enumerate(VERDICTS)])
def test_a_choice_says_what_the_menu_stood_on(number, action):
    sent = envelope(whole())

    assert (heard_on(sent, action),) == pressed(chosen(row_of(sent), number))


@pytest.mark.parametrize("language", Language)
def test_the_menu_has_the_words_of_the_reader(language):
    words = catalogue(language)
    letter = told(parcel(Kind.ALERT, message(published(Intent.CHURN, language))), language)
    row = content(letter, {letter.case_id: "{}"}).blocks[-1]
    (menu,) = (each for each in row["elements"] if each["type"] == "static_select")

    assert words.button[Button.VERDICT] == menu["placeholder"]["text"]
    assert [words.verdict[action] for action in VERDICTS] == [each["text"]["text"] for each in menu["options"]]


@pytest.mark.parametrize(("length", "expected"), [(1, 1), (100, 1), (101, 1), (400, 0)])
def test_what_has_no_room_in_a_menu_has_some_in_buttons(length, expected):
    sent = envelope(whole())
    sent = replace(sent, parcel=replace(sent.parcel, messages=(case(account="a" * length),)))
    row = row_of(sent)
    buttons = [each for each in row["elements"] if each["action_id"].endswith("_too_early")]
    (heard,) = pressed(interaction(buttons[0]) if buttons else chosen(row, 2))

    assert (expected, 1 - expected) == (int("block_id" in row), len(buttons))
    assert (Action.TOO_EARLY, "a" * length) == (heard.action, heard.account)


@pytest.mark.parametrize(
    "changes",
    [
        {"action_id": "stream_app_useful"},
        {"action_id": "verdict"},
        {"selected_option": {"value": "acknowledge"}},
        {"selected_option": {"value": "verdict"}},
        {"selected_option": {}},
        {"block_id": "b1"},
        {"block_id": None},
    ],
    ids=str,
)
def test_what_is_chosen_elsewhere_is_passed_over(changes):
    assert () == pressed(chosen(row_of(envelope(whole())), 0, **changes))


def test_the_buttons_of_older_messages_are_understood():
    said = {"action_id": "stream_app_not_useful", "value": '{"case_id":"case-1"}'}

    assert [Action.NOT_USEFUL] == [heard.action for heard in pressed(interaction(said))]


def test_a_button_under_a_note_speaks_of_the_newest_of_the_most_severe():
    [button] = row_of(envelope(replace(NOTE, buttons=BUTTONS[:1])))["elements"]
    [heard] = pressed(interaction(button))

    assert ("al-3", "churn.export", "a-0007") == (heard.alert_id, heard.rule_id, heard.account)


def test_ids_that_are_too_long_for_slack_have_no_button():
    sent = envelope(replace(NOTE, buttons=BUTTONS[:1]))
    long = replace(sent, parcel=replace(sent.parcel, messages=(case(account="長" * 2_000),)))

    assert {} == presses(long)
    assert ["rich_text"] == [block["type"] for block in content(long.letter, presses(long)).blocks]


OURS = interaction({"action_id": "stream_app_snooze", "value": '{"case_id":"case-1"}'})


@pytest.mark.parametrize(
    "change",
    [
        {"type": "view_submission"},
        {"actions": [{"action_id": "stream_app_open", "action_ts": "1.000000"}]},
        {"actions": [{"action_id": "snooze", "action_ts": "1.000000", "value": '{"case_id":"x"}'}]},
        {"actions": [{"action_id": "stream_app_snooze", "action_ts": "1.000000", "value": "{}"}]},
        {"actions": [{"action_id": "stream_app_snooze", "action_ts": "1.000000", "value": "not json"}]},
        {"actions": [{"action_id": "stream_app_snooze", "action_ts": "soon", "value": '{"case_id":"x"}'}]},
        {"actions": "all"},
        {"user": None},
        {"container": {"type": "view"}},
    ],
    ids=str,
)
def test_what_is_not_ours_is_passed_over(change):
    assert 1 == len(pressed(OURS))
    assert () == pressed(OURS | change)


@pytest.mark.parametrize("extra", [{}, {"subtype": "thread_broadcast"}, {"subtype": "file_share"}], ids=str)
def test_a_reply_names_its_thread(extra):
    expected = Heard(
        action=Action.REPLY,
        by="U0TANTOU",
        channel="C0123",
        ts="1700000060.123456",
        thread_ts="1700000000.000000",
        at=1_700_000_060_123_456,
    )

    assert (expected,) == replied(event(**extra))


@pytest.mark.parametrize(
    "change",
    [
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"type": "reaction_added"},
        {"thread_ts": "1700000060.123456"},
        {"thread_ts": None},
        {"ts": "9" * 400},
        {"ts": "now"},
        {"user": 7},
    ],
    ids=str,
)
def test_what_is_no_reply_of_a_person_is_passed_over(change):
    assert () == replied(event(**change))


@pytest.mark.parametrize("payload", [{}, {"type": "event_callback"}, {"type": 5}, {"type": "block_actions"}], ids=str)
def test_half_of_a_payload_is_passed_over(payload):
    assert () == (*pressed(payload), *replied(payload))
