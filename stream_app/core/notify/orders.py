"""What is said to a target's desk: the records of `notify-queue`, keyed by target."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from stream_app.core.alerts import PublishedAlert, ResolvedReason, SuppressedReason
from stream_app.core.events import Micros
from stream_app.core.routing import Routing


class Action(StrEnum):
    """What somebody did with a message; the verdicts are what `cs-feedback` is read for."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    USEFUL = "useful"
    NOT_USEFUL = "not_useful"
    REPLY = "reply"  # wrote in the thread


class Operation(StrEnum):
    """What an operator wants of a message that is parked, held or failing."""

    RETRY = "retry"
    DROP = "drop"


class Told(Struct, frozen=True, kw_only=True, tag="told"):
    """An alert for this target. `takes_over`: it is churn, and the case was budget or upgrade until now."""

    case_id: str
    alert: PublishedAlert
    routing: Routing
    takes_over: bool = False


class Again(Struct, frozen=True, kw_only=True, tag="again"):
    """What detect held back as `cooldown` or `inhibited` while the case is open: counted, never told."""

    case_id: str
    match_id: str
    customer_id: str
    occurred_at: Micros
    reason: SuppressedReason


class Overtaken(Struct, frozen=True, kw_only=True, tag="overtaken"):
    """Another case of the account speaks for this one from now on (churn for budget or upgrade)."""

    case_id: str
    by: str  # the other's case_id


class Replaced(Struct, frozen=True, kw_only=True, tag="replaced"):
    """Another alert says what is thought now, in another case, or one that this target is not told of."""

    case_id: str
    alert_id: str
    by: str  # the other's alert_id
    at: Micros


class Resolved(Struct, frozen=True, kw_only=True, tag="resolved"):
    """An alert of the case is over."""

    case_id: str
    alert_id: str
    reason: ResolvedReason
    at: Micros


class Acted(Struct, frozen=True, kw_only=True, tag="acted"):
    """Somebody did something with the case's message, here or at another target of the case."""

    case_id: str
    action: Action
    by: str  # as people are shown: a name, else an address or id
    at: Micros


class Contacted(Struct, frozen=True, kw_only=True, tag="contacted"):
    """An interaction `contacted` with a customer; said to every desk."""

    customer_id: str
    at: Micros


class Replied(Struct, frozen=True, kw_only=True, tag="replied"):
    """Somebody wrote in a thread; only its place is known, so it is said to every desk."""

    channel: str
    thread: str
    by: str
    at: Micros


class Solved(Struct, frozen=True, kw_only=True, tag="solved"):
    """An interaction `solved` with a customer: ends open support cases; said to every desk."""

    customer_id: str
    at: Micros


class Escalated(Struct, frozen=True, kw_only=True, tag="escalated"):
    """A high alert that nobody took up at another target (`of`, as people are shown) until its response target."""

    case_id: str
    alert: PublishedAlert
    routing: Routing
    of: str


class Operated(Struct, frozen=True, kw_only=True, tag="operated"):
    """An operator's word on one message; `case_id` empty: on all parked messages of the target."""

    case_id: str
    operation: Operation


Order: TypeAlias = (
    Told | Again | Overtaken | Replaced | Resolved | Acted | Contacted | Replied | Solved | Escalated | Operated
)
