"""What the core says: alerts, and matches that did not become one, each with its reason; alerts as others read them."""

from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from msgspec import Struct

from stream_app.core.events import Micros, Profile, Tier


class Intent(StrEnum):
    """What the customer most likely has in mind; one alert topic each."""

    CHURN = "churn"
    BUDGET = "budget"
    UPGRADE = "upgrade"
    SUPPORT = "support"


class Severity(StrEnum):
    """How soon somebody should act."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Polarity(StrEnum):
    """Whether acting averts a loss, takes a chance, or must first find out which."""

    RISK = "risk"
    CHANCE = "chance"
    OPEN = "open"


class SuppressedReason(StrEnum):
    """Why a match did not become an alert; the same word is the metric's label."""

    LATE = "late"
    BACKFILL = "backfill"
    NOT_A_CUSTOMER = "not_a_customer"
    INHIBITED = "inhibited"
    COOLDOWN = "cooldown"
    RULE_ERROR = "rule_error"


class Evidence(Struct, frozen=True, kw_only=True):
    """A view or purchase that made an alert: `category` is the page's, or the purchase's kind."""

    event_id: str
    occurred_at: Micros
    category: str
    url: str = ""
    title: str = ""
    amount: str = ""
    currency: str = ""
    plan: str = ""
    product_id: str = ""


class Alert(Struct, frozen=True, kw_only=True):
    """One thing that somebody in customer success should hear, with what it rests on."""

    alert_id: str
    intent: Intent
    rule_id: str
    severity: Severity
    polarity: Polarity
    customer_id: str
    account_id: str  # empty: none known
    customer: Profile | None
    event_id: str
    occurred_at: Micros
    rule_set: str
    reason: str
    evidence: tuple[Evidence, ...]


class Snapshot(Struct, frozen=True, kw_only=True):
    """What an alert tells of the customer, as known when it was made; what is not known is empty."""

    name: str = ""
    account_name: str = ""
    owner: str = ""  # an e-mail address
    tier: Tier | None = None
    plan: str = ""
    language: str = ""
    timezone: str = ""
    renewal_date: str = ""


class PublishedAlert(Struct, frozen=True, kw_only=True):
    """An alert as it stands on its topic; `detected_at` None where nobody was there (replay)."""

    alert_id: str
    intent: Intent
    rule_id: str
    severity: Severity
    polarity: Polarity
    customer_id: str
    account_id: str = ""
    customer: Snapshot | None = None
    occurred_at: Micros
    detected_at: Micros | None = None
    rule_set: str
    reason: str
    evidence: tuple[Evidence, ...]


class Suppressed(Struct, frozen=True, kw_only=True):
    """A match that did not become an alert. `match_id` is the id that the alert would have had."""

    match_id: str
    intent: Intent
    rule_id: str
    severity: Severity
    customer_id: str
    account_id: str
    event_id: str
    occurred_at: Micros
    rule_set: str
    reason: SuppressedReason


class OfCustomer(Protocol):
    """What says whose it is."""

    @property
    def customer_id(self) -> str:
        """The customer."""

    @property
    def account_id(self) -> str:
        """The customer's account; empty: none known."""


def account_key(of: OfCustomer) -> str:
    """Return what all of one company is gathered under: the account, the customer where there is none."""
    return of.account_id or of.customer_id


def alert_id(rule_id: str, customer_id: str, event_id: str) -> str:
    """Return the id that this match has in every run: 32 hexadecimal digits.

    Each part stands behind its length, so that no two triples give the same text.
    """
    digest = sha256()
    for part in (rule_id, customer_id, event_id):
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()[:32]
