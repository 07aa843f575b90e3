"""Slack's Socket Mode: a connection from here, for networks into which nobody can post."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.slack import slack_client
from stream_app.sinks.slack_buttons import Hear, pressed, replied

_PING_SECONDS = 5.0
_UNDERSTAND = {"interactive": pressed, "events_api": replied}
_SOCKET = re.compile(r"wss?://\S+")
_log = structlog.get_logger(__name__)


@asynccontextmanager
async def socket_mode(settings: SlackSettings, hear: Hear, *, ping: float = _PING_SECONDS) -> AsyncIterator[None]:
    """Hear what people do for as long as the block runs. Connects in the background, and again when it broke."""
    client = SocketModeClient(
        settings.app_token.get_secret_value(),
        logger=_discreet_logger(),
        web_client=slack_client(settings.api_url),
        ping_interval=ping,
    )
    client.proxy = None
    client.socket_mode_request_listeners.append(_Listener(hear))
    connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        await _closed(client, connecting)


class _Listener:
    """Takes each envelope, and says so to Slack when what it held is safe."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear

    async def __call__(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        understand = _UNDERSTAND.get(request.type)
        try:
            for heard in understand(request.payload) if understand else ():
                await self._hear(heard)
        except Exception as error:
            # Not said to be taken: Slack shows the person that it failed, and sends an event again.
            _log.warning("slack_not_heard", error=type(error).__name__)
            return
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))


async def _closed(client: SocketModeClient, connecting: asyncio.Task[None]) -> None:
    tasks = [connecting, client.message_processor, client.current_session_monitor, client.message_receiver]
    connecting.cancel()
    await client.close()  # type: ignore[no-untyped-call]
    for task in tasks:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _discreet_logger() -> logging.Logger:
    """Return a logger for the library, which would quote the address with its ticket when a connection fails."""
    logger = logging.getLogger("stream_app.slack.socket")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_discreet)
    return logger


def _discreet(record: logging.LogRecord) -> bool:
    record.msg, record.args = _SOCKET.sub("wss://…", record.getMessage()), ()
    record.exc_info = record.exc_text = None
    return True
