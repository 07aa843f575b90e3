"""What simulated accounts order: subscriptions, options, upgrades, and what is undone of them."""

from collections.abc import Iterator
from datetime import timedelta

from stream_app.testing.simulator.days import HOUR, MINUTE, Happening, LocalDay
from stream_app.testing.simulator.moods import drift_start
from stream_app.testing.simulator.people import PLANS, Person, Persona
from stream_app.topics import InputTopic

BILLED, OPTION, CANCELLED, UPGRADED = 9 * HOUR, 9 * HOUR + 30 * MINUTE, 16 * HOUR, 17 * HOUR
YEARLY_MONTHS = 10  # a year costs ten months


def has_upgraded(person: Person, day: LocalDay) -> bool:
    """Whether the dearer plan was bought, this day or before."""
    upgrades = person.persona is Persona.UPGRADER and person.decided
    return upgrades and day.index >= person.turning + 1


def has_cancelled(person: Person, day: LocalDay) -> bool:
    """Whether the order was cancelled, this day or before."""
    return person.persona is Persona.LEAVER and person.decided and day.index >= person.turning


def money(language: str, yen: int, dollars: int) -> str:
    """An amount as a decimal string in the currency of the language: yen without, dollars with decimals."""
    return f"{yen}" if language == "ja" else f"{dollars}.00"


def bought_on(person: Person, day: int, days: int) -> bool:
    """Whether the contract holder bought something on the `day`-th of `days`: no renewal, and not the dearer plan."""
    begins = 0 < person.account.joined == day
    grows = person.persona is Persona.UPGRADER and day == drift_start(person, days)
    return begins or grows or 0 <= day == person.option_day


def orders(person: Person, day: LocalDay) -> Iterator[Happening]:
    """What the shop records of a contract holder on this day."""
    yield from _subscription(person, day)
    if day.index == person.option_day:
        yield _option(person, day, "completed")
    if person.option_day >= 0 and person.refunds and day.index == person.option_day + 2:
        yield _option(person, day, "refunded")
    if person.persona is Persona.UPGRADER:
        yield from _growth(person, day)
    if has_cancelled(person, day) and day.index == person.turning:
        yield _order(person, day, CANCELLED, "cancelled", _last_billed(person, day), *_plan(person, 0))


def _subscription(person: Person, day: LocalDay) -> Iterator[Happening]:
    account = person.account
    is_billed = day.index >= account.billing_day and (day.index - account.billing_day) % 30 == 0
    if has_cancelled(person, day) or not (is_billed if account.monthly else _starts_year(person, day)):
        return
    is_first = account.joined > 0 and day.index == account.joined
    kind = "completed" if is_first else "renewed"
    grown = 1 if has_upgraded(person, day) else 0
    yield _order(person, day, BILLED, kind, f"{day.day:%Y%m%d}", *_plan(person, grown))


def _starts_year(person: Person, day: LocalDay) -> bool:
    account = person.account
    return day.index == account.joined if account.joined else day.day == account.renewal_date


def _growth(person: Person, day: LocalDay) -> Iterator[Happening]:
    """More seats before the comparing begins; the dearer plan on the day after, for those who decide."""
    if day.index == drift_start(person, day.days):
        seats = ("seats-5", "", _price(person, 5_000, 50))
        yield _order(person, day, OPTION, "completed", f"{day.day:%Y%m%d}-seats", *seats)
    if has_upgraded(person, day) and day.index == person.turning + 1:
        yield _order(person, day, UPGRADED, "completed", f"{day.day:%Y%m%d}-up", *_plan(person, 1))


def _option(person: Person, day: LocalDay, kind: str) -> Happening:
    bought = day.day - timedelta(days=day.index - person.option_day)
    at = OPTION + person.number * 977 % HOUR
    training = ("training-day", "", _price(person, 60_000, 600))
    return _order(person, day, at, kind, f"{bought:%Y%m%d}-opt", *training)


def _plan(person: Person, grown: int) -> tuple[str, str, str]:
    """Product, plan and amount of the subscription."""
    account = person.account
    plan, yen, dollars = PLANS[account.plan + grown]
    months, term = (1, "monthly") if account.monthly else (YEARLY_MONTHS, "yearly")
    return f"{plan}-{term}", plan, _price(person, yen * months, dollars * months)


def _price(person: Person, yen: int, dollars: int) -> str:
    return money(person.account.language, yen, dollars)


def _last_billed(person: Person, day: LocalDay) -> str:
    """The part of the order id that names the day of the last bill, which may lie before the start."""
    since = (day.index - person.account.billing_day) % 30
    return f"{day.day - timedelta(days=since):%Y%m%d}"


def _order(
    person: Person, day: LocalDay, at: int, kind: str, order: str, product: str, plan: str, amount: str
) -> Happening:
    order_id = f"o-{person.account.number:04}-{order}"
    value: dict[str, object] = {
        "event_id": f"p-{order_id}-{kind}",
        "customer_id": person.customer_id,
        "occurred_at": day.stamp(at),
        "amount": amount,
        "currency": "JPY" if person.account.language == "ja" else "USD",
        "kind": kind,
        "order_id": order_id,
        "product_id": product,
    }
    if plan:
        value["plan"] = plan
    if person.persona is Persona.BARGAINER:
        value["campaign"] = "early-summer"
    return Happening(day.midnight + at, InputTopic.PURCHASES, person.customer_id, value)
