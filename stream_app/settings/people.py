"""The tables of the people in customer success: the team's hours, and who each is."""

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, ValidationError, model_validator

from stream_app.core.calendar import Calendar, Hours
from stream_app.core.people import DaysAway, Person, person_key
from stream_app.settings.sections import Section

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def email(value: object) -> str:
    """Return an e-mail address in lower case: that is how people are told apart."""
    address = person_key(value) if isinstance(value, str) else ""
    name, _, domain = address.rpartition("@")
    if not (name and domain and address.isprintable()) or set(" @") & set(name + domain):
        raise ValueError("must be an e-mail address")
    return address


def optional_email(value: object) -> str:
    """Return an e-mail address, or nothing."""
    return "" if value == "" else email(value)


Email: TypeAlias = Annotated[str, BeforeValidator(email)]
OptionalEmail: TypeAlias = Annotated[str, BeforeValidator(optional_email)]


def days_away(value: object) -> DaysAway:
    """Return a day, `2026-08-13`, or several, `2026-08-13/2026-08-15`, the last among them."""
    if isinstance(value, DaysAway):
        return value
    try:
        first, *rest = (date.fromisoformat(part.strip()) for part in str(value).split("/"))
        (last,) = rest or (first,)
    except ValueError:
        raise ValueError("must be a day or its range, such as '2026-08-13' or '2026-08-13/2026-08-15'") from None
    if last < first:
        raise ValueError("ends before it begins")
    return DaysAway(first=first, last=last)


class HoursSettings(Section):
    """When the team works; public holidays are those of `country`."""

    timezone: str = "Asia/Tokyo"
    days: tuple[Weekday, ...] = WEEKDAYS[:5]
    opens: str = "09:30"
    closes: str = "18:00"
    country: str = "JP"
    closures: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        self.calendar()
        return self

    def calendar(self) -> Calendar:
        """Return what answers for these hours."""
        days = tuple(WEEKDAYS.index(day) for day in self.days)
        return Calendar(Hours(**self.model_dump() | {"days": days}))


class OwnHours(Section):
    """What is different for one person; None is as the team has it."""

    timezone: str | None = None
    days: tuple[Weekday, ...] | None = None
    opens: str | None = None
    closes: str | None = None
    country: str | None = None
    closures: tuple[str, ...] | None = None

    def over(self, team: HoursSettings) -> HoursSettings:
        """Return the person's hours."""
        own = self.model_dump(exclude_none=True)
        return HoursSettings(**team.model_dump() | own) if own else team


class PersonSettings(Section):
    """One of the people; see the core's `Person`."""

    name: str = ""
    slack: str = ""
    crm: str = ""
    language: Literal["", "ja", "en"] = ""
    hours: OwnHours = OwnHours()
    away: tuple[Annotated[DaysAway, BeforeValidator(days_away)], ...] = ()
    deputy: OptionalEmail = ""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    def person(self, email: str, team: HoursSettings) -> Person:
        """Return the core's form of it."""
        return Person(
            email=email,
            name=self.name,
            slack=self.slack,
            crm=self.crm,
            language=self.language,
            timezone=self.hours.over(team).timezone,
            away=self.away,
            deputy=self.deputy,
        )


def check_once(people: object) -> None:
    """Raise ValueError for an address that is written in two ways: one of the two would count for nothing."""
    keys = [person_key(key) for key in people] if isinstance(people, dict) else []
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"{key!r} stands there twice, in capital and small letters")


def check_people(people: Mapping[str, PersonSettings], team: HoursSettings) -> None:
    """Raise ValueError for hours that make no sense with the team's, and a deputy not among the people, or oneself."""
    for email, person in people.items():
        _check_hours(email, person.hours, team)
        if person.deputy == email:
            raise ValueError(f"{email!r} cannot stand in for themselves")
        if person.deputy:
            known_as(person.deputy, people, f"the deputy of {email!r} is not in [people]:")


def _check_hours(email: str, own: OwnHours, team: HoursSettings) -> None:
    try:
        own.over(team)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ValueError(f"the hours of {email!r}: {said}") from None


def known_as(name: str, known: Iterable[str], problem: str) -> None:
    """Raise ValueError, with the nearest name, if none of `known` is called so; `name` may hold wildcards."""
    names = list(known)
    if name in names or any(fnmatchcase(one, name) for one in names):
        return
    nearest = get_close_matches(name, names, 1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are: {', '.join(names) or 'none'}"
    raise ValueError(f"{problem} {name!r}; {hint}")
