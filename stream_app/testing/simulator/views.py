"""How simulated people use the web site: when they come, what they look at, and who else passes by."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random

from stream_app.testing.simulator.days import HOUR, Happening, LocalDay
from stream_app.testing.simulator.moods import GROUPS, MOODS, NORMAL, SCRIPTS, Mood, Phase, phase_of
from stream_app.testing.simulator.people import Person, Persona
from stream_app.testing.simulator.site import ENTRANCES, PAGES, Group, Page, recorded_url
from stream_app.topics import InputTopic

HOURS = tuple(range(7, 22))
HOUR_WEIGHTS = tuple(accumulate((1, 5, 11, 14, 13, 5, 10, 14, 13, 11, 7, 3, 2, 1, 1)))
LENGTHS, LENGTH_WEIGHTS = tuple(range(1, 9)), tuple(accumulate((9, 13, 16, 18, 16, 12, 9, 7)))
WEEKEND = 0.05  # of a weekday's sessions
MAIL_SCANNER = 0.002  # of the views of a customer are made by something that follows links in their mail

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
BROWSERS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/136.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/135.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0",
    f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/136.0.0.0 Mobile Safari/537.36",
)
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
)
SCANNER = f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/124.0.0.0 Safari/537.36"


def visits(person: Person, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """Every page view of this person on this day, session by session."""
    for number, (start, pages) in enumerate(_sessions(person, day, rng)):
        yield from _session(person, day, rng, start, pages, f"{rng.getrandbits(48):012x}-{number}")


def _sessions(person: Person, day: LocalDay, rng: Random) -> Iterator[tuple[int, Sequence[Page]]]:
    phase = phase_of(person, day.index, day.days)
    mood = MOODS.get((person.persona, phase), NORMAL)
    expected = mood.sessions * (WEEKEND if day.is_weekend else 1)
    for _ in range(int(expected) + (rng.random() < expected % 1)):
        yield _office_time(rng), _wandering(person, mood, rng)
    if day.index == person.turning and person.persona in SCRIPTS:
        yield 14 * HOUR + rng.randrange(HOUR), _scripted(person, rng)
    if person.persona is Persona.STRUGGLER and _is_stuck(person, phase, day, rng):
        yield 15 * HOUR + rng.randrange(HOUR), _stuck(person, rng)


def _office_time(rng: Random) -> int:
    """Somewhere in working hours with a dip at lunch, ms after midnight."""
    return rng.choices(HOURS, cum_weights=HOUR_WEIGHTS)[0] * HOUR + rng.randrange(HOUR)


def _wandering(person: Person, mood: Mood, rng: Random) -> list[Page]:
    site = PAGES[person.account.language]
    length = rng.choices(LENGTHS, cum_weights=LENGTH_WEIGHTS)[0]
    return [rng.choice(site[group]) for group in rng.choices(GROUPS, cum_weights=mood.weights, k=length)]


def _scripted(person: Person, rng: Random) -> list[Page]:
    """What the persona is known for; a kind of page that comes again is another page each time."""
    site, groups, first = PAGES[person.account.language], SCRIPTS[person.persona], rng.randrange(8)
    return [site[group][(first + place) % len(site[group])] for place, group in enumerate(groups)]


def _is_stuck(person: Person, phase: Phase, day: LocalDay, rng: Random) -> bool:
    often = 0.3 if phase is not Phase.STEADY and not day.is_weekend else 0.0
    return day.index == person.turning or rng.random() < often


def _stuck(person: Person, rng: Random) -> list[Page]:
    """The same article again and again, one topic's questions, or one article after the other.

    Every other one wanted to set up a feature that is new to them.
    """
    site, luck = PAGES[person.account.language], rng.random()
    articles = site[Group.HELP]
    first = person.number % len(articles)
    before = [site[Group.FEATURE][person.number % len(site[Group.FEATURE])]] if person.number % 2 else []
    if luck < 0.5:
        again, other = articles[first], articles[first - 1]
        return [*before, again, other, again, site[Group.USE][0], again, other]
    if luck < 0.75:
        topic = site[Group.FAQ][person.number % 4 // 2 * 3 :][:3]
        return [*before, *topic, rng.choice(site[Group.CONTACT])]
    return [*before, *(articles[(first + step) % len(articles)] for step in range(rng.randrange(5, 8)))]


def _session(
    person: Person, day: LocalDay, rng: Random, start: int, pages: Sequence[Page], session: str
) -> Iterator[Happening]:
    customer_id, account_id = person.customer_id, person.account.account_id
    referrer, at = rng.choice(ENTRANCES), start
    for number, page in enumerate(pages):
        value: dict[str, object] = {
            "event_id": f"v-{session}-{number}",
            "customer_id": customer_id,
            "occurred_at": day.stamp(at),
            "url": recorded_url(page.url, customer_id, rng),
            "title": page.title,
            "session_id": f"s-{session}",
            "user_agent": SCANNER if rng.random() < MAIL_SCANNER else BROWSERS[person.number % len(BROWSERS)],
        }
        if referrer:
            value["referrer"] = referrer
        if person.names_account:
            value["account_id"] = account_id
        yield Happening(day.midnight + at, InputTopic.PAGE_VIEWS, customer_id, value)
        referrer, at = page.url, at + 20_000 + int(160_000 * rng.random())


def passers_by(customers: int, day: LocalDay, rng: Random) -> Iterator[Happening]:
    """Views by nobody known, by bots and monitors, and by the own staff: each a few in a hundred."""
    for _ in range(_about(customers * (0.01 if day.is_weekend else 0.2), rng)):
        yield _passing(day, rng, _office_time(rng), "", rng.choice(BROWSERS))
    for _ in range(_about(customers * 0.15, rng)):
        yield _passing(day, rng, rng.randrange(24 * HOUR), "", rng.choice(BOTS))
    for _ in range(_about(customers * (0.0 if day.is_weekend else 0.08), rng)):
        staff = f"staff-{rng.randrange(1, 6)}@staff.example"
        yield _passing(day, rng, _office_time(rng), staff, rng.choice(BROWSERS))


def _about(expected: float, rng: Random) -> int:
    return int(expected) + (rng.random() < expected % 1)


def _passing(day: LocalDay, rng: Random, at: int, customer_id: str, agent: str) -> Happening:
    page = rng.choice(PAGES[rng.choice(("ja", "ja", "en"))][rng.choice(GROUPS)])
    value: dict[str, object] = {
        "event_id": f"v-{rng.getrandbits(64):016x}",
        "occurred_at": day.stamp(at),
        "url": recorded_url(page.url, "visitor", rng),
        "title": page.title,
        "user_agent": agent,
    }
    if customer_id:
        value["customer_id"] = customer_id
    return Happening(day.midnight + at, InputTopic.PAGE_VIEWS, customer_id, value)
