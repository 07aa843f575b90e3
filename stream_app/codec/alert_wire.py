"""What detect says of customers on its topics: the names, what is required, what a value may look like; see `wire`."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from stream_app.codec.wire import Id, MatchId, Moment, Score, Version, like
from stream_app.core.alerts import (
    Cell,
    Intent,
    Polarity,
    Reading,
    ResolvedReason,
    Severity,
    SuppressedReason,
)
from stream_app.core.events import Tier
from stream_app.core.pages import PageCategory

WORTH = "-?[0-9]{1,40}(?:[.][0-9]{1,40})?"
"""A lifetime value: a plain decimal number."""

Whose: TypeAlias = Annotated[Id, Meta(description="Absent where the intent is ops: then it is of the site.")] | None
Worth: TypeAlias = Annotated[str, like(WORTH)] | None


class WireEvidence(Struct, frozen=True, kw_only=True):
    """A view, purchase or interaction that made an alert; `category` is the page's, or the kind of the other two."""

    event_id: Id
    occurred_at: Moment
    category: str
    url: str | None = None
    title: str | None = None
    amount: str | None = None
    currency: str | None = None
    plan: str | None = None
    product_id: str | None = None


class WireSnapshot(Struct, frozen=True, kw_only=True):
    """The customer as known when the alert was made; what is not known is absent."""

    name: str | None = None
    account_name: str | None = None
    owner: str | None = None
    tier: Tier | None = None
    plan: str | None = None
    language: str | None = None
    timezone: str | None = None
    renewal_date: str | None = None


class WireReading(Struct, frozen=True, kw_only=True):
    """What a look at prices may mean: its share of all points, and what gave it points, the weightiest first."""

    reading: Reading
    confidence: Annotated[float, Meta(ge=0, le=1)]
    because: Annotated[list[str], Meta(description="Page categories and signs.")]


class WireStanding(Struct, frozen=True, kw_only=True):
    """How the customer stood when the alert was made; what is not known, or not so, is absent."""

    lifetime_value: Worth = None
    currency: str | None = None
    nps: Score = None
    cell: Cell | None = None
    moved_from: Cell | None = None
    contacted_at: Moment | None = None
    proposed_tier: Annotated[Tier, Meta(description="Where it differs from the tier.")] | None = None
    campaign_only: bool | None = None
    onboarding: bool | None = None


class WireAlert(Struct, frozen=True, kw_only=True):
    """Something that somebody in customer success should hear. The same input gives the same `alert_id` in any run."""

    alert_id: MatchId
    intent: Intent
    rule_id: str
    severity: Severity
    polarity: Polarity
    customer_id: Whose = None
    account_id: Id | None = None
    customer: WireSnapshot | None = None
    occurred_at: Moment
    detected_at: Moment | None = None
    rule_set: str
    reason: str
    evidence: list[WireEvidence]
    supersedes: Annotated[MatchId, Meta(description="The alert that this one replaces.")] | None = None
    readings: Annotated[list[WireReading], Meta(description="The leading one, its runner-up, the rest.")] | None = None
    standing: WireStanding | None = None
    preceded_by: Annotated[str, Meta(description="The help page read last before, within a day.")] | None = None
    digest: Annotated[bool, Meta(description="It waits for the digest, whatever its severity.")] | None = None
    second: Annotated[bool, Meta(description="The second target hears of it too.")] | None = None
    schema_version: Version


class WireFate(Struct, frozen=True, kw_only=True):
    """A match that did not become an alert, and why; `match_id` is the id that the alert would have had."""

    match_id: MatchId
    intent: Intent
    rule_id: str
    severity: Severity
    customer_id: Id
    account_id: Id | None = None
    event_id: Annotated[Id, Meta(description="Absent where time or a profile was judged.")] | None = None
    occurred_at: Moment
    detected_at: Moment | None = None
    rule_set: str
    reason: SuppressedReason
    schema_version: Version


class WireResolution(Struct, frozen=True, kw_only=True):
    """An alert is over, and why. It may be said again: `alert_id` tells them apart."""

    alert_id: MatchId
    intent: Intent
    rule_id: str
    customer_id: Whose = None
    account_id: Id | None = None
    event_id: Annotated[Id, Meta(description="What ended it; absent where time did.")] | None = None
    occurred_at: Moment
    detected_at: Moment | None = None
    reason: ResolvedReason
    schema_version: Version


class WireAccountView(Struct, frozen=True, kw_only=True):
    """A known customer of an account looked at a cancellation, pricing or export page.

    One for each customer, category and hour; it may be said again: customer and `event_id` tell them apart.
    """

    account_id: Id
    account_name: str | None = None
    customer_id: Id
    name: str | None = None
    category: PageCategory
    occurred_at: Moment
    event_id: Id
    schema_version: Version


class WireSegmentChange(Struct, frozen=True, kw_only=True):
    """A customer moved from one cell of lifetime value and NPS to another; a cell that is not known is absent."""

    customer_id: Id
    account_id: Id | None = None
    event_id: Annotated[Id, Meta(description="What moved it; absent where time did.")] | None = None
    occurred_at: Moment
    detected_at: Moment | None = None
    before: Cell | None = None
    after: Cell | None = None
    lifetime_value: Worth = None
    currency: str | None = None
    nps: Score = None
    schema_version: Version
