"""The tables that say who is told of what: the routes and their fallback."""

from collections.abc import Iterable
from typing import Annotated, Any, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from stream_app.core.alerts import OUTAGE, Intent, Polarity, Severity
from stream_app.core.events import Tier
from stream_app.core.routes import FALLBACK, OWNER, TEAM_CHANNEL, Matcher, Route, Sink
from stream_app.core.rules import RULES
from stream_app.settings.people import OptionalEmail, known_as, optional_email
from stream_app.settings.sections import Section

_PLACES = ("channel", "user", "queue")
_PLACES_OF = {
    Sink.SLACK: ("channel", "user"),
    Sink.SALESFORCE: ("user", "queue"),
    Sink.HUBSPOT: ("user", "queue"),
}
"""What a sink must have one of; the others have a single place and may have one, to be shown or sent along."""

Name: TypeAlias = Annotated[str, Field(max_length=256, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


def user(value: object) -> str:
    """Return `owner`, an e-mail address, or nothing."""
    return OWNER if value == OWNER else optional_email(value)


User: TypeAlias = Annotated[str, BeforeValidator(user)]


class Place(Section):
    """Where alerts go."""

    sink: Sink = Sink.SLACK
    channel: Name = ""
    user: User = ""
    queue: Name = ""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [place for place in _PLACES if getattr(self, place)]
        must = _PLACES_OF.get(self.sink)
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)}: only one of them can be the target; make two routes")
        if must and (not given or given[0] not in must):
            raise ValueError(f"sink {self.sink.value!r} needs {' or '.join(must)}")
        return self


class Destination(Place):
    """Where alerts go, and whether they wait."""

    pass_outside_hours: tuple[Severity, ...] = ()


class FallbackEntry(Destination):
    """Where alerts go that no route takes, or whose person cannot be told."""

    user: OptionalEmail = ""

    @model_validator(mode="before")
    @classmethod
    def _team_channel(cls, said: Any) -> Any:  # noqa: ANN401 (whatever a file says)
        if isinstance(said, dict) and said.get("sink", Sink.SLACK) == Sink.SLACK and not set(_PLACES) & said.keys():
            return {**said, "channel": TEAM_CHANNEL}
        return said

    def route(self) -> Route:
        """Return the core's form of it."""
        return Route(
            name=FALLBACK,
            sink=self.sink,
            channel=self.channel,
            user=self.user,
            queue=self.queue,
            passes=self.pass_outside_hours,
        )


class MatcherEntry(Section):
    """Which alerts are meant; see the core's `Matcher`."""

    intent: tuple[Intent, ...] = ()
    severity: tuple[Severity, ...] = ()
    polarity: tuple[Polarity, ...] = ()
    tier: tuple[Tier, ...] = ()
    owner: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()

    @field_validator("owner")
    @classmethod
    def _addresses(cls, owners: tuple[str, ...]) -> tuple[str, ...]:
        if not all(one == "" or {"@", "*"} & set(one) for one in owners):
            raise ValueError("must be e-mail addresses, with * and ? if need be, or '' for customers without owner")
        return owners

    @model_validator(mode="after")
    def _rules_are_known(self) -> Self:
        for pattern in self.rule:
            known_as(pattern, [*(rule.id for rule in RULES), OUTAGE], "no rule is called")
        return self

    def matcher(self) -> Matcher:
        """Return the core's form of it."""
        return Matcher(**{name: getattr(self, name) for name in Matcher.__struct_fields__})


class RouteEntry(Destination, MatcherEntry):
    """One route; see the core's `Route`."""

    model_config = ConfigDict(serialize_by_alias=True)

    name: Annotated[Name, Field(min_length=1)]
    mention_owner: bool = False
    digest: bool = False
    goes_on: bool = Field(default=False, alias="continue")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.name == FALLBACK:
            raise ValueError(f"name {FALLBACK!r} is that of the [fallback]")
        if self.mention_owner and (self.user or self.queue):
            raise ValueError("mention_owner is for channels: a user or a queue is told alone")
        return self

    def route(self) -> Route:
        """Return the core's form of it."""
        return Route(
            name=self.name,
            match=self.matcher(),
            sink=self.sink,
            channel=self.channel,
            user=self.user,
            queue=self.queue,
            mentions_owner=self.mention_owner,
            digest=self.digest,
            passes=self.pass_outside_hours,
            goes_on=self.goes_on,
        )


def entry(route: Route) -> RouteEntry:
    """Return a route of the core as it stands in the settings."""
    lists = {name: getattr(route.match, name) for name in Matcher.__struct_fields__}
    return RouteEntry(
        name=route.name,
        sink=route.sink,
        channel=route.channel,
        user=route.user,
        queue=route.queue,
        mention_owner=route.mentions_owner,
        digest=route.digest,
        pass_outside_hours=route.passes,
        **lists | {"continue": route.goes_on},
    )


def check_routes(routes: Iterable[RouteEntry], people: Iterable[str]) -> None:
    """Raise ValueError for two routes of one name, or one to a user who is not among the people."""
    names: set[str] = set()
    for each in routes:
        if each.name in names:
            raise ValueError(f"two routes are called {each.name!r}")
        names.add(each.name)
        if each.user and each.user != OWNER:
            known_as(each.user, people, f"the user of route {each.name!r} is not in [people]:")


def check_user(place: Place, people: Iterable[str]) -> None:
    """Raise ValueError for a user who is not among the people."""
    if place.user:
        known_as(place.user, people, "the user is not in [people]:")
