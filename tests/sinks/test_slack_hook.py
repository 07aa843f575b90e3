"""Slack by an incoming webhook, whose URL is the secret."""

import logging

import pytest

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.slack import Slack
from tests.sinks.slack_letters import MANY, NOTE, envelope, whole
from tests.sinks.slack_server import CLOSE, HANG, WEBHOOK, Answer, SlackServer, rate_limited


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        yield server


async def said(url, sent, seconds=5.0):
    """Deliver through a webhook."""
    sink = Slack(SlackSettings(webhook_url=url), timeout=seconds)
    try:
        return await sink.deliver(sent)
    finally:
        await sink.close()


def word(text, status):
    return Answer(status=status, body=text, content_type="text/plain")


@pytest.mark.parametrize("letter", [whole(), NOTE, MANY], ids=lambda letter: type(letter).__name__)
async def test_text_and_blocks_are_posted_and_have_no_place(slack, letter):
    place = await said(slack.webhook_url, envelope(letter))
    [call] = slack.calls()

    assert (None, WEBHOOK, {"text", "blocks", "mrkdwn"}) == (place, call.method, set(call.fields))


async def test_updates_are_passed_over(slack):
    place = Place(channel="C0123", id="1.000000")

    assert None is await said(slack.webhook_url, envelope(whole(), Kind.UPDATE, place=place))
    assert [] == slack.calls()


async def test_buttons_that_nobody_would_hear_of_are_left_out(slack):
    await said(slack.webhook_url, envelope(whole()))
    [call] = slack.calls()

    assert ["stream_app_open"] == [button["action_id"] for button in call.fields["blocks"][-1]["elements"]]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (rate_limited("30"), (30.0, False)),
        (rate_limited("abc"), (None, False)),
        (word("rollup_error", 500), (None, False)),
        (word("", 503), (None, False)),
        (word("<html>", 200), (None, True)),
        (word("", 200), (None, True)),
        (CLOSE, (None, True)),
    ],
    ids=str,
)
async def test_later(slack, answer, expected):
    slack.script(WEBHOOK, answer)
    with pytest.raises(SinkError) as error:
        await said(slack.webhook_url, envelope())

    assert expected == (error.value.retry_after, error.value.unsure)


async def test_a_hanging_server_is_not_waited_for(slack):
    slack.script(WEBHOOK, HANG)
    with pytest.raises(SinkError) as error:
        await said(slack.webhook_url, envelope(), seconds=0.3)

    assert error.value.unsure


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (word("no_service", 404), "no_service .*new incoming webhook"),
        (word("invalid_token", 403), "invalid_token .*new incoming webhook"),
        (word("channel_is_archived", 410), "channel_is_archived .*another channel"),
        (word("invalid_payload", 400), "invalid_payload .*report"),
        (Answer(status=302, headers={"Location": "/elsewhere"}), "HTTP 302"),
    ],
    ids=str,
)
async def test_never(slack, answer, expected):
    slack.script(WEBHOOK, answer)
    with pytest.raises(SinkRejected, match=expected):
        await said(slack.webhook_url, envelope())

    assert 1 == len(slack.calls())


async def test_not_even_a_url_that_is_none_is_told():
    with pytest.raises(SinkError) as error:
        await said("http://localhost:port/services/SECRET", envelope())

    assert "SECRET" not in f"{error.value!r}{error.value.__cause__!r}"


@pytest.mark.parametrize("answer", [CLOSE, word("no_service", 404), word("", 500), None], ids=str)
async def test_the_url_is_never_told(slack, answer, caplog):
    caplog.set_level(logging.DEBUG)
    slack.script(WEBHOOK, answer)
    url = slack.webhook_url if answer else "http://127.0.0.1:1/services/T0/B0/SECRET"
    with pytest.raises((SinkError, SinkRejected)) as error:
        await said(url, envelope())

    assert "SECRET" not in f"{error.value!r}{error.value.__cause__!r}{caplog.text}"
