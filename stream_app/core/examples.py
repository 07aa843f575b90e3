"""For each rule a history that makes it speak and one that only looks like it, as data; tests run them."""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from stream_app.core.events import DAY, HOUR, MINUTE, CustomerProfile, Event, Micros, PageView, Profile, Purchase, Stage

SITE = "https://www.example.com"
CUSTOMER = "c-1"
NOON: Micros = 20_605 * DAY + 12 * HOUR  # of a day in June 2026


class Step(Struct, frozen=True, kw_only=True):
    """One thing that the customer did, so long after the first: a path looked at, or a plan bought or renewed."""

    after: Micros = 0
    views: str = ""
    buys: str = ""
    amount: int = 30_000
    becomes: Stage | None = None


class Example(Struct, frozen=True, kw_only=True):
    """A short history; `fires` says whether the rule speaks at its last step."""

    rule_id: str
    fires: bool
    steps: tuple[Step, ...]

    @property
    def events(self) -> Iterator[Event]:
        """The history as events of one customer."""
        return (_event(number, step) for number, step in enumerate(self.steps))

    @property
    def story(self) -> str:
        """The history in one line."""
        return ", ".join(_told(step) for step in self.steps)


EXAMPLES: tuple[Example, ...] = (
    Example(rule_id="churn.cancellation-page", fires=True, steps=(Step(views="/account/cancel"),)),
    Example(rule_id="churn.cancellation-page", fires=False, steps=(Step(views="/docs/cancel-an-order"),)),
    Example(
        rule_id="upgrade.pricing-after-purchase",
        fires=True,
        steps=(Step(buys="team"), Step(after=9 * DAY, views="/pricing")),
    ),
    Example(
        rule_id="upgrade.pricing-after-purchase",
        fires=False,
        steps=(Step(buys="team"), Step(after=30 * DAY, buys="team"), Step(after=39 * DAY, views="/pricing")),
    ),
    Example(rule_id="budget.pricing-review", fires=True, steps=(Step(views="/pricing"),)),
    Example(
        rule_id="budget.pricing-review",
        fires=False,
        steps=(Step(becomes=Stage.LEAD), Step(after=MINUTE, views="/pricing")),
    ),
    Example(
        rule_id="support.repeated-help",
        fires=True,
        steps=tuple(Step(after=hours * HOUR, views="/help/export") for hours in (0, 2, 5)),
    ),
    Example(
        rule_id="support.repeated-help",
        fires=False,
        steps=tuple(Step(after=hours * HOUR, views="/help/export") for hours in (0, 2, 24)),
    ),
)


def of_rule(rule_id: str, *, fires: bool) -> tuple[Example, ...]:
    """Return the examples of a rule that fire, or those that do not."""
    return tuple(example for example in EXAMPLES if example.rule_id == rule_id and example.fires is fires)


def _event(number: int, step: Step) -> Event:
    event_id, at = f"e-{number}", NOON + step.after
    if step.becomes is not None:
        profile = Profile(occurred_at=at, stage=step.becomes)
        return CustomerProfile(customer_id=CUSTOMER, occurred_at=at, profile=profile)
    if step.buys:
        return Purchase(
            event_id=event_id,
            customer_id=CUSTOMER,
            occurred_at=at,
            amount=Decimal(step.amount),
            currency="JPY",
            plan=step.buys,
        )
    return PageView(event_id=event_id, customer_id=CUSTOMER, occurred_at=at, url=SITE + step.views)


def _told(step: Step) -> str:
    if step.becomes is not None:
        what = f"is a {step.becomes}"
    else:
        what = f"buys plan {step.buys} for {step.amount} JPY" if step.buys else f"views {step.views}"
    return f"{_later(step.after)}{what}"


def _later(after: Micros) -> str:
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if after >= size:
            count = after // size
            return f"{count} {name}{'s' if count > 1 else ''} in: "
    return ""
