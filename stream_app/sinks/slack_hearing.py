"""Hearing of what people do in Slack, in every way that the settings give."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.slack_buttons import Hear
from stream_app.sinks.slack_endpoint import serve_slack
from stream_app.sinks.slack_socket import socket_mode


@asynccontextmanager
async def hearing(settings: SlackSettings, hear: Hear) -> AsyncIterator[None]:
    """Hear for as long as the block runs; where neither token nor secret is set, there is nothing to hear.

    OSError if the endpoint's port is taken.
    """
    async with AsyncExitStack() as open_ways:
        if settings.app_token.get_secret_value():
            await open_ways.enter_async_context(socket_mode(settings, hear))
        if settings.signing_secret.get_secret_value():
            await open_ways.enter_async_context(serve_slack(settings, hear))
        yield
