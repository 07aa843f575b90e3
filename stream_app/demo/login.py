"""How a demonstration's inbox is opened: with a token of this run, by the first of its people."""

import secrets
from urllib.parse import urlencode

from pydantic import SecretStr

from stream_app.settings import Settings
from stream_app.settings.inbox import InboxSettings


def with_login(settings: Settings) -> Settings:
    """Return the settings with an inbox on a free port of this machine, and a token that nobody knew before."""
    inbox = InboxSettings(port=0, token=SecretStr(secrets.token_urlsafe(24)))
    return settings.model_copy(update={"inbox": inbox})


def login_of(settings: Settings) -> str:
    """Return what stands behind the address: a fragment, which browsers send nowhere."""
    who = next(iter(settings.people), "")
    said = {"token": settings.inbox.token.get_secret_value(), **({"who": who} if who else {})}
    return f"#{urlencode(said)}"
