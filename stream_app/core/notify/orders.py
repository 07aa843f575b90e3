"""What is said to a target's desk: the records of `notify-queue`, keyed by target."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from stream_app.core.alerts import PublishedAlert, ResolvedReason, SuppressedReason
from stream_app.core.events import Micros
from stream_app.core.notify.together import Together
from stream_app.core.routing import Routing


class Action(StrEnum):
    """What somebody did with a message, or said of its alert."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    USEFUL = "useful"
    NOT_USEFUL = "not_useful"
    TOO_EARLY = "too_early"
    REPLY = "reply"  # wrote in the thread


VERDICTS = (Action.USEFUL, Action.NOT_USEFUL, Action.TOO_EARLY)
"""What is said of an alert, and judges its rule."""


class Operation(StrEnum):
    """What an operator wants of a message that is parked, held or failing."""

    RETRY = "retry"
    DROP = "drop"


class Told(Struct, frozen=True, kw_only=True, tag="told"):
    """An alert for this target, as detect said it; `together` may say that it is one step more severe.

    `takes_over`: it is churn, and the case was budget or upgrade until now.
    """

    case_id: str
    alert: PublishedAlert
    routing: Routing
    takes_over: bool = False
    together: Together = Together()


class Raised(Struct, frozen=True, kw_only=True, tag="raised"):
    """Others of the account were on such pages too: alerts of the case are more severe for it."""

    case_id: str
    together: Together


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
    """A high alert that nobody took up at another target (`of`, as people are shown) until its response target.

    It is as severe as it was there; `together` says whom it was raised for.
    """

    case_id: str
    alert: PublishedAlert
    routing: Routing
    of: str
    together: Together = Together()


class Operated(Struct, frozen=True, kw_only=True, tag="operated"):
    """An operator's word on one message; `case_id` empty: on all parked messages of the target."""

    case_id: str
    operation: Operation


Order: TypeAlias = (
    Told
    | Raised
    | Again
    | Overtaken
    | Replaced
    | Resolved
    | Acted
    | Contacted
    | Replied
    | Solved
    | Escalated
    | Operated
)
