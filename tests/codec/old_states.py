"""States as older versions kept them: the values that stand in golden/, and the way format 1 was written."""

from decimal import Decimal
from pathlib import Path
from struct import Struct as Layout

import msgspec

from stream_app.core.activity import Active
from stream_app.core.alerts import Cell, Reading, Severity
from stream_app.core.bought import Bought
from stream_app.core.events import InteractionKind, Profile, PurchaseKind, Stage, Tier
from stream_app.core.pages import PageCategory
from stream_app.core.relation import Complaint, Met, Relation, Spent
from stream_app.core.site import Site
from stream_app.core.state import CustomerState, Matter, Viewed
from stream_app.core.traffic import Seen

GOLDEN = Path(__file__).parent / "golden"
AT = 1_767_225_600_000_000
FENCES = {1: [-1, 0, 5, 2**40], 2: [-1, 0, 5, 2**40, 7]}

_HEADER_1 = Layout(">B4q")
_FIELDS_1 = {"state": 9, "purchase": 9, "interaction": 5}  # later versions have appended others


def golden(name: str) -> bytes:
    """Return a value as it was written."""
    return bytes.fromhex((GOLDEN / f"{name}.hex").read_text())


def encode_1(fence: list[int], state: CustomerState) -> bytes:
    """Write a state as format 1 did; what it knew nothing of is left out."""
    fields = msgspec.to_builtins(state, builtin_types=(bytes,))[: _FIELDS_1["state"]]
    fields[4] = [purchase[: _FIELDS_1["purchase"]] for purchase in fields[4]]
    fields[6] = [met[: _FIELDS_1["interaction"]] for met in fields[6]]
    return _HEADER_1.pack(1, *fence[:4]) + msgspec.msgpack.encode(fields)


def cut_to_1(state: CustomerState) -> CustomerState:
    """Return what format 1 keeps of a state."""
    return msgspec.msgpack.decode(encode_1([-1] * 4, state)[_HEADER_1.size :], type=CustomerState)


def known_1() -> CustomerState:
    """Return a state with something in every field that format 1 had."""
    return CustomerState(
        newest=AT + 9,
        recent=bytes(range(16)),
        profile=Profile(
            occurred_at=AT,
            name="名前",
            account_id="a-1",
            account_name="株式会社サンプル",
            owner="cs@example.co.jp",
            tier=Tier.HIGH,
            stage=Stage.ACTIVE,
            plan="pro",
            seats=10,
            seats_used=3,
            renewal_date="2026-03-31",
            fiscal_year_end="03-31",
            language="ja",
            timezone="Asia/Tokyo",
            gross_margin=Decimal("0.70"),
            acquisition_cost=Decimal(1000),
            keeping_cost=Decimal("12.5"),
        ),
        views=(
            Viewed(AT + 1, "v-1", PageCategory.CANCELLATION, 2**62, "https://example.com/kaiyaku", "解約"),
            Viewed(AT + 2, "v-2", PageCategory.PRICING, 1, "https://example.com/pricing", ""),
            Viewed(AT + 3, "v-3", PageCategory.SPEC, 2, "https://example.com/docs/api", "API"),
            Viewed(AT + 4, "v-4", PageCategory.SUPPORT, -3, "https://example.com/help/setup", "Setup"),
        ),
        purchases=(
            Bought(AT + 5, "p-1", PurchaseKind.COMPLETED, Decimal("100.00"), "JPY", "o-1", "x", "pro", True),
            Bought(AT + 6, "p-2", PurchaseKind.RENEWED, Decimal("0.10"), "USD", "", "", "", False),
        ),
        voids=(("o-1", AT + 7),),
        interactions=(
            Met(AT + 8, InteractionKind.NPS, "r-1", 9, {"support": 2, "price": -3}),
            Met(AT + 9, InteractionKind.INQUIRY, "", None, {}),
        ),
        spoken={"churn.cancellation-page": AT + 1, "budget.pricing-page": AT + 2},
        churned_at=AT + 1,
    )


def known_2() -> CustomerState:
    """Return a state with something in every field that format 2 had at first."""
    first = known_1()
    complaint = Complaint("i-3", "r-3", AT + 10, AT + 11, AT + 12, AT + 13)
    return msgspec.structs.replace(
        first,
        purchases=(
            *first.purchases,
            Bought(AT, "p-3", PurchaseKind.COMPLETED, Decimal(5), "JPY", "", "", "", False, True),
        ),
        interactions=(*first.interactions, Met(AT + 10, InteractionKind.COMPLAINT, "r-3", None, {}, "i-3")),
        active=Active(20_454, b"\x05\x01"),
        spent=Spent(AT, AT + 6, 1, {"JPY": (2, Decimal(105))}, ((AT + 7, "p-4"),)),
        relation=Relation(first.interactions[0], complaint, AT + 1, AT + 2, AT + 3, 4, AT + 5, AT + 6, 7, 8, 9),
        matters={
            "churn": Matter("al-1", "churn.cancellation-page", Severity.HIGH, AT, AT + 99, Reading.CHURN, AT, AT, "a-1")
        },
        cell=Cell.LOYAL,
        cell_since=AT + 3,
        due=AT + 60_000_000,
        asked_to=AT + 4,
        cell_before=(Cell.ALMOST_LOYAL, AT + 2),
        told_since=AT + 1,
    )


def known_2_later() -> CustomerState:
    """Return the same with what was appended while format 2 was written."""
    return msgspec.structs.replace(known_2(), due_else=AT + 120_000_000)


def long_state() -> CustomerState:
    """Return a state that is compressed."""
    view = Viewed(AT, "v", PageCategory.FAQ, 2, "https://example.com/help/login-trouble", "Login")
    views = tuple(msgspec.structs.replace(view, event_id=f"v-{n}", occurred_at=AT + n) for n in range(64))
    return CustomerState(newest=AT + 63, views=views)


def site_2() -> Site:
    """Return a site's record."""
    seen = (Seen(490_896, 3, AT, AT + 5),)
    return Site(AT, ((AT - 7, AT - 6),), seen, False, AT + 5, 2, 20_454, ((1, 2), (), (3,)), 5, 6, 7)
