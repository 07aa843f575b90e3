"""The sinks of a demonstration: what is shown whole, and what a real sink behind the screen can do to it."""

from io import StringIO

import pytest
from msgspec.structs import replace

from stream_app.core.alerts import Intent
from stream_app.core.notify.parcels import Kind
from stream_app.core.routes import Sink
from stream_app.demo.screen import Screen
from stream_app.demo.shown import TRIES, Excerpt, ForReal, shown_sinks
from stream_app.settings import Settings
from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.base import SinkRejected
from stream_app.sinks.console import Console
from stream_app.sinks.slack import Slack
from tests.render.samples import MORNING, TOKYO
from tests.sinks.parcels import LIST, NOTE, PUBLISHED, WHOLE, envelope
from tests.sinks.slack_server import WEBHOOK, Answer, SlackServer

GONE = Answer(status=404, body="no_service", content_type="text/plain")
DOWN = Answer(status=503)


def screen():
    """Return an excerpt and where it prints."""
    out = StringIO()
    whole, brief = (Console(out, lambda: MORNING, TOKYO, brief=brief) for brief in (False, True))
    return Excerpt(whole, brief), out


def about(intent):
    return {"alerts": (replace(PUBLISHED, intent=intent),)}


@pytest.mark.parametrize(
    ("first", "second", "is_whole"),
    [
        (envelope(), envelope(), False),
        (envelope(), envelope(**about(Intent.BUDGET)), True),
        (envelope(), envelope(Kind.REMIND, NOTE), True),
        (envelope(Kind.DIGEST, LIST), envelope(Kind.DIGEST, LIST, **about(Intent.BUDGET)), False),
        (envelope(Kind.DIGEST, LIST), envelope(Kind.BUNDLE, LIST), True),
    ],
)
async def test_the_first_of_each_sort_is_shown_whole_and_then_its_heading(first, second, is_whole):
    shown, out = screen()
    await shown.deliver(first)
    before = len(out.getvalue().splitlines())
    await shown.deliver(second)
    assert is_whole is (len(out.getvalue().splitlines()) - before > 1)


async def test_no_button_is_sent_for_nobody_would_hear_of_it():
    async with SlackServer() as slack:
        settings = Settings(slack={"webhook_url": slack.webhook_url, "app_token": "xapp-1", "signing_secret": "s"})
        out = StringIO()
        sinks = shown_sinks(settings, Screen(out), lambda: MORNING)
        await sinks[Sink.SLACK].deliver(envelope())
        await sinks[Sink.SLACK].close()
        [call] = slack.calls(WEBHOOK)
    assert (False, True) == ("stream_app_acknowledge" in str(call.fields), "担当します" in out.getvalue())


async def sent(slack, *envelopes):
    """Return what came of each at a webhook, what was said of it, and how many were shown."""
    shown, out = screen()
    said, came = [], []
    settings = SlackSettings(webhook_url=slack.webhook_url)
    sink = ForReal(Sink.SLACK, Slack(settings), shown, said.append, pace=0, pause=0)
    for each in envelopes:
        try:
            came.append(await sink.deliver(each))
        except SinkRejected:
            came.append(SinkRejected)
    await sink.close()
    return came, said, out.getvalue().count("── ")


async def test_what_arrives_is_shown_and_stands_where_the_sink_says():
    async with SlackServer() as slack:
        assert ([None, None], [], 2) == await sent(slack, envelope(), envelope())
        assert 2 == len(slack.calls(WEBHOOK))


async def test_one_that_fails_for_a_moment_is_tried_again():
    async with SlackServer() as slack:
        slack.script(WEBHOOK, *[DOWN] * (TRIES - 1))
        assert ([None], [], 1) == await sent(slack, envelope())
        assert TRIES == len(slack.calls(WEBHOOK))


async def test_one_that_keeps_failing_is_left_alone_and_the_screen_goes_on():
    async with SlackServer() as slack:
        slack.always(WEBHOOK, DOWN)
        came, said, shown = await sent(slack, envelope(), envelope())
        assert TRIES == len(slack.calls(WEBHOOK))
    assert (["slack is left alone from here on: Slack cannot do it now: HTTP 503"], 2) == (said, shown)
    assert None not in came, "the screen has a place for it"


async def test_what_is_refused_is_shown_and_the_reason_said_once():
    async with SlackServer() as slack:
        slack.always(WEBHOOK, GONE)
        came, said, shown = await sent(slack, envelope(), envelope(letter=replace(WHOLE, notes=())))
    reason = "make a new incoming webhook and put it into the settings"
    assert [SinkRejected] * 2 == came
    assert ([f"Not delivered: Slack refuses: no_service ({reason})"], 2) == (said, shown)
