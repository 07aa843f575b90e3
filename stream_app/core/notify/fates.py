"""What became of an alert on a route: one fate each, and why."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Severity
from stream_app.core.events import Micros
from stream_app.core.routing import Routing, Target


class Fate(StrEnum):
    """How it ended for one alert on one route; the same word is the metric's label."""

    DELIVERED = "delivered"  # it made a message, or a notification of its own in one
    MERGED = "merged"  # shown on another alert's message
    DIGESTED = "digested"
    SILENCED = "silenced"
    SUPERSEDED = "superseded"
    RESOLVED = "resolved"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DROPPED = "dropped"
    ERASED = "erased"  # whom it was about is nobody's business any more


class FateReason(StrEnum):
    """Why that fate; the same word is the metric's label."""

    SENT = "sent"
    BUNDLED = "bundled"  # one of many in one message
    JOINED = "joined"  # added to an open message
    RAISED = "raised"  # joined, and more severe than what was told before
    TOOK_OVER = "took_over"  # churn on an open budget or upgrade message
    ROUTE_DIGEST = "route_digest"
    LOW = "low"
    RULE = "rule"  # what its rule finds waits for the digest
    CONTACTED = "contacted"  # somebody was in contact with the account lately
    BUDGET = "budget"  # the owner's pushes of the day are used up
    MUTE = "mute"  # by the settings
    NO_TASK = "no_task"  # low alerts and digests make no task in a CRM
    CHURN = "churn"  # budget or upgrade overtaken by churn before anybody was told
    REPLACED = "replaced"  # by the alert that says what is thought now
    SOLVED = "solved"
    RENEWAL = "renewal"
    RETURNED = "returned"
    ANSWERED = "answered"
    EXPIRED = "expired"  # nothing came of it in all its time
    TOO_OLD = "too_old"
    SINK_REFUSED = "sink_refused"  # parked, and nobody did anything until it was too old
    OPERATOR = "operator"
    ERASED = "erased"


class Delivery(Struct, frozen=True, kw_only=True):
    """One line of the `deliveries` topic: the fate of an alert on a route."""

    alert_id: str
    case_id: str  # the open message's: the id of its first alert
    route: str
    target: Target
    fate: Fate
    reason: FateReason
    at: Micros
    intent: Intent
    severity: Severity
    rule_id: str
    customer_id: str
    account_id: str = ""
    detail: str = ""  # such as why a sink refused, or a mute's reason


def delivery(
    alert: PublishedAlert,
    case_id: str,
    routing: Routing,
    fate: Fate,
    reason: FateReason,
    at: Micros,
    detail: str = "",
) -> Delivery:
    """Return the fate of an alert as it is written down; of somebody who was erased nothing tells who it was."""
    written = Delivery(
        alert_id=alert.alert_id,
        case_id=case_id,
        route=routing.route,
        target=routing.target,
        fate=fate,
        reason=reason,
        at=at,
        intent=alert.intent,
        severity=alert.severity,
        rule_id=alert.rule_id,
        customer_id=alert.customer_id,
        account_id=alert.account_id,
        detail=detail,
    )
    return nameless(written) if fate is Fate.ERASED else written


def nameless(written: Delivery) -> Delivery:
    """Return a fate without the customer's id, also where it stands for the account."""
    account_id = "" if written.account_id == written.customer_id else written.account_id
    return replace(written, customer_id="", account_id=account_id)
