"""What simulated people and customer success say to each other."""

from collections.abc import Iterator, Mapping
from random import Random

from stream_app.testing.simulator.days import HOUR, MINUTE, Happening, LocalDay
from stream_app.testing.simulator.orders import bought_on
from stream_app.testing.simulator.people import Person, Persona
from stream_app.topics import InputTopic

SCORES: Mapping[Persona, tuple[int, ...]] = {
    Persona.LOYAL: (9, 10),
    Persona.HIDDEN: (9, 10),
    Persona.BARGAINER: (8, 9, 10),
    Persona.LEAVER: (0, 2, 3, 5),
    Persona.DOUBTER: (4, 5, 6, 7),
    Persona.STRUGGLER: (3, 5, 6, 7),
    Persona.COMPLAINER: (3, 5, 6, 8),
    Persona.SILENT: (5, 6, 7),
}
TROUBLE: Mapping[Persona, float] = {
    Persona.STRUGGLER: 0.12,
    Persona.NEWCOMER: 0.08,
    Persona.HIDDEN: 0.08,
    Persona.DOUBTER: 0.05,
    Persona.LEAVER: 0.04,
}
TOUCHPOINTS = ("product", "support", "price", "onboarding")
COMPLAINTS: tuple[Mapping[int, tuple[str, ...]], ...] = (
    {0: ("complaint", "answered", "solved")},
    {0: ("complaint", "answered"), 1: ("solved",), 4: ("reopened", "answered"), 6: ("solved",)},
    {0: ("complaint",)},
    {0: ("complaint",), 4: ("answered",), 5: ("solved",)},
)
"""How complaints go, by days since: well, not at once, not at all, late."""

FOLLOWED_UP = 3  # days after a purchase
CONVERTED = 6  # days after a recommendation


def talks(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """What is said on this day by the customer or to them."""
    if person.persona is Persona.SILENT and day.index >= person.turning:
        return
    if not day.is_weekend:
        yield from _ticket(person, day, rng)
        if rng.random() < 0.01:
            yield _talk(person, day, 11 * HOUR, "contacted", "")
    if person.persona is Persona.COMPLAINER:
        yield from _complaint(person, day)
    if _is_followed_up(person, day):
        yield _talk(person, day, 14 * HOUR, "follow_up", "")
    if not person.account.is_lead:
        yield from _loyalty(person, day, rng)


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


def _complaint(person: Person, day: LocalDay) -> Iterator[Happening]:
    """The complaint that they are known for, and what becomes of it."""
    said = COMPLAINTS[person.number % len(COMPLAINTS)].get(day.index - person.turning, ())
    for place, kind in enumerate(said):
        yield _talk(person, day, 10 * HOUR + place * 2 * HOUR, kind, f"c-{person.number:05}")


def _is_followed_up(person: Person, day: LocalDay) -> bool:
    """Whether somebody asks how it goes: after two purchases of three."""
    return person.holds_contract and person.number % 3 > 0 and bought_on(person, day.index - FOLLOWED_UP, day.days)


def _loyalty(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """The answer to the question how likely they are to recommend us, and what comes of it for three loyal of ten."""
    recommends = person.persona is Persona.LOYAL and person.number % 10 < 3
    if day.index == person.nps_day:
        yield _answer(person, day, rng)
        if recommends:
            yield _talk(person, day, 15 * HOUR, "referral_asked", "")
            yield _talk(person, day, 17 * HOUR, "referral_made", "")
    if recommends and person.number % 2 and day.index == person.nps_day + CONVERTED:
        yield _talk(person, day, 12 * HOUR, "referral_converted", "")


def _answer(person: Person, day: LocalDay, rng: Random) -> Happening:
    score = rng.choice(SCORES.get(person.persona, (7, 8, 8, 9)))
    mood = (score - 6) // 2
    touchpoints = {name: max(-3, min(3, mood + rng.randrange(-1, 2))) for name in TOUCHPOINTS}
    return _talk(person, day, 13 * HOUR, "nps", "", score=score, touchpoints=touchpoints)


def _talk(person: Person, day: LocalDay, at: int, kind: str, ref: str, **more: object) -> Happening:
    mark = f"{kind}-own" if ref.startswith("c-") else kind
    value: dict[str, object] = {
        "event_id": f"i-{person.number:05}-{day.day:%Y%m%d}-{mark}",
        "customer_id": person.customer_id,
        "occurred_at": day.stamp(at),
        "kind": kind,
    } | more
    if ref:
        value["ref"] = ref
    return Happening(day.midnight + at, InputTopic.INTERACTIONS, person.customer_id, value)
