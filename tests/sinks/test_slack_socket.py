"""Socket Mode against a server of its protocol: heard, acknowledged, and connected again."""

import asyncio
import logging

import pytest

from stream_app.core.notify.orders import Action
from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.slack_hearing import hearing
from stream_app.sinks.slack_socket import socket_mode
from tests.sinks.slack_said import event, interaction
from tests.sinks.slack_server import SOCKET, Answer, SlackServer, refused

PRESS = interaction({"action_id": "stream_app_useful", "value": '{"case_id":"case-1"}'})
APP_TOKEN = "xapp-not-to-be-told"


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        yield server


def settings_for(slack):
    return SlackSettings(app_token=APP_TOKEN, api_url=slack.api_url)


class Ears:
    """What was heard; the first so many times hearing fails."""

    def __init__(self, fails=0):
        self.heard, self.fails = [], fails

    async def hear(self, heard):
        if self.fails:
            self.fails -= 1
            raise RuntimeError("broker")
        self.heard.append(heard)


async def test_presses_and_replies_are_heard_and_acknowledged(slack):
    ears = Ears()
    async with hearing(settings_for(slack), ears.hear):
        await slack.wait_for(lambda: slack.connections)
        await slack.say("interactive", PRESS, "e-1")
        await slack.say("events_api", event(), "e-2")
        await slack.say("slash_commands", {"command": "/x"}, "e-3")
        await slack.wait_for(lambda: len(slack.acknowledged) == 3)

    assert {Action.USEFUL, Action.REPLY} == {one.action for one in ears.heard}
    assert {"e-1", "e-2", "e-3"} == set(slack.acknowledged)
    assert [("apps.connections.open", APP_TOKEN)] == [(call.method, call.token) for call in slack.calls()]


async def test_what_is_not_safe_is_not_acknowledged(slack):
    ears = Ears(fails=1)
    async with socket_mode(settings_for(slack), ears.hear):
        await slack.wait_for(lambda: slack.connections)
        await slack.say("interactive", PRESS, "e-1")
        await slack.say("interactive", PRESS, "e-2")
        await slack.wait_for(lambda: slack.acknowledged)

    assert (["e-2"], 1) == (slack.acknowledged, len(ears.heard))


async def test_a_broken_connection_is_made_again(slack):
    ears = Ears()
    async with socket_mode(settings_for(slack), ears.hear, ping=0.05):
        await slack.wait_for(lambda: slack.connections)
        await slack.drop_socket()
        await slack.wait_for(lambda: slack.connections == 2)
        await slack.say("interactive", PRESS, "e-1")
        await slack.wait_for(lambda: slack.acknowledged)

    assert ["case-1"] == [one.case_id for one in ears.heard]


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("apps.connections.open", refused("invalid_auth")),
        ("apps.connections.open", Answer(status=500)),
        ("apps.connections.open", Answer(body="{")),
        (SOCKET, Answer(status=403)),
    ],
    ids=str,
)
async def test_it_connects_when_slack_can_and_tells_no_secret(slack, method, answer, caplog):
    caplog.set_level(logging.DEBUG)
    slack.script(method, answer)
    async with socket_mode(settings_for(slack), Ears().hear, ping=0.05):
        await slack.wait_for(lambda: slack.connections)

    assert "Failed to connect" in caplog.text
    assert "not-to-be-told" not in caplog.text
    assert "T1CKET" not in caplog.text


async def test_nothing_is_taken_from_the_environment(slack, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with asyncio.timeout(10), socket_mode(settings_for(slack), Ears().hear):
        await slack.wait_for(lambda: slack.connections)

    assert 1 == slack.connections


async def test_where_nobody_listens_the_block_runs_and_ends():
    settings = SlackSettings(app_token=APP_TOKEN, api_url="http://127.0.0.1:1")
    async with socket_mode(settings, Ears().hear):
        await asyncio.sleep(0)


async def test_without_a_way_there_is_nothing_to_hear():
    async with hearing(SlackSettings(), Ears().hear) as nothing:
        assert nothing is None
