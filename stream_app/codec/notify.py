"""What the stages of notify say: orders among themselves, deliveries and feedback to everybody; and detect's fates."""

import re

import orjson
from msgspec.json import Decoder, Encoder
from msgspec.structs import asdict

from stream_app.codec.alert_wire import WORTH, WireFate
from stream_app.codec.notify_wire import WireDelivery, WireFeedback
from stream_app.codec.outputs import filled, time_text, writable
from stream_app.codec.published import read_published
from stream_app.codec.wire import SCHEMA_VERSION
from stream_app.core.alerts import PublishedAlert, Suppressed, account_key
from stream_app.core.events import Micros
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.orders import (
    Acted,
    Again,
    Contacted,
    Escalated,
    Operated,
    Order,
    Overtaken,
    Raised,
    Replaced,
    Replied,
    Resolved,
    Solved,
    Told,
)
from stream_app.core.notify.together import Together
from stream_app.core.routing import Target
from stream_app.formats.errors import invalid
from stream_app.formats.limits import MAX_ID, clean, identifier, micros, within_years

_encode_order = Encoder().encode
_ORDERS: Decoder[Order] = Decoder(Order)
_FEEDBACK = Decoder(WireFeedback)
_DELIVERIES = Decoder(WireDelivery)
_FATES = Decoder(WireFate)
_WORTH = re.compile(f"(?:{WORTH})?")


def encode_order(order: Order) -> bytes:
    """Return an order as it stands on `notify-queue`."""
    return _encode_order(order)


def decode_order(value: bytes | None) -> Order:
    """Return the order that a value of `notify-queue` says.

    Raises DecodeError; nothing else, for any bytes.
    """
    order = read_published(_ORDERS, value)
    if not isinstance(order, Contacted | Replied | Solved):
        identifier("case_id", order.case_id)
    for at in _times(order):
        within_years("a time", at)
    if isinstance(order, Told | Escalated):
        _check_worth(order.alert)
    return order


def encode_delivery(delivery: Delivery) -> bytes:
    """Return the JSON of an alert's fate on a route; what is empty is left out."""
    target = delivery.target
    fields = {
        "alert_id": delivery.alert_id,
        "case_id": delivery.case_id,
        "route": delivery.route,
        "sink": target.sink,
        "target": filled({"kind": target.kind, "address": target.address}),
        "fate": delivery.fate,
        "reason": delivery.reason,
        "at": time_text(delivery.at),
        "intent": delivery.intent,
        "severity": delivery.severity,
        "rule_id": delivery.rule_id,
        "customer_id": delivery.customer_id,
        "account_id": delivery.account_id,
        "detail": writable(delivery.detail),
    }
    return orjson.dumps({**filled(fields), "schema_version": SCHEMA_VERSION})


def delivery_key(delivery: Delivery) -> bytes:
    """Return the record key of a delivery: that of its alert."""
    return account_key(delivery).encode()


def decode_delivery(value: bytes | None) -> Delivery:
    """Return the fate of an alert that a value of `deliveries` tells; fields of later versions are passed over.

    Raises DecodeError; nothing else, for any bytes.
    """
    wire = read_published(_DELIVERIES, value)
    return Delivery(
        alert_id=wire.alert_id,
        case_id=identifier("case_id", wire.case_id),
        route=identifier("route", wire.route),
        target=Target(sink=wire.sink, kind=wire.target.kind, address=_shown(wire.target.address or "")),
        fate=wire.fate,
        reason=wire.reason,
        at=micros("at", wire.at),
        intent=wire.intent,
        severity=wire.severity,
        rule_id=identifier("rule_id", wire.rule_id),
        customer_id=identifier("customer_id", wire.customer_id or ""),
        account_id=identifier("account_id", wire.account_id or ""),
        detail=clean(wire.detail, len(wire.detail)) if wire.detail else "",
    )


def encode_feedback(feedback: Feedback) -> bytes:
    """Return the JSON of what somebody did with a message; its record's key is the account."""
    fields = asdict(feedback) | {
        "at": time_text(feedback.at),
        "channel": _shown(feedback.channel),
    }
    always = {"by": _shown(feedback.by), "schema_version": SCHEMA_VERSION}
    return orjson.dumps({**filled(fields), **always})


def decode_feedback(value: bytes | None) -> Feedback:
    """Return what a value of `cs-feedback` says somebody did; fields of later versions are passed over.

    Raises DecodeError; nothing else, for any bytes.
    """
    wire = read_published(_FEEDBACK, value)
    return Feedback(
        feedback_id=identifier("feedback_id", wire.feedback_id),
        case_id=identifier("case_id", wire.case_id),
        account=identifier("account", wire.account or ""),
        alert_ids=tuple(wire.alert_ids),
        rule_id=identifier("rule_id", wire.rule_id or ""),
        action=wire.action,
        by=_shown(wire.by),
        at=micros("at", wire.at),
        channel=_shown(wire.channel or ""),
    )


def decode_fate(value: bytes | None) -> Suppressed:
    """Return the match that a value of `signal-fates` says was held back; fields of later versions are passed over.

    Raises DecodeError; nothing else, for any bytes.
    """
    wire = read_published(_FATES, value)
    return Suppressed(
        match_id=wire.match_id,
        intent=wire.intent,
        rule_id=identifier("rule_id", wire.rule_id),
        severity=wire.severity,
        customer_id=identifier("customer_id", wire.customer_id),
        account_id=identifier("account_id", wire.account_id or ""),
        event_id=identifier("event_id", wire.event_id or ""),
        occurred_at=micros("occurred_at", wire.occurred_at),
        rule_set=identifier("rule_set", wire.rule_set),
        reason=wire.reason,
    )


def _shown(text: str) -> str:
    return clean(writable(text), MAX_ID)


def _check_worth(alert: PublishedAlert) -> None:
    """Refuse a lifetime value that is no number: messages are put in order by it."""
    if alert.standing is not None and _WORTH.fullmatch(alert.standing.lifetime_value) is None:
        raise invalid("standing.lifetime_value", "not a plain decimal number")


def _times(order: Order) -> tuple[Micros, ...]:
    match order:
        case Told(alert=alert, together=together) | Escalated(alert=alert, together=together):
            return *_times_of(alert), *_times_of_looks(together)
        case Raised(together=together):
            return _times_of_looks(together)
        case (
            Again(occurred_at=at)
            | Replaced(at=at)
            | Resolved(at=at)
            | Acted(at=at)
            | Contacted(at=at)
            | Replied(at=at)
            | Solved(at=at)
        ):
            return (at,)
        case Overtaken() | Operated():
            return ()


def _times_of_looks(together: Together) -> tuple[Micros, ...]:
    return tuple(look.occurred_at for look in together.looks)


def _times_of(alert: PublishedAlert) -> tuple[Micros, ...]:
    standing = alert.standing
    others = (alert.detected_at, standing.contacted_at if standing is not None else None)
    known = (at for at in others if at is not None)
    return (alert.occurred_at, *known, *(each.occurred_at for each in alert.evidence))
