"""What other systems record of simulated people, above all their profiles."""

from collections.abc import Iterator
from random import Random

from stream_app.testing.simulator.days import HOUR, MINUTE, Happening, LocalDay
from stream_app.testing.simulator.orders import has_cancelled, has_upgraded, money, orders
from stream_app.testing.simulator.people import PLANS, Person
from stream_app.testing.simulator.talks import talks
from stream_app.topics import InputTopic

NIGHTLY = 22 * HOUR


def records(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """Everything recorded of this person on this day apart from page views."""
    if day.index > 0 and day.index == person.account.joined:
        yield _profile(person, day, 6 * HOUR)
    if person.holds_contract:
        yield from orders(person, day)
    yield from talks(person, day, rng)
    if _profile_changes(person, day):
        yield _profile(person, day, NIGHTLY + person.number * 20 % HOUR)


def first_profile(person: Person, day: LocalDay) -> Happening:
    """What is known when the simulation starts; `day` is the first one in Tokyo, where the export runs."""
    return _profile(person, day, 5 * MINUTE + person.number * 20 % HOUR)


def _profile_changes(person: Person, day: LocalDay) -> bool:
    """Whether this night's export is new: of one in five people weekly, of deciders when they decided."""
    if person.holds_contract and day.index in (person.turning, person.turning + 1):
        return has_cancelled(person, day) or has_upgraded(person, day)
    return day.index > 0 and person.number % 5 == 0 and (day.index + person.number) % 7 == 0


def _profile(person: Person, day: LocalDay, at: int) -> Happening:
    account = person.account
    value: dict[str, object] = {
        "customer_id": person.customer_id,
        "occurred_at": day.stamp(at),
        "name": person.name,
        "account_id": account.account_id,
        "account_name": account.name,
        "owner": account.owner,
        "tier": account.tier,
        "stage": _stage(person, day),
        "language": account.language,
        "timezone": account.timezone,
        "fiscal_year_end": account.fiscal_year_end,
    }
    if not account.is_lead:
        value |= _contract(person, day)
    return Happening(day.midnight + at, InputTopic.CUSTOMERS, person.customer_id, value)


def _stage(person: Person, day: LocalDay) -> str:
    if person.account.is_lead:
        return "lead"
    if has_cancelled(person, day):
        return "churned"
    return "onboarding" if person.account.joined else "active"


def _contract(person: Person, day: LocalDay) -> dict[str, object]:
    account = person.account
    grown = 2 if has_upgraded(person, day) else 1
    used = account.seats * (5 + account.number % 5) // 10 + day.index // 7
    return {
        "plan": PLANS[account.plan + grown - 1][0],
        "seats": account.seats * grown,
        "seats_used": min(used, account.seats * grown),
        "renewal_date": account.renewal_date.isoformat(),
        "gross_margin": "0.7",
        "acquisition_cost": money(account.language, 120_000, 1_200),
        "keeping_cost": money(account.language, 3_000, 30),
    }
