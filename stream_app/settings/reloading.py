"""What of the settings a worker takes over while it runs, and what it does not."""

from collections.abc import Iterable
from typing import Any

from stream_app.settings.load import keys
from stream_app.settings.model import Settings
from stream_app.settings.source import value_of
from stream_app.topics import Worker

DECIDING = (
    "feeds",
    "fiscal_year_end",
    "pages_defaults",
    "pages",
    "urls",
    "audience",
    "rules",
    "loyalty",
    "waits",
    "hours",
    "contact",
)
"""What makes a rule set, tables and keys."""

_ALL = ("bootstrap_servers", "topic_prefix", "rekey", "reload_interval", "kafka", "web.host", "web.port", "log")
FIXED: dict[Worker, tuple[str, ...]] = {
    Worker.DETECT: (
        *_ALL,
        "group",
        "store",
        "data_dir",
        "checkpoint_interval",
        "standby_replicas",
        "poison_floods",
        "alerts_from",
    ),
    Worker.NOTIFY: (*_ALL, "notify.group", "notify.port", "slack.host", "slack.port"),
}
"""What a worker is started with; a change of it waits for a restart."""

_WEB = ("web.token", "web.token_file")
TAKEN: dict[Worker, tuple[str, ...]] = {
    Worker.DETECT: (*DECIDING, *_WEB),
    Worker.NOTIFY: (
        *("people", "routes", "fallback", "hours", "contact", "mute", "notify", "playbooks", "loyalty.contact_counts"),
        *("slack", "salesforce", "hubspot", "webhook", "file"),
        *_WEB,
    ),
}
"""What a worker takes over, but for what is fixed; all else does not concern it."""


def changed(before: Settings, after: Settings) -> list[str]:
    """Return the keys whose values differ, as they are written in the settings."""
    return [key for key in keys() if value_of(before, key) != value_of(after, key)]


def of_these(found: Iterable[str], named: tuple[str, ...]) -> list[str]:
    """Return those keys that are named, by themselves or with their table."""
    return [key for key in found if any(key == name or key.startswith(f"{name}.") for name in named)]


def deciding(settings: Settings) -> dict[str, Any]:
    """Return what makes the rule set and is not as it ships, as a settings file could say it; no secret is in it."""
    said: dict[str, Any] = settings.model_dump(mode="json", include={*DECIDING}, exclude_defaults=True)
    return said
