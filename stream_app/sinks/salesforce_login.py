"""Salesforce's token: asked for with a signed assertion or a client secret, shared by all calls until it expires."""

import asyncio
import base64
from typing import Annotated

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Meta, Struct
from yarl import URL

from stream_app.settings import SettingsError
from stream_app.settings.sinks import SalesforceSettings
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.http import Answer, Clock, HttpClient, decoded, failure, quoted, readable

WHO = "Salesforce"

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTED_FOR = 180  # seconds; Salesforce takes at most five minutes
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PASSING = ("unknown_error", "server_error", "temporarily_unavailable", "login rate exceeded")


class Session(Struct, frozen=True, kw_only=True):
    """A token, and where it is good."""

    token: str
    url: URL


class _Granted(Struct, frozen=True, kw_only=True):
    access_token: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,8192}$")]  # it goes into a header
    instance_url: str


class _Denied(Struct, frozen=True, kw_only=True):
    error: str = ""
    error_description: str = ""


class Login:
    """Who we are to Salesforce. SettingsError if the key cannot be used."""

    def __init__(self, settings: SalesforceSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._key = _private_key(settings)
        self._http = http
        self._clock = clock
        self._session: Session | None = None
        self._renewal: asyncio.Task[Session] | None = None

    async def session(self, stale: Session | None = None) -> Session:
        """Return the session, a new one where it is `stale`; who asks while it is renewed waits for the same one."""
        if self._session is not None and self._session is not stale:
            return self._session
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renewed())
        return await asyncio.shield(self._renewal)  # one caller's end is not that of the others

    def secrets(self) -> tuple[str, ...]:
        """Return what no error may quote."""
        token = self._session.token if self._session else ""
        return token, self._settings.client_secret.get_secret_value()

    async def _renewed(self) -> Session:
        form = self._asserted() if self._key else self._by_secret()
        url = f"{self._settings.login_url}/services/oauth2/token"
        answer = await self._http.ask("POST", url, data=form)
        if answer.status != 200:
            raise self._denied(answer, form)
        granted = decoded(answer, _Granted, WHO)
        self._session = Session(token=granted.access_token, url=_instance(granted.instance_url))
        return self._session

    def _asserted(self) -> dict[str, str]:
        assert self._key is not None
        claims = {
            "iss": self._settings.client_id,
            "sub": self._settings.username,
            "aud": self._settings.login_url,
            "exp": int(self._clock()) + _ASSERTED_FOR,
        }
        signed = f"{_part(msgspec.json.encode({'alg': 'RS256'}))}.{_part(msgspec.json.encode(claims))}"
        signature = self._key.sign(signed.encode(), PKCS1v15(), SHA256())
        return {"grant_type": _JWT_BEARER, "assertion": f"{signed}.{_part(signature)}"}

    def _by_secret(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
        }

    def _denied(self, answer: Answer, form: dict[str, str]) -> SinkError | SinkRejected:
        denied = readable(answer, _Denied) or _Denied()
        said = quoted(f"{denied.error} {denied.error_description}", (*form.values(), *self.secrets()))
        again = (answer.status,) if any(word in said for word in _PASSING) else ()
        return failure(f"{WHO}'s login", answer, self._clock(), said, again=again)


def _private_key(settings: SalesforceSettings) -> RSAPrivateKey | None:
    path = settings.private_key_file
    if path is None:
        return None
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SettingsError(f"salesforce.private_key_file: {path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError(f"salesforce.private_key_file: {path} must hold an RSA key as PEM without a passphrase")
    return key


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _instance(url: str) -> URL:
    """Return where the token is to be sent; SinkRejected where that would be in the clear."""
    try:
        origin = URL(url).origin()
    except ValueError:
        raise SinkRejected(f"{WHO} named an instance that is no address") from None
    if origin.scheme != "https" and origin.host not in _LOOPBACK:
        raise SinkRejected(f"{WHO} named an instance that is not reached by https")
    return origin
