"""What happened: the events that reach the core, whatever format they came in.

Times are whole microseconds since 1970-01-01 UTC, so that windows are exact and comparisons cheap.
Absent text is the empty string. Decoding and its limits belong to `stream_app.codec`.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

Micros: TypeAlias = int

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

NEVER: Micros = -(2**62)
"""Before every time that can be: the time of what did not happen."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(at: Micros) -> datetime:
    """Return a time as an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=at)


class PurchaseKind(StrEnum):
    """What a purchase event says of an order; the last two undo one."""

    COMPLETED = "completed"
    RENEWED = "renewed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class Tier(StrEnum):
    """How a customer is looked after."""

    HIGH = "high"
    LOW = "low"
    TECH = "tech"


class Stage(StrEnum):
    """Where a customer stands in the relationship."""

    LEAD = "lead"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    CHURNED = "churned"


class InteractionKind(StrEnum):
    """What happened with a customer outside the web site."""

    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    ANSWERED = "answered"
    SOLVED = "solved"
    REOPENED = "reopened"
    CONTACTED = "contacted"
    FOLLOW_UP = "follow_up"
    NPS = "nps"
    REFERRAL_ASKED = "referral_asked"
    REFERRAL_MADE = "referral_made"
    REFERRAL_CONVERTED = "referral_converted"


class PageView(Struct, frozen=True, kw_only=True):
    """Somebody looked at a page. `url` is as recorded: the core cleans it before it keeps it."""

    event_id: str
    customer_id: str  # empty: nobody the MA tool knows
    occurred_at: Micros
    url: str
    title: str = ""
    account_id: str = ""
    user_agent: str = ""


class Purchase(Struct, frozen=True, kw_only=True):
    """An order completed or renewed, or one undone. `amount` is in units of `currency` (ISO 4217)."""

    event_id: str
    customer_id: str
    occurred_at: Micros
    amount: Decimal
    currency: str
    kind: PurchaseKind = PurchaseKind.COMPLETED
    order_id: str = ""
    product_id: str = ""
    plan: str = ""
    campaign: str = ""


class Profile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole of what the company knows of a customer, as of `occurred_at`. Dates are ISO 8601 days."""

    occurred_at: Micros
    name: str = ""
    account_id: str = ""
    account_name: str = ""
    owner: str = ""  # an e-mail address
    tier: Tier | None = None
    stage: Stage | None = None
    plan: str = ""
    seats: int | None = None
    seats_used: int | None = None
    renewal_date: str = ""
    fiscal_year_end: str = ""  # month and day, MM-DD
    language: str = ""
    timezone: str = ""
    gross_margin: Decimal | None = None
    acquisition_cost: Decimal | None = None
    keeping_cost: Decimal | None = None


class CustomerProfile(Struct, frozen=True, kw_only=True):
    """A customer's profile as it is now; `profile` None is a tombstone: forget this customer."""

    customer_id: str
    occurred_at: Micros
    profile: Profile | None


class Interaction(Struct, frozen=True, kw_only=True):
    """Something that happened with a customer elsewhere. `score` is an NPS answer, 0 to 10."""

    event_id: str
    customer_id: str
    occurred_at: Micros
    kind: InteractionKind
    ref: str = ""
    score: int | None = None
    touchpoints: dict[str, int] = {}  # touchpoint → −3 … +3


class TimePassed(Struct, frozen=True, kw_only=True):
    """Nothing but that it is this time now: what moves the time of a partition in which nothing happens."""

    occurred_at: Micros
    customer_id: str = ""  # nobody's


class Due(Struct, frozen=True, kw_only=True):
    """The moment has come that a customer's state asked for (`CustomerState.due`); a whole minute.

    `lost` are the spans (start, end) in which nothing was recorded, by time: they are nobody's silence. One that ends
    at this moment or later was still open then.
    """

    customer_id: str
    occurred_at: Micros
    lost: tuple[tuple[Micros, Micros], ...] = ()

    @property
    def is_blind(self) -> bool:
        """Whether nothing was being recorded at this moment."""
        return any(end >= self.occurred_at for _, end in self.lost)


Event: TypeAlias = PageView | Purchase | CustomerProfile | Interaction | TimePassed
