"""The Slack app that can be pasted asks for what the program needs, and for no more."""

from pathlib import Path

import pytest
import yaml

MANIFEST = yaml.safe_load((Path(__file__).parents[1] / "deploy" / "slack-app.yaml").read_text(encoding="utf-8"))
SCOPES = MANIFEST["oauth_config"]["scopes"]["bot"]
EVENTS = MANIFEST["settings"]["event_subscriptions"]["bot_events"]

NEEDED = {
    "chat:write": "chat.postMessage and chat.update",
    "users:read.email": "users.lookupByEmail",
    "users:read": "Slack gives users:read.email only with it",
    "channels:history": "message.channels",
    "groups:history": "message.groups",
    "im:history": "message.im",
}


def test_each_scope_is_there_for_something_and_nothing_is_missing():
    assert sorted(NEEDED) == sorted(SCOPES)


def test_replies_are_heard_of_wherever_messages_go():
    assert [need for need in NEEDED.values() if need.startswith("message.")] == EVENTS


@pytest.mark.parametrize("way", ["socket_mode_enabled", "interactivity"])
def test_buttons_reach_the_program_without_an_address_of_its_own(way):
    settings = MANIFEST["settings"]
    assert settings[way] in (True, {"is_enabled": True})


def test_people_can_answer_in_direct_messages():
    home = MANIFEST["features"]["app_home"]
    assert (True, False) == (home["messages_tab_enabled"], home["messages_tab_read_only_enabled"])
