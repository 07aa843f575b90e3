"""Our own JSON to events, one function per topic.

What the types of `stream_app.codec.wire` cannot say is checked here.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from msgspec.json import Decoder

from stream_app.codec.wire import WireCustomer, WireInteraction, WirePageView, WirePurchase, WireTimePassed
from stream_app.core.events import (
    CustomerProfile,
    Event,
    Interaction,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
    Stage,
    Tier,
    TimePassed,
)
from stream_app.formats.errors import invalid
from stream_app.formats.limits import MAX_TEXT, MAX_USER_AGENT, clean, identifier, micros, web_address
from stream_app.formats.money import NumberText, currency, decode_amount
from stream_app.topics import InputTopic

_T = TypeVar("_T")


def _decoder(kind: type[_T]) -> "Decoder[_T]":
    return Decoder(kind, dec_hook=decode_amount, float_hook=NumberText)


_PAGE_VIEWS = _decoder(WirePageView)
_PURCHASES = _decoder(WirePurchase)
_CUSTOMERS = _decoder(WireCustomer)
_INTERACTIONS = _decoder(WireInteraction)
_TICKS = _decoder(WireTimePassed)


def _page_view(value: bytes) -> PageView:
    wire = _PAGE_VIEWS.decode(value)
    # Most of all records are views. Inside JSON a control character needs a backslash, DEL, or UTF-8's lead byte of
    # U+0080 to U+00BF; looking for those three bytes once costs a tenth of looking at each field.
    if 0x5C in value or 0x7F in value or 0xC2 in value:
        return _doubtful_page_view(wire)
    return PageView(
        event_id=wire.event_id,
        customer_id=wire.customer_id or "",
        occurred_at=micros("occurred_at", wire.occurred_at),
        url=wire.url,
        title=wire.title[:MAX_TEXT] if wire.title else "",
        account_id=wire.account_id or "",
        user_agent=wire.user_agent[:MAX_USER_AGENT] if wire.user_agent else "",
    )


def _doubtful_page_view(wire: WirePageView) -> PageView:
    return PageView(
        event_id=identifier("event_id", wire.event_id),
        customer_id=identifier("customer_id", wire.customer_id or ""),
        occurred_at=micros("occurred_at", wire.occurred_at),
        url=web_address("url", wire.url),
        title=clean(wire.title or "", MAX_TEXT),
        account_id=identifier("account_id", wire.account_id or ""),
        user_agent=clean(wire.user_agent or "", MAX_USER_AGENT),
    )


def _purchase(value: bytes) -> Purchase:
    wire = _PURCHASES.decode(value)
    return Purchase(
        event_id=identifier("event_id", wire.event_id),
        customer_id=identifier("customer_id", wire.customer_id),
        occurred_at=micros("occurred_at", wire.occurred_at),
        amount=Decimal(wire.amount),
        currency=currency("currency", wire.currency),
        kind=wire.kind or PurchaseKind.COMPLETED,
        order_id=identifier("order_id", wire.order_id or ""),
        product_id=identifier("product_id", wire.product_id or ""),
        plan=identifier("plan", wire.plan or ""),
        campaign=identifier("campaign", wire.campaign or ""),
    )


def _interaction(value: bytes) -> Interaction:
    wire = _INTERACTIONS.decode(value)
    return Interaction(
        event_id=identifier("event_id", wire.event_id),
        customer_id=identifier("customer_id", wire.customer_id),
        occurred_at=micros("occurred_at", wire.occurred_at),
        kind=wire.kind,
        ref=identifier("ref", wire.ref or ""),
        score=wire.score,
        touchpoints=wire.touchpoints or {},
    )


def _time_passed(value: bytes) -> TimePassed:
    return TimePassed(occurred_at=micros("occurred_at", _TICKS.decode(value).occurred_at))


def _customer(value: bytes) -> CustomerProfile:
    wire = _CUSTOMERS.decode(value)
    customer_id = identifier("customer_id", wire.customer_id)
    profile = _profile(wire)
    return CustomerProfile(customer_id=customer_id, occurred_at=profile.occurred_at, profile=profile)


def _profile(wire: WireCustomer) -> Profile:
    return Profile(
        occurred_at=micros("occurred_at", wire.occurred_at),
        name=clean(wire.name or "", MAX_TEXT),
        account_id=identifier("account_id", wire.account_id or ""),
        account_name=clean(wire.account_name or "", MAX_TEXT),
        owner=wire.owner or "",
        tier=Tier(wire.tier) if wire.tier else None,
        stage=Stage(wire.stage) if wire.stage else None,
        plan=identifier("plan", wire.plan or ""),
        seats=wire.seats,
        seats_used=wire.seats_used,
        renewal_date=_day("renewal_date", wire.renewal_date or ""),
        fiscal_year_end=(wire.fiscal_year_end or "")[-5:],
        language=wire.language or "",
        timezone=_time_zone("timezone", wire.timezone or ""),
        gross_margin=_decimal(wire.gross_margin),
        acquisition_cost=_decimal(wire.acquisition_cost),
        keeping_cost=_decimal(wire.keeping_cost),
    )


def _decimal(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def _day(field: str, text: str) -> str:
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise invalid(field, "no such day") from None


def _time_zone(field: str, name: str) -> str:
    if name and name not in _time_zones():
        raise invalid(field, "not a time zone of the IANA database")
    return name


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


READERS: Mapping[InputTopic, Callable[[bytes], Event]] = {
    InputTopic.PAGE_VIEWS: _page_view,
    InputTopic.PURCHASES: _purchase,
    InputTopic.INTERACTIONS: _interaction,
    InputTopic.CUSTOMERS: _customer,
    InputTopic.TICKS: _time_passed,
}
