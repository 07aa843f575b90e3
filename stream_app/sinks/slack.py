"""Slack: by a bot, which posts, replies in threads and edits, or for a first try by an incoming webhook."""

import logging
from typing import Any

import aiohttp
from aiohttp import ClientSession, ClientTimeout
from msgspec.structs import replace
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.routing import AddressKind
from stream_app.render.letters import Note
from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.base import Envelope, Sink, SinkError
from stream_app.sinks.slack_answers import ROOT_GONE, SlackRefused, failure, network
from stream_app.sinks.slack_blocks import content
from stream_app.sinks.slack_buttons import presses
from stream_app.sinks.slack_hook import SlackHook
from stream_app.sinks.slack_text import is_user_id

EVENT_TYPE = "stream_app_message"
"""Of the metadata of what we post; its payload is the parcel's id."""

_LITERALLY = {"link_names": False, "parse": "none"}
_ALONE = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False}


class Slack:
    """Slack as the settings reach it. Without a way to hear of buttons messages have none but links."""

    def __init__(self, settings: SlackSettings, *, timeout: float = 15) -> None:
        token, url = settings.token.get_secret_value(), settings.webhook_url.get_secret_value()
        if not token and not url:
            raise ValueError("slack needs token or webhook_url")
        hears = bool(settings.app_token.get_secret_value() or settings.signing_secret.get_secret_value())
        self._way: Sink = (
            _Bot(token, settings.api_url, hears=hears, timeout=timeout)
            if token
            else SlackHook(url, hears=hears, timeout=timeout)
        )

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Say it, and return where it stands if it is new, a reply too, and the bot posted it.

        Raises:
            SinkError: not now.
            SinkRejected: not ever.
        """
        return await self._way.deliver(envelope)

    async def close(self) -> None:
        """Let go of connections."""
        await self._way.close()


class _Bot:
    """Speaks as the bot user of an app."""

    def __init__(self, token: str, api_url: str, *, hears: bool, timeout: float) -> None:
        self._client = slack_client(api_url, token)
        self._timeout = ClientTimeout(total=timeout, connect=timeout / 3)
        self._hears = hears
        self._ids: dict[str, str] = {}  # of people by e-mail address, empty where Slack knows nobody

    async def deliver(self, envelope: Envelope) -> Place | None:
        parcel = envelope.parcel
        mentions = tuple([await self._mentioned(name) for name in envelope.letter.mentions])
        letter = replace(envelope.letter, mentions=mentions)
        said = content(letter, presses(envelope) if self._hears else {})
        fields = {"text": said.text, "blocks": said.blocks, "metadata": _metadata(parcel), **_LITERALLY}
        if parcel.kind in (Kind.UPDATE, Kind.ERASE):
            await self._edit(parcel, fields)
            return None
        loud = isinstance(letter, Note) and letter.loud
        return await self._post(parcel, fields | _ALONE, loud=loud)

    async def _edit(self, parcel: Parcel, fields: dict[str, Any]) -> None:
        place = parcel.place
        if place is not None and place.id and (parcel.kind is Kind.ERASE or not place.shared):
            await self._ask("chat.update", json={"channel": place.channel, "ts": place.id, **fields})

    async def _post(self, parcel: Parcel, fields: dict[str, Any], *, loud: bool) -> Place | None:
        root = parcel.place
        if root is not None and root.id:
            thread = {"channel": root.channel, "thread_ts": root.id, "reply_broadcast": loud}
            try:
                return _place(await self._ask("chat.postMessage", posts=True, json=fields | thread), shared=False)
            except SlackRefused as error:
                if error.word not in ROOT_GONE:
                    raise
        answer = await self._ask(
            "chat.postMessage", posts=True, json={"channel": await self._channel(parcel), **fields}
        )
        return _place(answer, shared=parcel.kind in (Kind.BUNDLE, Kind.DIGEST))

    async def _channel(self, parcel: Parcel) -> str:
        """Return the address; a person's is Slack's own name for them, which opens the direct messages with them."""
        target = parcel.target
        if target.kind is not AddressKind.USER or is_user_id(target.address):
            return target.address
        return self._ids.get(target.address) or await self._looked_up(target.address)

    async def _mentioned(self, name: str) -> str:
        """Return Slack's own name for a person, the e-mail address where it knows nobody."""
        if is_user_id(name) or "@" not in name:
            return name
        if name not in self._ids:
            try:
                await self._looked_up(name)
            except SlackRefused:
                self._ids[name] = ""  # asked once, not at every message
        return self._ids[name] or name

    async def _looked_up(self, email: str) -> str:
        answer = await self._ask("users.lookupByEmail", data={"email": email})
        user = answer.get("user")
        found = user.get("id") if isinstance(user, dict) else None
        if not isinstance(found, str) or not is_user_id(found):
            raise SinkError("Slack named nobody, though it found the e-mail address")
        self._ids[email] = found
        return found

    async def _ask(self, method: str, *, posts: bool = False, **how: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the answer of a call that Slack did. `posts`: done twice, it would be seen twice."""
        try:
            with network():
                return await self._answer(method, **how)
        except SinkError as error:
            if posts or not error.unsure:
                raise
            raise SinkError(str(error), retry_after=error.retry_after) from None

    async def _answer(self, method: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401
        if self._client.session is None:
            self._client.session = ClientSession(timeout=self._timeout, trust_env=False)
        try:
            answer = await self._client.api_call(method, **how)
        except SlackApiError as error:
            raise _refused(error.response) from None
        except AttributeError:  # the library takes any answer with status 200 for an object
            raise SinkError("the answer is not one of Slack's", unsure=True) from None
        if not isinstance(answer.data, dict):
            raise SinkError("the answer is not one of Slack's", unsure=True)
        return answer.data

    async def close(self) -> None:
        if self._client.session is not None:
            await self._client.session.close()


def slack_client(api_url: str, token: str = "") -> AsyncWebClient:
    """Return a client that tries once, and takes nothing from the environment."""
    logger = logging.getLogger("stream_app.slack")
    logger.setLevel(logging.WARNING)  # below, the library writes down what it sends and is sent
    client = AsyncWebClient(token, base_url=api_url, retry_handlers=[], logger=logger)
    client.proxy = None
    return client


def _refused(response: Any) -> SinkError | SlackRefused:  # noqa: ANN401
    """Return what an answer means; of one that was no JSON the library gives the bare response."""
    if isinstance(response, aiohttp.ClientResponse):
        return failure(response.status, "", response.headers)
    said = response.data if isinstance(response.data, dict) else {}
    return failure(response.status_code, str(said.get("error") or ""), response.headers)


def _metadata(parcel: Parcel) -> dict[str, object]:
    return {"event_type": EVENT_TYPE, "event_payload": {"parcel": parcel.id}}


def _place(answer: dict[str, Any], *, shared: bool) -> Place | None:
    channel, ts = answer.get("channel"), answer.get("ts")
    if not isinstance(channel, str) or not isinstance(ts, str):
        return None
    return Place(channel=channel, id=ts, shared=shared)
