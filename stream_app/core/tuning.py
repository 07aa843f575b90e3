"""What the settings say to the rules: windows, amounts, spans. Spans are microseconds."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field

from stream_app.core.events import DAY, Micros


class Feed(StrEnum):
    """What may reach us or not; a rule that waits for what did not come must know that it would have come."""

    PAGE_VIEWS = "page-views"
    PURCHASES = "purchases"
    CUSTOMERS = "customers"
    ANSWERS = "answers"  # interactions answered, solved, reopened
    CONTACTS = "contacts"  # interactions contacted
    FOLLOW_UPS = "follow-ups"
    REFERRALS = "referrals"


RECORDED = frozenset({Feed.PAGE_VIEWS, Feed.PURCHASES})
"""What tells that a customer was there."""


class Windows(Struct, frozen=True, kw_only=True):
    """How far back the rules look."""

    bought: Micros = 30 * DAY  # a purchase makes a look at prices a question of more
    help: Micros = DAY  # looks at help that belong to one difficulty


_HIGH = {
    "JPY": Decimal(1_000_000),
    "USD": Decimal(10_000),
    "EUR": Decimal(10_000),
    "GBP": Decimal(10_000),
}


class Loyalty(Struct, frozen=True, kw_only=True):
    """What a customer is worth and how answers age. Amounts are by currency (ISO 4217)."""

    high: dict[str, Decimal] = field(default_factory=lambda: dict(_HIGH))
    gross_margin: Decimal = Decimal(1)  # where the profile says none: by revenue
    duration: Micros = 3 * 365 * DAY  # how long a customer stays, unless this one stayed longer
    nps_stale: Micros = 365 * DAY
    dwell: Micros = 7 * DAY  # in a cell before the next move
    contact_counts: Micros = 7 * DAY
    referral_pause: Micros = 90 * DAY
    recovered: Micros = 14 * DAY


class Waits(Struct, frozen=True, kw_only=True):
    """How long what should come is waited for."""

    onboarding: Micros = 60 * DAY
    habit: Micros = 30 * DAY  # after the first purchase
    follow_up: Micros = 7 * DAY
    renewal: Micros = 60 * DAY  # before the date
    forget: Micros = 400 * DAY
    calendar_days: bool = False  # silence in calendar days, as shops have customers


class Tuning(Struct, frozen=True, kw_only=True):
    """All of it, and the feeds that are there."""

    windows: Windows = Windows()
    loyalty: Loyalty = Loyalty()
    waits: Waits = Waits()
    fiscal_year_end: str = "03-31"  # MM-DD, where the profile says none
    feeds: frozenset[Feed] = frozenset()
