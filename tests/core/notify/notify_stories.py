"""Histories, and what must be said of each: when, to whom, what; and what becomes of the alerts."""

from dataclasses import dataclass, field
from datetime import date

from stream_app.core.alerts import Intent, Severity
from stream_app.core.calendar import Hours
from stream_app.core.people import DaysAway, Person
from stream_app.core.routes import DEFAULT_ROUTES, OWNER, Matcher, Route, Routes, Sink
from tests.core.notify.histories import alert, at, calendars, deed
from tests.core.notify.naive_cases import World


@dataclass(frozen=True)
class Story:
    """A history with a sentence; `fates` of those alerts that the sentence is about."""

    title: str
    history: list
    said: list
    fates: dict = field(default_factory=dict)
    world: World = field(default_factory=World)


def only(**what):
    """Return a world with one route."""
    return World(routes=Routes(ordered=(Route(name="only", **what),), fallback=DEFAULT_ROUTES.fallback))


def away(*days):
    return Person(
        email="cs-1@example.co.jp",
        away=tuple(DaysAway(first=date.fromisoformat(day), last=date.fromisoformat(day)) for day in days),
        deputy="cs-2@example.co.jp",
    )


PASSING = only(user=OWNER, passes=(Severity.HIGH,))
YEAR_END = World(calendars=calendars())
NEW_YORK = World(
    routes=PASSING.routes, calendars=calendars(cs_1=Hours(timezone="America/New_York", country="US", closes="18:00"))
)
CHURN_MUTED = World(mutes=((Matcher(intent=(Intent.CHURN,)), at("2026-06-10 12:00")),))
HIGH_MUTED = World(mutes=((Matcher(severity=(Severity.HIGH,)), at("2026-06-10 12:00")),))
WEBHOOK, CRM = only(sink=Sink.WEBHOOK), only(sink=Sink.SALESFORCE, queue="cs")
DEPUTY = World(people={"cs-1@example.co.jp": away("2026-06-10")})
BOTH_AT_NIGHT = World(
    routes=Routes(
        ordered=(
            Route(name="all", channel="#all", passes=(Severity.HIGH,), goes_on=True),
            Route(name="own", user=OWNER),
        ),
        fallback=DEFAULT_ROUTES.fallback,
    ),
    people=DEPUTY.people,
)


def mediums(count, hour="10"):
    return [alert(f"m{n}", "budget", f"2026-06-10 {hour}:0{n}", account=f"a-{n}") for n in range(count)]


def highs(count):
    return [alert(f"h{n}", "churn", f"2026-06-09 20:0{n}", account=f"a-{n}") for n in range(count)]


def acknowledged(history, when):
    return [*history, *(deed(one.alert_id, "acknowledge", when) for _, one in history)]
