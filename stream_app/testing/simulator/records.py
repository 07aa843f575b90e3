"""What other systems record of simulated people: profiles, and talks with customer success."""

from collections.abc import Iterator, Mapping
from random import Random

from stream_app.testing.simulator.days import HOUR, MINUTE, Happening, LocalDay
from stream_app.testing.simulator.orders import has_cancelled, has_upgraded, money, orders
from stream_app.testing.simulator.people import PLANS, Person, Persona
from stream_app.topics import InputTopic

NIGHTLY = 22 * HOUR

SCORES: Mapping[Persona, tuple[int, ...]] = {
    Persona.LOYAL: (9, 10),
    Persona.LEAVER: (0, 2, 3, 5),
    Persona.DOUBTER: (4, 5, 6, 7),
    Persona.STRUGGLER: (3, 5, 6, 7),
    Persona.SILENT: (5, 6, 7),
}
TROUBLE: Mapping[Persona, float] = {Persona.STRUGGLER: 0.12, Persona.DOUBTER: 0.05, Persona.LEAVER: 0.04}
TOUCHPOINTS = ("product", "support", "price", "onboarding")


def records(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """Everything recorded of this person on this day apart from page views."""
    if day.index > 0 and day.index == person.account.joined:
        yield _profile(person, day, 6 * HOUR)
    if person.holds_contract:
        yield from orders(person, day)
    yield from _talks(person, day, rng)
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


def _talks(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    if person.persona is Persona.SILENT and day.index >= person.turning:
        return
    if not day.is_weekend:
        yield from _ticket(person, day, rng)
        if rng.random() < 0.01:
            yield _talk(person, day, 11 * HOUR, "contacted", "")
    if day.index == person.nps_day and not person.account.is_lead:
        yield from _answer(person, day, rng)


def _ticket(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """A question or complaint, its answer, and for most of them the solution; strugglers come back."""
    if rng.random() >= TROUBLE.get(person.persona, 0.01):
        return
    ref = f"t-{person.number:05}-{day.index:03}"
    complains = person.persona in (Persona.LEAVER, Persona.DOUBTER) and rng.random() < 0.5
    asked = 9 * HOUR + rng.randrange(4 * HOUR)
    answered = asked + 20 * MINUTE + rng.randrange(3 * HOUR)
    yield _talk(person, day, asked, "complaint" if complains else "inquiry", ref)
    yield _talk(person, day, answered, "answered", ref)
    if rng.random() < 0.7:
        yield _talk(person, day, answered + HOUR, "solved", ref)
        if person.persona is Persona.STRUGGLER and rng.random() < 0.4:
            yield _talk(person, day, answered + 2 * HOUR, "reopened", ref)


def _answer(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """The answer to the question how likely they are to recommend us, and what loyal ones then do."""
    score = rng.choice(SCORES.get(person.persona, (7, 8, 8, 9)))
    mood = (score - 6) // 2
    touchpoints = {name: max(-3, min(3, mood + rng.randrange(-1, 2))) for name in TOUCHPOINTS}
    yield _talk(person, day, 13 * HOUR, "nps", "", score=score, touchpoints=touchpoints)
    if person.persona is Persona.LOYAL and rng.random() < 0.3:
        yield _talk(person, day, 15 * HOUR, "referral_asked", "")
        yield _talk(person, day, 17 * HOUR, "referral_made", "")


def _talk(person: Person, day: LocalDay, at: int, kind: str, ref: str, **more: object) -> Happening:
    value: dict[str, object] = {
        "event_id": f"i-{person.number:05}-{day.day:%Y%m%d}-{kind}",
        "customer_id": person.customer_id,
        "occurred_at": day.stamp(at),
        "kind": kind,
    } | more
    if ref:
        value["ref"] = ref
    return Happening(day.midnight + at, InputTopic.INTERACTIONS, person.customer_id, value)
