"""The sinks that the settings need: made where something goes to them, missed where they cannot be made."""

import sys
from collections.abc import Callable, Iterator
from typing import TextIO
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from stream_app.core.events import Micros
from stream_app.core.routes import FALLBACK
from stream_app.core.routes import Sink as SinkKind
from stream_app.settings import Settings, SettingsError
from stream_app.sinks.base import Sink

_NEEDS = {
    SinkKind.SLACK: "[slack] token or webhook_url",
    SinkKind.SALESFORCE: "[salesforce] client_id, with private_key_file and username or with client_secret",
    SinkKind.HUBSPOT: "[hubspot] token",
    SinkKind.WEBHOOK: "[webhook] url and secrets",
}


def sinks(
    settings: Settings, *, clock: Callable[[], Micros], out: TextIO, escalation: SinkKind | None = None
) -> dict[SinkKind, Sink]:
    """Return what routes, fallback and the second target's `escalation` go to, the console printing on `out`.

    SettingsError, a line for each sink, if some have no credentials.
    """
    if lines := missing(settings, escalation):
        raise SettingsError("\n".join(lines))
    return {kind: _made(kind, settings, clock, out) for kind in dict(_used(settings, escalation))}


def missing(settings: Settings, escalation: SinkKind | None = None) -> list[str]:
    """Return a line for each sink that something goes to and that there are no credentials for."""
    used = dict(_used(settings, escalation))
    return [_needed(kind, by) for kind, by in used.items() if not _is_configured(kind, settings)]


def configured(settings: Settings, *, clock: Callable[[], Micros]) -> dict[SinkKind, Sink]:
    """Return the sinks of other people that there are credentials for, used or not."""
    return {kind: _made(kind, settings, clock, sys.stdout) for kind in _NEEDS if _is_configured(kind, settings)}


def _used(settings: Settings, escalation: SinkKind | None) -> Iterator[tuple[SinkKind, str]]:
    """Yield each sink with what goes there; the first such route comes last, so that it is the one that stays."""
    if escalation is not None:
        yield escalation, "the escalation"
    yield settings.fallback.sink, f"the {FALLBACK}"
    for route in reversed(settings.routes):
        yield route.sink, f"route {route.name!r}"


def _is_configured(kind: SinkKind, settings: Settings) -> bool:
    match kind:
        case SinkKind.SLACK:
            return _any(settings.slack.token, settings.slack.webhook_url)
        case SinkKind.SALESFORCE:
            return bool(settings.salesforce.client_id)
        case SinkKind.HUBSPOT:
            return _any(settings.hubspot.token)
        case SinkKind.WEBHOOK:
            return _any(settings.webhook.url)
        case SinkKind.CONSOLE | SinkKind.FILE:
            return True


def _any(*secrets: SecretStr) -> bool:
    return any(secret.get_secret_value() for secret in secrets)


def _needed(kind: SinkKind, by: str) -> str:
    return f'{by} needs {_NEEDS[kind]}; or try it with sink = "console"'


def _made(kind: SinkKind, settings: Settings, clock: Callable[[], Micros], out: TextIO) -> Sink:
    """Return the sink; only what is in use is imported, for Slack's library alone takes longer than the rest."""
    match kind:
        case SinkKind.SLACK:
            from stream_app.sinks.slack import Slack

            return Slack(settings.slack)
        case SinkKind.SALESFORCE:
            from stream_app.sinks.salesforce import Salesforce

            return Salesforce(settings.salesforce)
        case SinkKind.HUBSPOT:
            from stream_app.sinks.hubspot import HubSpot

            return HubSpot(settings.hubspot)
        case SinkKind.WEBHOOK:
            from stream_app.sinks.webhook import Webhook

            return Webhook(settings.webhook, clock)
        case SinkKind.CONSOLE:
            from stream_app.sinks.console import Console

            return Console(out, clock, ZoneInfo(settings.hours.timezone))
        case SinkKind.FILE:
            from stream_app.sinks.file import JsonFile

            return JsonFile(settings.file, clock)
