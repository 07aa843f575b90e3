"""What is settable of how notify tells, and the questions about time that need it."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import PublishedAlert, Severity
from stream_app.core.calendar import Calendar
from stream_app.core.events import DAY, MINUTE, Micros
from stream_app.core.notify.manner import Manner, is_minor, manner_of
from stream_app.core.notify.mutes import Mute
from stream_app.core.people import People
from stream_app.core.routes import ESCALATION, AlertFacts, Route, Routes
from stream_app.core.routing import AddressKind, Routing, Target, Why, route, standing, told_at

MAX_AGE = MappingProxyType({Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1})
RESPONSE = MappingProxyType({Severity.HIGH: 240})

ENDS_WITHIN = 15 * DAY
"""How long the end of an alert is waited for: detect lets go of it after 14 days at the latest."""


class NotifyRules(Struct, frozen=True, kw_only=True):
    """Both stages' settings. `calendars` by e-mail address, the team's under an empty one.

    `second`: who is told of what nobody took up. `max_age` in business days, of every severity; `response` in business
    minutes, a severity that is not there has none.
    """

    routes: Routes
    second: Route
    people: People
    calendars: Mapping[str, Calendar]
    mutes: tuple[Mute, ...] = ()
    max_age: Mapping[Severity, int] = MAX_AGE
    response: Mapping[Severity, int] = RESPONSE
    quiet: Micros = 10 * MINUTE
    quiet_at_most: Micros = 30 * MINUTE
    open_for: Micros = 7 * DAY
    contact_counts: Micros = 7 * DAY
    daily_budget: int = 5
    bundle_from: int = 6

    def hours(self, target: Target, person: str) -> Calendar:
        """Return the reader's hours: a person's own at a direct message, else the team's."""
        return self.calendars.get(person if target.kind is AddressKind.USER else "", self.calendars[""])

    def hours_of(self, routing: Routing) -> Calendar:
        """Return the hours of who reads by this routing."""
        return self.hours(routing.target, routing.person)

    def routings(self, alert: AlertFacts, at: Micros) -> tuple[Routing, ...]:
        """Return who is told of what comes at `at`, each asked for when it is told: who is away then counts.

        The second target, where it is told besides, comes last.
        """
        found: dict[Target, Routing] = {}
        for each in route(alert, self.routes, self.people, at):
            then = route(alert, self.routes, self.people, self.told_at(each, alert, at))
            routing = next((one for one in then if one.route == each.route), each)
            found.setdefault(routing.target, routing)
        if alert.second:
            second = self._second(alert, at)
            found.setdefault(second.target, second)
        return tuple(found.values())

    def _second(self, alert: AlertFacts, at: Micros) -> Routing:
        """Return the second target as it is told besides: who is away when it is told counts."""
        then = self.told_at(standing(self.second, self.people, at), alert, at)
        found = standing(self.second, self.people, then)
        return replace(
            found, route=ESCALATION, why=(Why.SECOND, *(why for why in found.why if why is not Why.FALLBACK))
        )

    def told_at(self, routing: Routing, alert: AlertFacts, at: Micros) -> Micros:
        """Return when the reader hears of what comes at `at`: at once, at the opening, or by the digest."""
        digest = self.is_digested(routing, alert)
        return told_at(replace(routing, digest=digest), alert.severity, at, self.hours_of(routing))

    def is_digested(self, routing: Routing, alert: AlertFacts) -> bool:
        """Tell whether the digest tells it."""
        minor = is_minor(routing, alert.severity, alert.digest)
        return manner_of(routing.target.sink) is Manner.CONVERSATION and minor

    def is_too_old(self, alert: PublishedAlert, routing: Routing, now: Micros) -> bool:
        """Tell whether nobody should hear of it any more."""
        return now > self.told_until(alert, routing)

    def told_until(self, alert: PublishedAlert, routing: Routing) -> Micros:
        """Return until when somebody may still hear of it."""
        return self.hours_of(routing).business_days_after(alert.occurred_at, self.max_age[alert.severity])
