"""What a button carries comes back when it is pressed; what is not ours is passed over."""

import pytest
from msgspec.structs import replace

from stream_app.core.notify.orders import Action
from stream_app.sinks.slack_blocks import content
from stream_app.sinks.slack_buttons import Heard, pressed, presses, replied
from tests.sinks.slack_letters import BUTTONS, NOTE, case, envelope, whole
from tests.sinks.slack_said import event, interaction


def buttons_of(sent):
    return content(sent.letter, presses(sent)).blocks[-1]["elements"]


@pytest.mark.parametrize("number", range(4))
def test_a_press_says_what_the_button_stood_on(number):
    sent = envelope(whole())
    button = buttons_of(sent)[number]
    expected = Heard(
        action=Action(BUTTONS[number].button),
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

    assert (expected,) == pressed(interaction(button))


def test_a_button_under_a_note_speaks_of_the_newest_of_the_most_severe():
    [button] = buttons_of(envelope(replace(NOTE, buttons=BUTTONS[:1])))
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
