"""Who the simulated customers are: accounts, the people in them, and the persona that drives each."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from stream_app.testing.simulator.days import SATURDAY, seeded

PLANS = (
    ("starter", 9_800, 98),
    ("team", 29_800, 298),
    ("business", 79_800, 798),
    ("enterprise", 198_000, 1_980),
)
"""Plan, price a month in yen and in dollars; dearer ones later."""

ZONES = ("Asia/Tokyo", "Europe/London", "America/New_York")
SIZES, SIZE_WEIGHTS = (1, 2, 3, 4, 5, 6), (22, 24, 22, 14, 10, 8)


class Persona(StrEnum):
    """What a customer is up to this month."""

    HEALTHY = "healthy"
    LOYAL = "loyal"
    LEAVER = "leaver"
    UPGRADER = "upgrader"
    DOUBTER = "doubter"
    STRUGGLER = "struggler"
    SILENT = "silent"
    LEAD = "lead"
    BUDGETER = "budgeter"  # reviews a budget, and means no harm
    AWAY = "away"  # on holiday
    NEWCOMER = "newcomer"  # needs much help, as everybody does at first
    BARGAINER = "bargainer"  # buys in campaigns only
    COMPLAINER = "complainer"
    HIDDEN = "hidden_loyal"  # small, little looked after, and there every day


# The contract holder decides, so leaving and upgrading is theirs; colleagues have the other troubles.
HOLDERS = {
    Persona.HEALTHY: 28,
    Persona.LOYAL: 8,
    Persona.LEAVER: 13,
    Persona.UPGRADER: 12,
    Persona.DOUBTER: 8,
    Persona.STRUGGLER: 5,
    Persona.SILENT: 4,
    Persona.LEAD: 10,
    Persona.BUDGETER: 6,
    Persona.AWAY: 2,
    Persona.NEWCOMER: 6,
    Persona.BARGAINER: 5,
    Persona.COMPLAINER: 3,
    Persona.HIDDEN: 5,
}
COLLEAGUES = {
    Persona.HEALTHY: 62,
    Persona.LOYAL: 11,
    Persona.DOUBTER: 4,
    Persona.STRUGGLER: 11,
    Persona.SILENT: 6,
    Persona.AWAY: 4,
    Persona.COMPLAINER: 3,
}


OWNERS = {
    language: tuple(f"cs-{number}@{domain}" for number in range(1, 6))
    for language, domain in (("ja", "example.co.jp"), ("en", "example.com"))
}
"""Who looks after customers, by the language that they speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A company with a contract, or one that may have one some day."""

    number: int
    persona: Persona
    language: str
    timezone: str
    tier: str
    plan: int  # index into PLANS
    seats: int
    renewal_date: date
    fiscal_year_end: str
    monthly: bool
    billing_day: int  # index of the day in the simulation, repeated every 30 days
    joined: int  # index of the day; 0: was there before

    @property
    def account_id(self) -> str:
        """The id, such as a-0007."""
        return f"a-{self.number:04}"

    @property
    def is_lead(self) -> bool:
        """Whether nothing was bought yet."""
        return self.persona is Persona.LEAD

    @property
    def name(self) -> str:
        """A label that names no real company."""
        label = "株式会社サンプル" if self.language == "ja" else "Sample Corp"
        return f"{label} {self.number:02}"

    @property
    def owner(self) -> str:
        """The e-mail address of whoever looks after it."""
        return OWNERS[self.language][self.number % len(OWNERS[self.language])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer id. `turning` is the index of the day on which the persona shows most."""

    number: int
    account: Account
    persona: Persona
    holds_contract: bool
    turning: int
    decided: bool  # the leaver cancels, the upgrader upgrades
    nps_day: int
    option_day: int  # index of the day on which a one-off option is bought; -1: never
    refunds: bool
    names_account: bool  # whether the recorded views carry the account id

    @property
    def customer_id(self) -> str:
        """The id, such as c-00042."""
        return f"c-{self.number:05}"

    @property
    def name(self) -> str:
        """A label that names no real person."""
        return f"担当者 {self.number:05}" if self.account.language == "ja" else f"Contact {self.number:05}"


def population(seed: int, customers: int, start: date, days: int) -> Iterator[Person]:
    """So many people, account by account; the same ones for the same arguments."""
    rng = seeded("people", seed)
    days = max(days, 1)
    number = account_number = 0
    while number < customers:
        account_number += 1
        account = _account(account_number, rng, start, days)
        for place in range(min(rng.choices(SIZES, SIZE_WEIGHTS)[0], customers - number)):
            number += 1
            yield _person(number, place, account, rng, start, days)


def _account(number: int, rng: Random, start: date, days: int) -> Account:
    persona = _drawn(HOLDERS, rng)
    japanese = rng.random() < 0.7
    plan = 0 if persona is Persona.HIDDEN else rng.choices(range(len(PLANS)), (28, 40, 24, 8))[0]
    may_be_new = persona in (Persona.HEALTHY, Persona.STRUGGLER, Persona.SILENT) and rng.random() < 0.2
    is_new = may_be_new or persona is Persona.NEWCOMER
    joined = rng.randrange(1, days * 3 // 10 + 2) if is_new and days > 1 else 0
    return Account(
        number=number,
        persona=persona,
        language="ja" if japanese else "en",
        timezone="Asia/Tokyo" if japanese else rng.choice(ZONES),
        tier=rng.choices(("high", "low", "tech"), (0 if persona is Persona.HIDDEN else 20, 30, 50))[0],
        plan=min(plan, len(PLANS) - 2) if persona is Persona.UPGRADER else plan,
        seats=rng.choice((5, 10, 20, 50)) * (plan + 1),
        renewal_date=start + timedelta(days=rng.randrange(365)),
        fiscal_year_end=_fiscal_year_end(persona, rng, start + timedelta(days=days)),
        monthly=persona in (Persona.LEAVER, Persona.BARGAINER) or rng.random() < 0.6,
        billing_day=joined or rng.randrange(30),
        joined=joined,
    )


def _fiscal_year_end(persona: Persona, rng: Random, end: date) -> str:
    """The month's last day, written as MM-DD: soon for who reviews a budget."""
    usual = rng.choice((3, 3, 12, 9))
    month = end.month if persona is Persona.BUDGETER else usual
    return f"{month:02}-{monthrange(2025, month)[1]}"


def _person(number: int, place: int, account: Account, rng: Random, start: date, days: int) -> Person:
    persona = account.persona if place == 0 or account.is_lead else _drawn(COLLEAGUES, rng)
    holds_contract = place == 0 and not account.is_lead
    buys_option = rng.random() < 0.15
    option_day = rng.randrange(account.joined, days)
    return Person(
        number=number,
        account=account,
        persona=persona,
        holds_contract=holds_contract,
        turning=_turning(rng, start, days),
        decided=rng.random() < 0.6,
        nps_day=rng.randrange(account.joined, days if persona in (Persona.LOYAL, Persona.HIDDEN) else days * 3),
        option_day=option_day if holds_contract and buys_option else -1,
        refunds=rng.random() < 0.2,
        names_account=number % 4 != 0,
    )


def _drawn(weights: dict[Persona, int], rng: Random) -> Persona:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]


def _turning(rng: Random, start: date, days: int) -> int:
    """A day between 40 % and 80 % of the time, a weekday where there is one near by."""
    middle = range(days * 4 // 10, max(days * 8 // 10, days * 4 // 10 + 1))
    drawn = rng.choice(middle)
    near = [day for day in range(drawn - 2, drawn + 3) if day in middle]
    weekdays = [day for day in near if (start + timedelta(days=day)).weekday() < SATURDAY]
    return drawn if drawn in weekdays or not weekdays else rng.choice(weekdays)
