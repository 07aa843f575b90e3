"""The table of when customers are contacted."""

from typing import Self

from pydantic import model_validator

from stream_app.core.contact import ContactHours
from stream_app.settings.people import WEEKDAYS, Weekday
from stream_app.settings.sections import Section


class ContactSettings(Section):
    """Customers' hours on their own clocks; holidays of `country` and `closures` hold where the team is."""

    days: tuple[Weekday, ...] = WEEKDAYS[:5]
    opens: str = "09:00"
    closes: str = "18:00"
    country: str = "JP"
    closures: tuple[str, ...] = ()
    busy: tuple[str, ...] = ("12:00-13:00",)
    do_not_call: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        self.hours("UTC")
        return self

    def hours(self, timezone: str) -> ContactHours:
        """Return the core's form of it; `timezone` is the team's."""
        days = tuple(WEEKDAYS.index(day) for day in self.days)
        return ContactHours(**self.model_dump() | {"days": days, "timezone": timezone})
