"""How a sink is spoken to."""

from enum import StrEnum

from stream_app.core.alerts import Severity
from stream_app.core.routes import Sink
from stream_app.core.routing import Routing


class Manner(StrEnum):
    """What an alert is in a sink."""

    CONVERSATION = "conversation"  # a message, its thread and edits; bundles and digests
    TASK = "task"  # a record of a CRM, one a case, brought up to date
    EACH = "each"  # a post of its own


_MANNERS = {Sink.SALESFORCE: Manner.TASK, Sink.HUBSPOT: Manner.TASK, Sink.WEBHOOK: Manner.EACH}


def manner_of(sink: Sink) -> Manner:
    """Return how this sink is spoken to."""
    return _MANNERS.get(sink, Manner.CONVERSATION)


def is_minor(routing: Routing, severity: Severity, digest: bool) -> bool:
    """Tell whether it waits for the digest of a conversation, and makes no task in a CRM."""
    return severity is Severity.LOW or routing.digest or digest
