"""Short histories that show when a rule speaks and when it does not, as data; tests run them."""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from stream_app.core.events import (
    DAY,
    HOUR,
    MINUTE,
    CustomerProfile,
    Event,
    Interaction,
    InteractionKind,
    Micros,
    PageView,
    Profile,
    Purchase,
    PurchaseKind,
    Stage,
    Tier,
)

SITE = "https://www.example.com"
CUSTOMER = "c-1"
NOON: Micros = 20_605 * DAY + 3 * HOUR  # in Tokyo, of Monday, 1 June 2026


class Step(Struct, frozen=True, kw_only=True):
    """One thing that happened, so long after the first: a page looked at, a plan bought, an interaction, a profile.

    Of `views`, `buys`, `meets` and the profile's fields (`becomes` to `renewal_date`) one kind is set, or none: then
    the step only says until when time passes.
    """

    after: Micros = 0
    views: str = ""
    buys: str = ""
    amount: int = 30_000
    campaign: str = ""
    kind: PurchaseKind = PurchaseKind.COMPLETED
    meets: InteractionKind | None = None
    ref: str = ""
    score: int | None = None
    touchpoints: dict[str, int] = {}
    becomes: Stage | None = None
    tier: Tier | None = None
    plan: str = ""
    seats: int | None = None
    seats_used: int | None = None
    renewal_date: str = ""


class Example(Struct, frozen=True, kw_only=True):
    """A short history; `fires` says whether the rule speaks at its last step."""

    fires: bool
    steps: tuple[Step, ...]

    @property
    def events(self) -> Iterator[Event]:
        """The history as events of one customer."""
        events = (_event(number, step) for number, step in enumerate(self.steps))
        return (event for event in events if event is not None)

    @property
    def until(self) -> Micros:
        """When the history ends."""
        return NOON + self.steps[-1].after

    @property
    def story(self) -> str:
        """The history in one line."""
        return ", ".join(f"{_later(step.after)}{_told(step)}" for step in self.steps)


def speaks(*steps: Step) -> Example:
    """Return a history at whose end the rule speaks."""
    return Example(fires=True, steps=steps)


def silent(*steps: Step) -> Example:
    """Return a history that only looks like it."""
    return Example(fires=False, steps=steps)


def _profile(step: Step, at: Micros) -> Profile:
    return Profile(
        occurred_at=at,
        stage=step.becomes,
        tier=step.tier,
        plan=step.plan,
        seats=step.seats,
        seats_used=step.seats_used,
        renewal_date=step.renewal_date,
    )


def _event(number: int, step: Step) -> Event | None:
    event_id, at = f"e-{number}", NOON + step.after
    if step.views:
        return PageView(event_id=event_id, customer_id=CUSTOMER, occurred_at=at, url=SITE + step.views)
    if step.buys:
        return Purchase(
            event_id=event_id,
            customer_id=CUSTOMER,
            occurred_at=at,
            amount=Decimal(step.amount),
            currency="JPY",
            kind=step.kind,
            plan=step.buys,
            campaign=step.campaign,
        )
    if step.meets is not None:
        return Interaction(
            event_id=event_id,
            customer_id=CUSTOMER,
            occurred_at=at,
            kind=step.meets,
            ref=step.ref,
            score=step.score,
            touchpoints=step.touchpoints,
        )
    profile = _profile(step, at)
    if profile == Profile(occurred_at=at):
        return None
    return CustomerProfile(customer_id=CUSTOMER, occurred_at=at, profile=profile)


def _told(step: Step) -> str:
    if step.views:
        return f"views {step.views}"
    if step.buys:
        undone = "" if step.kind in (PurchaseKind.COMPLETED, PurchaseKind.RENEWED) else f" ({step.kind})"
        does = "renews" if step.kind is PurchaseKind.RENEWED else "buys"
        return f"{does} plan {step.buys} for {step.amount} JPY{undone}"
    if step.meets is not None:
        return f"{step.meets} {step.score}" if step.score is not None else f"{step.meets.replace('_', ' ')}"
    known = {
        "is a": step.becomes,
        "has tier": step.tier,
        "has plan": step.plan,
        "has seats": step.seats,
        "uses seats": step.seats_used,
        "renews on": step.renewal_date,
    }
    return " and ".join(f"{what} {value}" for what, value in known.items() if value) or "nothing more"


def _later(after: Micros) -> str:
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if after >= size:
            count = after // size
            return f"{count} {name}{'s' if count > 1 else ''} in: "
    return ""
