"""Alerts posted to a URL, signed after Standard Webhooks, so that any program can take them."""

from collections.abc import Callable
from http import HTTPStatus

import aiohttp
from standardwebhooks.webhooks import Webhook as Signer
from yarl import URL

from stream_app.core.events import SECOND, Micros, moment_of
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.render.letters import Whole
from stream_app.settings.sinks import WebhookSettings
from stream_app.sinks.addresses import AddressRefused, guarded_sockets
from stream_app.sinks.alert_post import alert_posts
from stream_app.sinks.base import Envelope, SinkError, SinkRejected
from stream_app.sinks.http import Answer, failure

_READ_BUFFER = 32 * 1024  # aiohttp stops reading at twice that, and nobody asks for more


class Webhook:
    """One post for each alert; its id is the alert's, whenever and however often it is posted."""

    def __init__(self, settings: WebhookSettings, clock: Callable[[], Micros]) -> None:
        self._url = URL(settings.url.get_secret_value())
        self._where = f"{self._url.scheme}://{self._url.host_subcomponent}"  # the rest may hold a token
        self._signers = [Signer(secret.get_secret_value()) for secret in settings.secrets]
        self._allow = settings.allow
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout, connect=settings.timeout / 3)
        self._clock = clock
        self._gone = False

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Post its alert."""
        parcel, letter = envelope.parcel, envelope.letter
        if parcel.kind is not Kind.ALERT or not isinstance(letter, Whole):
            raise SinkRejected(f"a webhook takes alerts only: no {parcel.kind}")
        for alert_id, body in alert_posts(parcel, letter):
            self._judge(await self._post(alert_id, body))
        return None

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _post(self, alert_id: str, body: str) -> Answer:
        if self._gone:
            raise SinkRejected(f"gone: {self._where} answered 410; nothing more is posted to it until a restart")
        headers = self._headers(alert_id, body)
        try:
            async with (
                self._session() as session,
                session.post(self._url, data=body.encode(), headers=headers, allow_redirects=False) as answer,
            ):
                return Answer(status=answer.status, headers=answer.headers, body=b"")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._unreached(error) from None
        except aiohttp.InvalidURL:  # a host that is a number, which settings take for the address that it is
            raise SinkRejected(f"{self._where} is no host that can be asked") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SinkError(f"{self._where} did not answer: {type(error).__name__}", unsure=True) from None

    def _headers(self, alert_id: str, body: str) -> dict[str, str]:
        at = self._clock()
        signatures = [each.sign(alert_id, moment_of(at), body) for each in self._signers]
        return {
            "content-type": "application/json",
            "user-agent": "stream-app",
            "webhook-id": alert_id,
            "webhook-timestamp": str(at // SECOND),
            "webhook-signature": " ".join(signatures),
        }

    def _session(self) -> aiohttp.ClientSession:
        # A connection for each post: the address is looked at each time, and none is found closed by the receiver.
        connector = aiohttp.TCPConnector(
            force_close=True, socket_factory=guarded_sockets(self._allow, tls=self._url.scheme == "https")
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            read_bufsize=_READ_BUFFER,
            trust_env=False,
        )

    def _unreached(self, error: Exception) -> SinkError | SinkRejected:
        if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressRefused):
            return SinkRejected(f"{self._where} {error.os_error}")
        return SinkError(f"{self._where} cannot be reached: {type(error).__name__}")

    def _judge(self, answer: Answer) -> None:
        if answer.status == HTTPStatus.GONE:
            self._gone = True
            raise SinkRejected(f"gone: {self._where} answered 410; nothing more is posted to it until a restart")
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise failure(self._where, answer, self._clock() / SECOND)
