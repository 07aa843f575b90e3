"""The tables of the sinks: how each is reached. Secrets may also come from environment variables or files."""

from base64 import b64decode
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from stream_app.settings.addresses import check_url
from stream_app.settings.sections import Port, Section

_NONE = SecretStr("")


def _secure(url: str) -> str:
    """Refuse what would send a token over the network in the clear; this machine itself may be asked without TLS."""
    if url and not url.startswith(("https://", "http://127.0.0.1:", "http://[::1]:", "http://localhost:")):
        raise ValueError("must begin with https://")
    return url.rstrip("/")


def _is_key(secret: str) -> bool:
    """Tell a signing key of Standard Webhooks from what would sign with nothing, or with what can be guessed."""
    prefix, _, key = secret.rpartition("whsec_")
    try:
        raw = b64decode(key + "=" * (-len(key) % 4), validate=True)
    except ValueError:
        return False
    return not prefix and 24 <= len(raw) <= 64


class SlackSettings(Section):
    """A bot token, or for a first try an incoming webhook, which has no threads and edits nothing.

    Buttons are heard of through Socket Mode if there is an `app_token`, through HTTP if there is a `signing_secret`.
    """

    token: SecretStr = _NONE
    token_file: Path | None = None
    webhook_url: SecretStr = _NONE
    webhook_url_file: Path | None = None
    app_token: SecretStr = _NONE
    app_token_file: Path | None = None
    signing_secret: SecretStr = _NONE
    signing_secret_file: Path | None = None
    host: str = "127.0.0.1"  # of the endpoint that Slack posts to, behind a proxy that speaks TLS
    port: Port = 6068
    api_url: str = "https://slack.com/api/"

    @field_validator("api_url")
    @classmethod
    def _api(cls, url: str) -> str:
        return _secure(url) + "/"

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, url: SecretStr) -> SecretStr:
        return SecretStr(_secure(url.get_secret_value()))


class SalesforceSettings(Section):
    """A connected app: with `private_key_file` and `username` JWT bearer, with `client_secret` client credentials.

    `account_id_field`: a field of Task that takes our account id; none if empty.
    """

    login_url: str = "https://login.salesforce.com"
    client_id: str = ""
    client_secret: SecretStr = _NONE
    client_secret_file: Path | None = None
    username: str = ""
    private_key_file: Path | None = None
    api_version: Annotated[str, Field(pattern=r"^v\d{2,3}\.0$")] = "v62.0"
    external_id: Annotated[str, Field(pattern=r"^[A-Za-z]\w{0,79}$")] = "StreamAppCase__c"
    account_id_field: Annotated[str, Field(pattern=r"^[A-Za-z]\w{0,79}$|^$")] = ""

    @field_validator("login_url")
    @classmethod
    def _login(cls, url: str) -> str:
        return _secure(url)

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.client_id and bool(self.private_key_file) == bool(self.client_secret.get_secret_value()):
            raise ValueError("needs one of private_key_file (with username) and client_secret")
        if self.private_key_file and not self.username:
            raise ValueError("private_key_file needs username")
        return self


class HubSpotSettings(Section):
    """A private app's token, and the unique property of tasks that holds the case's id."""

    token: SecretStr = _NONE
    token_file: Path | None = None
    api_url: str = "https://api.hubapi.com"
    external_id: Annotated[str, Field(pattern=r"^[a-z]\w{0,99}$")] = "stream_app_case"

    @field_validator("api_url")
    @classmethod
    def _api(cls, url: str) -> str:
        return _secure(url)


class WebhookSettings(Section):
    """Where alerts are posted, signed after Standard Webhooks; several secrets while keys are changed, the new first.

    `allow`: networks such as "10.0.0.0/8" that may be reached though they are not public.
    """

    url: SecretStr = _NONE  # may hold a token in its path
    url_file: Path | None = None
    secrets: tuple[SecretStr, ...] = ()
    secrets_file: Path | None = None  # one on a line
    allow: tuple[str, ...] = ()
    timeout: Annotated[int, Field(ge=1, le=30)] = 15  # seconds

    @field_validator("secrets")
    @classmethod
    def _keys(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(_is_key(each.get_secret_value()) for each in secrets):
            raise ValueError("each must be 'whsec_' and 24 to 64 random bytes in base64")
        return secrets

    @field_validator("allow")
    @classmethod
    def _networks(cls, allow: tuple[str, ...]) -> tuple[str, ...]:
        for each in allow:
            ip_network(each)
        return allow

    @model_validator(mode="after")
    def _may_be_posted_to(self) -> Self:
        if not (url := self.url.get_secret_value()):
            return self
        if not self.secrets:
            raise ValueError("url needs secrets: what is posted is always signed")
        try:
            check_url(url, self.allow)
        except ValueError as error:
            raise ValueError(f"url {error}") from None
        return self


class FileSettings(Section):
    """Where the file sink appends its JSON lines."""

    path: Path = Path("messages.jsonl")
