"""Alerts, fates, dead letters and events to the JSON that others read."""

from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias, overload

import orjson

from stream_app.codec.wire import SCHEMA_VERSION
from stream_app.core.alerts import (
    Alert,
    Evidence,
    PublishedAlert,
    Resolution,
    Snapshot,
    Standing,
    Suppressed,
    Weighed,
    account_key,
)
from stream_app.core.events import (
    CustomerProfile,
    Event,
    Interaction,
    Micros,
    PageView,
    Profile,
    Purchase,
    TimePassed,
    moment_of,
)
from stream_app.formats.errors import DeadLetterReason

MAX_DEAD_LETTER_BYTES = 65_536


_Fields: TypeAlias = Mapping[str, object]


def encode_alert(alert: Alert, detected_at: Micros | None) -> bytes:
    """Return the alert's JSON; what is empty is left out, `detected_at` too where nobody was there (replay)."""
    return orjson.dumps(alert_fields(alert, detected_at))


def alert_fields(alert: Alert | PublishedAlert, detected_at: Micros | None) -> dict[str, object]:
    """Return what stands in an alert's JSON."""
    fields = {
        "alert_id": alert.alert_id,
        "intent": alert.intent,
        "rule_id": alert.rule_id,
        "severity": alert.severity,
        "polarity": alert.polarity,
        "customer_id": alert.customer_id,
        "account_id": alert.account_id,
        "customer": _snapshot(alert.customer) if alert.customer else None,
        "occurred_at": time_text(alert.occurred_at),
        "detected_at": optional_time(detected_at),
        "rule_set": alert.rule_set,
        "reason": alert.reason,
        "evidence": [alert_evidence(each) for each in alert.evidence],
        "supersedes": alert.supersedes,
        "readings": [_reading(each) for each in alert.readings] or None,
        "standing": _standing(alert.standing) or None if alert.standing else None,
        "preceded_by": alert.preceded_by,
        "digest": alert.digest or None,
        "second": alert.second or None,
    }
    return {**filled(fields), "schema_version": SCHEMA_VERSION}


def encode_fate(suppressed: Suppressed, detected_at: Micros | None) -> bytes:
    """Return the JSON of a match that did not become an alert, and why."""
    fields = {
        "match_id": suppressed.match_id,
        "intent": suppressed.intent,
        "rule_id": suppressed.rule_id,
        "severity": suppressed.severity,
        "customer_id": suppressed.customer_id,
        "account_id": suppressed.account_id,
        "event_id": suppressed.event_id,
        "occurred_at": time_text(suppressed.occurred_at),
        "detected_at": optional_time(detected_at),
        "rule_set": suppressed.rule_set,
        "reason": suppressed.reason,
    }
    return orjson.dumps({**filled(fields), "schema_version": SCHEMA_VERSION})


def alert_key(alert: Alert | Suppressed | Resolution) -> bytes:
    """Return the record key of an alert, fate or resolution, so that all of one company is read in one place."""
    return account_key(alert).encode()


def encode_dead_letter(
    *,
    topic: str,
    partition: int,
    offset: int,
    timestamp_ms: int,
    reason: DeadLetterReason,
    detail: str,
    key: bytes | None,
    value: bytes | None,
) -> bytes:
    """Return the JSON of a record that could not be used: its bytes in base64, key and value cut at 64 KiB each.

    A negative `timestamp_ms` is unknown. `detail` may be any text.
    """
    cut = any(len(part or b"") > MAX_DEAD_LETTER_BYTES for part in (key, value))
    fields = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "timestamp": None if timestamp_ms < 0 else time_text(timestamp_ms * 1_000),
        "reason": reason,
        "detail": writable(detail),
        "key": _base64(key),
        "value": _base64(value),
        "value_bytes": len(value or b""),
        "truncated": cut,
        "schema_version": SCHEMA_VERSION,
    }
    return orjson.dumps(fields)


@overload
def to_wire(event: PageView | Purchase | Interaction | TimePassed) -> bytes: ...
@overload
def to_wire(event: Event) -> bytes | None: ...
def to_wire(event: Event) -> bytes | None:
    """Return the event as a value of our own format; None, a tombstone, for a customer to be forgotten."""
    match event:
        case PageView():
            fields = _page_view(event)
        case Purchase():
            fields = _purchase(event)
        case Interaction():
            fields = _interaction(event)
        case TimePassed():
            fields = {"occurred_at": time_text(event.occurred_at)}
        case CustomerProfile(profile=None):
            return None
        case CustomerProfile(profile=Profile() as profile):
            fields = {"customer_id": event.customer_id, **_profile(profile)}
    return orjson.dumps({**filled(fields), "schema_version": SCHEMA_VERSION})


def _page_view(view: PageView) -> _Fields:
    return {
        "event_id": view.event_id,
        "customer_id": view.customer_id,
        "account_id": view.account_id,
        "occurred_at": time_text(view.occurred_at),
        "url": view.url,
        "title": view.title,
        "user_agent": view.user_agent,
    }


def _purchase(purchase: Purchase) -> _Fields:
    return {
        "event_id": purchase.event_id,
        "customer_id": purchase.customer_id,
        "occurred_at": time_text(purchase.occurred_at),
        "kind": purchase.kind,
        "order_id": purchase.order_id,
        "amount": _decimal(purchase.amount),
        "currency": purchase.currency,
        "product_id": purchase.product_id,
        "plan": purchase.plan,
        "campaign": purchase.campaign,
    }


def _interaction(interaction: Interaction) -> _Fields:
    return {
        "event_id": interaction.event_id,
        "customer_id": interaction.customer_id,
        "occurred_at": time_text(interaction.occurred_at),
        "kind": interaction.kind,
        "ref": interaction.ref,
        "score": interaction.score,
        "touchpoints": interaction.touchpoints or None,
    }


def _profile(profile: Profile) -> _Fields:
    return {
        **_snapshot(profile),
        "occurred_at": time_text(profile.occurred_at),
        "account_id": profile.account_id,
        "stage": profile.stage,
        "seats": profile.seats,
        "seats_used": profile.seats_used,
        "fiscal_year_end": profile.fiscal_year_end,
        "gross_margin": _decimal(profile.gross_margin),
        "acquisition_cost": _decimal(profile.acquisition_cost),
        "keeping_cost": _decimal(profile.keeping_cost),
    }


def _snapshot(profile: Profile | Snapshot) -> _Fields:
    """Return what an alert tells of the customer."""
    fields = {
        "name": profile.name,
        "account_name": profile.account_name,
        "owner": profile.owner,
        "tier": profile.tier,
        "plan": profile.plan,
        "language": profile.language,
        "timezone": profile.timezone,
        "renewal_date": profile.renewal_date,
    }
    return filled(fields)


def alert_evidence(evidence: Evidence) -> dict[str, object]:
    """Return what stands in an alert's JSON of one view, purchase or interaction."""
    fields = {
        "event_id": evidence.event_id,
        "occurred_at": time_text(evidence.occurred_at),
        "category": evidence.category,
        "url": evidence.url,
        "title": evidence.title,
        "amount": evidence.amount,
        "currency": evidence.currency,
        "plan": evidence.plan,
        "product_id": evidence.product_id,
    }
    return filled(fields)


def _reading(weighed: Weighed) -> _Fields:
    return {"reading": weighed.reading, "confidence": weighed.confidence, "because": weighed.because}


def _standing(standing: Standing) -> _Fields:
    """Return how the customer stands; what is not known, or not so, is left out."""
    fields = {
        "lifetime_value": plain_number(standing.lifetime_value),
        "currency": standing.currency,
        "nps": standing.nps,
        "cell": standing.cell,
        "moved_from": standing.moved_from,
        "contacted_at": optional_time(standing.contacted_at),
        "proposed_tier": standing.proposed_tier,
        "campaign_only": standing.campaign_only or None,
        "onboarding": standing.onboarding or None,
    }
    return filled(fields)


def plain_number(text: str) -> str:
    """Return a decimal number, or nothing, without an exponent."""
    return text and f"{Decimal(text):f}"


def filled(fields: _Fields) -> dict[str, object]:
    """Return the fields without those that are not known."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def time_text(micros: Micros) -> str:
    """Return a time as the wire has it."""
    return moment_of(micros).isoformat().replace("+00:00", "Z")


def writable(text: str) -> str:
    """Return any text as one that has a form in UTF-8: half a surrogate pair has none."""
    return text.encode(errors="replace").decode()


def optional_time(micros: Micros | None) -> str | None:
    """Return a time as the wire has it, or None where there is none."""
    return None if micros is None else time_text(micros)


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _base64(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw[:MAX_DEAD_LETTER_BYTES]).decode()
