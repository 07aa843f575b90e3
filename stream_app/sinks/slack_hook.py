"""Slack by an incoming webhook: the first try. It knows no threads, edits nothing, and its URL is the secret."""

import msgspec
from aiohttp import ClientSession, ClientTimeout

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.sinks.base import Envelope
from stream_app.sinks.slack_answers import failure, network
from stream_app.sinks.slack_blocks import content
from stream_app.sinks.slack_buttons import presses


class SlackHook:
    """Posts to one channel, that of the webhook, whatever the target says."""

    def __init__(self, url: str, *, hears: bool, timeout: float) -> None:
        self._url = url
        self._hears = hears
        self._timeout = ClientTimeout(total=timeout, connect=timeout / 3)
        self._session: ClientSession | None = None

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Post it; an update is passed over, for there is no way to edit what stands there.

        Raises:
            SinkError: not now.
            SinkRejected: not ever.
        """
        if envelope.parcel.kind not in (Kind.UPDATE, Kind.ERASE):
            said = content(envelope.letter, presses(envelope) if self._hears else {})
            await self._post({"text": said.text, "blocks": said.blocks, "mrkdwn": False})
        return None

    async def _post(self, body: dict[str, object]) -> None:
        session, sent, kind = self._opened(), msgspec.json.encode(body), {"Content-Type": "application/json"}
        with network():
            async with session.post(self._url, data=sent, headers=kind, allow_redirects=False) as answer:
                status, word, headers = answer.status, (await answer.text(errors="replace")).strip(), answer.headers
        if (status, word) != (200, "ok"):
            raise failure(status, word, headers)

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=self._timeout, trust_env=False)
        return self._session

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
