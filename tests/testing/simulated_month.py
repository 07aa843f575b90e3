"""The default month of the simulator, made once, and short ways to ask it something."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from urllib.parse import unquote, urlsplit

import orjson

from stream_app.testing.simulator import Persona, Simulated, simulate, truth
from stream_app.topics import InputTopic

TRUTH = truth()
KNOWN = {name: known.persona for name, known in TRUTH.items()}
BOT = re.compile("bot|headless", re.IGNORECASE)


def written(records: Iterable[Simulated]) -> str:
    """A digest over every byte that a producer would send, in order."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(orjson.dumps([record.topic, record.customer_id, record.value]))
    return digest.hexdigest()


def text(record: Simulated, name: str) -> str:
    """A field that is text, empty where absent."""
    value = record.value.get(name, "")
    assert isinstance(value, str)
    return value


def occurred(record: Simulated) -> datetime:
    """When it happened, with the customer's own offset."""
    return datetime.fromisoformat(text(record, "occurred_at"))


def path(record: Simulated) -> str:
    """The decoded path of a view."""
    return unquote(urlsplit(text(record, "url")).path)


def of(topic: InputTopic, records: Iterable[Simulated]) -> list[Simulated]:
    """The records of one topic."""
    return [record for record in records if record.topic is topic]


@cache
def month() -> tuple[Simulated, ...]:
    """The default month."""
    return tuple(simulate())


@cache
def views() -> tuple[Simulated, ...]:
    """The month's page views of known customers in a browser."""
    return tuple(
        view
        for view in of(InputTopic.PAGE_VIEWS, month())
        if view.customer_id in KNOWN and not BOT.search(text(view, "user_agent"))
    )


@cache
def paths() -> dict[Persona, Counter[str]]:
    """How often each kind of customer looked at each path."""
    counted: dict[Persona, Counter[str]] = defaultdict(Counter)
    for view in views():
        counted[KNOWN[view.customer_id]][path(view)] += 1
    return counted
