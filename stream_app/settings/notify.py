"""The tables of notify: how long it waits, how much it says, and of what it keeps silent."""

from datetime import date
from typing import Annotated, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from stream_app.core.alerts import Severity
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.language import Language
from stream_app.core.links import LinkTemplates
from stream_app.core.notify.mutes import Mute
from stream_app.core.routes import ESCALATION, Route
from stream_app.settings.people import OptionalEmail
from stream_app.settings.routing import MatcherEntry, Name, Place
from stream_app.settings.sections import GroupName, Port, Section
from stream_app.settings.values import Span, Until, end_of
from stream_app.topics import Worker, changelog_name


def _whole_minutes(span: int) -> int:
    if span % MINUTE:
        raise ValueError("must be whole minutes, such as '90m' or '4h'")
    return span


Target: TypeAlias = Annotated[Span, AfterValidator(_whole_minutes)]
BusinessDays: TypeAlias = Annotated[int, Field(ge=0, le=250)]


class MaxAge(Section):
    """After how many business days an alert of this severity is too old to be told; 0: with the day itself."""

    high: BusinessDays = 3
    medium: BusinessDays = 2
    low: BusinessDays = 1

    def days(self) -> dict[Severity, int]:
        """Return the core's form of it."""
        return {severity: getattr(self, severity) for severity in Severity}


class Response(Section):
    """Within how many business hours somebody should have acted; 0: no target, so no reminder and no escalation."""

    high: Target = 4 * HOUR
    medium: Target = 0
    low: Target = 0

    def minutes(self) -> dict[Severity, int]:
        """Return the core's form of it: severities without a target are not there."""
        targets = {severity: getattr(self, severity) // MINUTE for severity in Severity}
        return {severity: minutes for severity, minutes in targets.items() if minutes}


class EscalationEntry(Place):
    """Who is told when nobody acted."""

    user: OptionalEmail = ""

    def route(self) -> Route:
        """Return the core's form of it."""
        return Route(name=ESCALATION, sink=self.sink, channel=self.channel, user=self.user, queue=self.queue)


class Links(Section):
    """Where the customer stands in other systems; see the core's `LinkTemplates`."""

    crm: str = ""
    history: str = ""

    @model_validator(mode="after")
    def _are_addresses(self) -> Self:
        self.templates()
        return self

    def templates(self) -> LinkTemplates:
        """Return the core's form of it."""
        return LinkTemplates(crm=self.crm, history=self.history)


class MuteEntry(MatcherEntry):
    """What nobody is told of until then; see the core's `Mute`."""

    customer: tuple[Name, ...] = ()
    account: tuple[Name, ...] = ()
    until: Until
    why: Annotated[Name, Field(min_length=1)]

    def mute(self, zone: ZoneInfo) -> Mute:
        """Return the core's form of it; a day ends in this zone."""
        return Mute(
            match=self.matcher(),
            customers=self.customer,
            accounts=self.account,
            until=end_of(self.until, zone) if isinstance(self.until, date) else self.until,
            why=self.why,
        )


class NotifySettings(Section):
    """How notify tells."""

    group: GroupName = "stream-app-notify"
    port: Port = 6067
    language: Language = Language.JA
    quiet: Span = 10 * MINUTE
    quiet_at_most: Span = 30 * MINUTE
    open_for: Annotated[Span, Field(gt=0)] = 7 * DAY
    daily_budget: Annotated[int, Field(ge=0, le=1000)] = 5
    bundle_from: Annotated[int, Field(ge=2, le=1000)] = 6
    max_age: MaxAge = MaxAge()
    response: Response = Response()
    escalation: EscalationEntry | None = None
    links: Links = Links()

    @model_validator(mode="after")
    def _quiet_fits(self) -> Self:
        if self.quiet_at_most < self.quiet:
            raise ValueError("quiet_at_most must not be shorter than quiet")
        return self


def check_groups(detect: str, notify: str) -> None:
    """Raise ValueError for groups that share their positions, or the topic that they keep their state in."""
    if detect == notify or changelog_name(detect, Worker.DETECT) == changelog_name(notify, Worker.NOTIFY):
        raise ValueError(f"group {notify!r} and detect's, {detect!r}, would share what each keeps; choose another")
