"""The project's own JSON on the wire: the names, what is required, what a value may look like.

The JSON Schemas are generated from here. What msgspec cannot check while it decodes, or only slowly, stands in
`extra_json_schema` and is checked in `stream_app.codec.inputs`. Text and number fields may also be null, which is as
good as absent, and so is an empty text. What is only read to be checked is not used further.
"""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from stream_app.core.events import InteractionKind, PurchaseKind
from stream_app.formats.errors import DeadLetterReason
from stream_app.formats.limits import MAX_ID, MAX_TEXT, MAX_URL, MAX_USER_AGENT
from stream_app.formats.money import Amount, Cost, Share

SCHEMA_VERSION = 1


def like(pattern: str, **schema: object) -> Meta:
    """Ask for `pattern` from end to end (Python's `$` would let a line break pass; the schema says `$` for it)."""
    return Meta(pattern=rf"^(?:{pattern})\Z", extra_json_schema=schema)


_NO_CONTROLS = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_SOME_TEXT = r"[^\u0000-\u001f\u007f-\u009f]"
_TIME = (
    "^(?:19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-[0-9]{2}-[0-9]{2}"
    r"[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_DAY_OF_YEAR = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))"
)
_EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_ID, extra_json_schema={"pattern": _NO_CONTROLS})]
OptionalId: TypeAlias = Annotated[str, Meta(max_length=MAX_ID, extra_json_schema={"pattern": _NO_CONTROLS})] | None
Time: TypeAlias = Annotated[datetime, Meta(tz=True, extra_json_schema={"pattern": _TIME})]
Url: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_URL, extra_json_schema={"pattern": _SOME_TEXT})]
Text: TypeAlias = Annotated[str, Meta(description=f"Cut to {MAX_TEXT} characters; control characters go.")] | None
UserAgent: TypeAlias = Annotated[str, Meta(description=f"Cut to {MAX_USER_AGENT} characters.")] | None
Unused: TypeAlias = Annotated[str, Meta(description="Not used.")] | None
Version: TypeAlias = Literal[1]
Seats: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000_000)] | None
Currency: TypeAlias = Annotated[str, like("[A-Z]{3}")]
Owner: TypeAlias = Annotated[str, like(f"(?:{_EMAIL})?")] | None
Date: TypeAlias = (
    Annotated[
        str,
        like("(?:[1-9][0-9]{3}-[0-9]{2}-[0-9]{2})?", anyOf=[{"const": ""}, {"format": "date"}]),
    ]
    | None
)
MonthDay: TypeAlias = Annotated[str, like(f"(?:(?:[0-9]{{4}}-)?{_DAY_OF_YEAR})?")] | None
Language: TypeAlias = Annotated[str, like("(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8})?")] | None
TimeZone: TypeAlias = Annotated[str, like("[A-Za-z0-9_+/-]{0,64}")] | None
Score: TypeAlias = Annotated[int, Meta(ge=0, le=10)] | None
Touchpoints: TypeAlias = (
    Annotated[
        dict[
            Annotated[str, like(r"[^\x00-\x1f\x7f-\x9f]{1,256}")],
            Annotated[int, Meta(ge=-3, le=3)],
        ],
        Meta(max_length=32),
    ]
    | None
)
Moment: TypeAlias = Annotated[datetime, Meta(tz=True, extra_json_schema={"pattern": "Z$"})]
MatchId: TypeAlias = Annotated[str, like("[0-9a-f]{32}")]


class WirePageView(Struct, frozen=True, kw_only=True):
    """Somebody looked at a page. Without a customer it is counted and goes no further."""

    event_id: Id
    occurred_at: Time
    url: Url
    customer_id: OptionalId = None
    account_id: OptionalId = None
    title: Text = None
    user_agent: UserAgent = None
    referrer: Unused = None
    session_id: Unused = None
    schema_version: Version = 1


class WirePurchase(Struct, frozen=True, kw_only=True):
    """An order completed or renewed, or one undone: then `order_id` names which."""

    event_id: Id
    customer_id: Id
    occurred_at: Time
    amount: Amount
    currency: Currency
    kind: PurchaseKind | None = None
    order_id: OptionalId = None
    product_id: OptionalId = None
    plan: OptionalId = None
    campaign: OptionalId = None
    schema_version: Version = 1


class WireCustomer(Struct, frozen=True, kw_only=True):
    """The whole of what is known of a customer: what is absent is empty, a null value forgets the customer."""

    customer_id: Id
    occurred_at: Time
    name: Text = None
    account_id: OptionalId = None
    account_name: Text = None
    owner: Owner = None
    tier: Literal["high", "low", "tech", ""] | None = None
    stage: Literal["lead", "onboarding", "active", "churned", ""] | None = None
    plan: OptionalId = None
    seats: Seats = None
    seats_used: Seats = None
    renewal_date: Date = None
    fiscal_year_end: MonthDay = None
    language: Language = None
    timezone: TimeZone = None
    gross_margin: Share | None = None
    acquisition_cost: Cost | None = None
    keeping_cost: Cost | None = None
    schema_version: Version = 1


class WireInteraction(Struct, frozen=True, kw_only=True):
    """Something that happened with a customer outside the web site; touchpoints count from -3 to 3."""

    event_id: Id
    customer_id: Id
    occurred_at: Time
    kind: InteractionKind
    ref: OptionalId = None
    score: Score = None
    touchpoints: Touchpoints = None
    schema_version: Version = 1


class WireTimePassed(Struct, frozen=True, kw_only=True):
    """It is this time now: moves the time of the partition that the record is in, where nothing else does."""

    occurred_at: Time
    schema_version: Version | None = None


class WireDeadLetter(Struct, frozen=True, kw_only=True):
    """An input record that could not be used: key and value as they were, each cut at 65,536 bytes.

    A line of a file has the kind of file as topic, -1 as partition, its line number as offset, and no timestamp.
    """

    topic: str
    partition: int
    offset: int
    timestamp: Moment | None = None
    reason: DeadLetterReason
    detail: str
    key: bytes | None
    value: bytes | None
    value_bytes: Annotated[int, Meta(ge=0, description="Length of the whole value.")]
    truncated: bool
    schema_version: Version
