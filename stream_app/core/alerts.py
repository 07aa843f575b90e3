"""What the core says: alerts, and matches that did not become one, each with its reason; alerts as others read them."""

from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from msgspec import Struct

from stream_app.core.events import Micros, Profile, Tier
from stream_app.core.pages import PageCategory


class Intent(StrEnum):
    """What the customer most likely has in mind; one alert topic each."""

    CHURN = "churn"
    BUDGET = "budget"
    UPGRADE = "upgrade"
    SUPPORT = "support"
    LOYALTY = "loyalty"
    OPS = "ops"  # of the site, not of a customer


OUTAGE = "ops.tracking-outage"
"""The rule_id of an alert that a site is no longer recorded: of no customer, hence of no rule."""


class Severity(StrEnum):
    """How soon somebody should act."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def is_above(self, other: "Severity") -> bool:
        """Say whether this one is more severe."""
        order = tuple(Severity)
        return order.index(self) < order.index(other)


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
    TRACKING_OUTAGE = "tracking_outage"
    COOLDOWN = "cooldown"
    RULE_ERROR = "rule_error"


class Reading(StrEnum):
    """What a look at prices may mean."""

    DOUBT = "doubt"  # about value for money
    BUDGET = "budget"
    UPGRADE = "upgrade"
    CHURN = "churn"  # doubt, and signs of leaving


class Weighed(Struct, frozen=True, kw_only=True):
    """One reading: its share of all points, 0 to 1 with two digits, and what gave it points, the weightiest first."""

    reading: Reading
    confidence: float
    because: tuple[str, ...]  # words of a closed set: page categories and `readings.Sign`


class Cell(StrEnum):
    """Where a customer stands: lifetime value × NPS."""

    LEAVING = "leaving"  # high × detractor, 離脱候補者
    ALMOST_LOYAL = "almost_loyal"  # high × passive, ロイヤルカスタマー候補者
    LOYAL = "loyal"  # high × promoter, ロイヤルカスタマー
    UNCOOPERATIVE = "uncooperative"  # low × detractor, 非協力者
    ORDINARY = "ordinary"  # low × passive, 一般顧客
    FAN = "fan"  # low × promoter, 広報担当者 (ファン)


class Standing(Struct, frozen=True, kw_only=True):
    """How a customer stands when an alert is made; None and empty: not known.

    `lifetime_value` is a decimal number in `currency`; `contacted_at` is set if within the days that the settings say.
    """

    lifetime_value: str = ""
    currency: str = ""
    nps: int | None = None
    cell: Cell | None = None
    moved_from: Cell | None = None
    contacted_at: Micros | None = None
    proposed_tier: Tier | None = None  # where it differs from the tier
    campaign_only: bool = False
    onboarding: bool = False


class Evidence(Struct, frozen=True, kw_only=True):
    """A view, purchase or interaction that made an alert: `category` is the page's, or the other's kind."""

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
    supersedes: str = ""  # the alert_id of the one that this one replaces
    readings: tuple[Weighed, ...] = ()  # the leading one, its runner-up, the rest
    standing: Standing | None = None
    preceded_by: str = ""  # the help page read last before, within a day
    digest: bool = False  # waits for the digest, whatever its severity
    second: bool = False  # the second target hears of it too


class ResolvedReason(StrEnum):
    """Why an alert is over; the same word is the metric's label."""

    RENEWAL = "renewal"  # they bought or renewed
    SOLVED = "solved"
    RETURNED = "returned"  # the silent customer is back
    ANSWERED = "answered"  # what was waited for happened
    EXPIRED = "expired"


class Resolution(Struct, frozen=True, kw_only=True):
    """An alert is over."""

    alert_id: str
    intent: Intent
    rule_id: str
    customer_id: str
    account_id: str
    event_id: str  # what ended it; empty: time did
    occurred_at: Micros
    reason: ResolvedReason


class SegmentChange(Struct, frozen=True, kw_only=True):
    """A customer moved from one cell to another; None: not known."""

    customer_id: str
    account_id: str
    event_id: str  # empty: time did it
    occurred_at: Micros
    before: Cell | None
    after: Cell | None
    lifetime_value: str = ""
    currency: str = ""
    nps: int | None = None


class AccountView(Struct, frozen=True, kw_only=True):
    """A known customer of an account looked at a page that means something for the whole account."""

    account_id: str
    account_name: str = ""
    customer_id: str
    name: str = ""
    category: PageCategory
    occurred_at: Micros
    event_id: str


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
    customer_id: str = ""  # empty: the alert is of the site
    account_id: str = ""
    customer: Snapshot | None = None
    occurred_at: Micros
    detected_at: Micros | None = None
    rule_set: str
    reason: str
    evidence: tuple[Evidence, ...]
    supersedes: str = ""
    readings: tuple[Weighed, ...] = ()
    standing: Standing | None = None
    preceded_by: str = ""
    digest: bool = False
    second: bool = False


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
    """Return what all of one company is gathered under: the account, the customer where there is none.

    What is of the site and of no customer is gathered with nothing else: under the alert's own id.
    """
    return of.account_id or of.customer_id or str(getattr(of, "alert_id", ""))


def alert_id(rule_id: str, customer_id: str, event_id: str) -> str:
    """Return the id that this match has in every run: 32 hexadecimal digits.

    Each part stands behind its length, so that no two triples give the same text.
    """
    digest = sha256()
    for part in (rule_id, customer_id, event_id):
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()[:32]
