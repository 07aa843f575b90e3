"""Bytes of the alert topics to alerts: ours, but anybody may have written there."""

from msgspec.json import Decoder

from stream_app.codec.alert_wire import WireAlert, WireEvidence, WireReading, WireSnapshot, WireStanding
from stream_app.codec.published import read_published
from stream_app.core.alerts import Evidence, Intent, PublishedAlert, Snapshot, Standing, Weighed
from stream_app.formats.errors import invalid
from stream_app.formats.limits import clean, identifier, micros

_ALERTS = Decoder(WireAlert)


def decode_alert(value: bytes | None) -> PublishedAlert:
    """Return the alert that an alert topic's value says; fields of later versions are passed over.

    Raises DecodeError; nothing else, for any bytes.
    """
    return _alert(read_published(_ALERTS, value))


def _alert(wire: WireAlert) -> PublishedAlert:
    return PublishedAlert(
        alert_id=wire.alert_id,
        intent=wire.intent,
        rule_id=identifier("rule_id", wire.rule_id),
        severity=wire.severity,
        polarity=wire.polarity,
        customer_id=whose(wire.intent, wire.customer_id),
        account_id=identifier("account_id", wire.account_id or ""),
        customer=_snapshot(wire.customer) if wire.customer else None,
        occurred_at=micros("occurred_at", wire.occurred_at),
        detected_at=micros("detected_at", wire.detected_at) if wire.detected_at else None,
        rule_set=identifier("rule_set", wire.rule_set),
        reason=_text(wire.reason),
        evidence=tuple(_evidence(each) for each in wire.evidence),
        supersedes=wire.supersedes or "",
        readings=tuple(_reading(each) for each in wire.readings or ()),
        standing=_standing(wire.standing) if wire.standing else None,
        preceded_by=_text(wire.preceded_by),
        digest=bool(wire.digest),
        second=bool(wire.second),
    )


def whose(intent: Intent, customer_id: str | None) -> str:
    """Return the customer's id; raises DecodeError where there is none though it is not of the site."""
    if not customer_id and intent is not Intent.OPS:
        raise invalid("customer_id", f"missing, though the intent is {intent}")
    return identifier("customer_id", customer_id or "")


def _snapshot(wire: WireSnapshot) -> Snapshot:
    return Snapshot(
        name=_text(wire.name),
        account_name=_text(wire.account_name),
        owner=identifier("customer.owner", wire.owner or ""),
        tier=wire.tier,
        plan=identifier("customer.plan", wire.plan or ""),
        language=identifier("customer.language", wire.language or ""),
        timezone=identifier("customer.timezone", wire.timezone or ""),
        renewal_date=identifier("customer.renewal_date", wire.renewal_date or ""),
    )


def _evidence(wire: WireEvidence) -> Evidence:
    return Evidence(
        event_id=identifier("evidence.event_id", wire.event_id),
        occurred_at=micros("evidence.occurred_at", wire.occurred_at),
        category=identifier("evidence.category", wire.category),
        url=_text(wire.url),
        title=_text(wire.title),
        amount=identifier("evidence.amount", wire.amount or ""),
        currency=identifier("evidence.currency", wire.currency or ""),
        plan=identifier("evidence.plan", wire.plan or ""),
        product_id=identifier("evidence.product_id", wire.product_id or ""),
    )


def _reading(wire: WireReading) -> Weighed:
    because = tuple(identifier("readings.because", each) for each in wire.because)
    return Weighed(reading=wire.reading, confidence=wire.confidence, because=because)


def _standing(wire: WireStanding) -> Standing:
    return Standing(
        lifetime_value=wire.lifetime_value or "",
        currency=identifier("standing.currency", wire.currency or ""),
        nps=wire.nps,
        cell=wire.cell,
        moved_from=wire.moved_from,
        contacted_at=micros("standing.contacted_at", wire.contacted_at) if wire.contacted_at else None,
        proposed_tier=wire.proposed_tier,
        campaign_only=bool(wire.campaign_only),
        onboarding=bool(wire.onboarding),
    )


def _text(text: str | None) -> str:
    """Return a text whole: what made the alert has cut it already."""
    return clean(text, len(text)) if text else ""
