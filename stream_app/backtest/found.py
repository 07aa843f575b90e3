"""What a backtest found: values that are shown as text, JSON and a page."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from stream_app.backtest.difference import Difference
from stream_app.backtest.proof import Verdict
from stream_app.report import FaqGap
from stream_app.team_week import Count

NOBODY = "nobody"
"""The owner of customers who have none."""


class Assumed(Struct, frozen=True, kw_only=True):
    """What is not in the history: minutes that a message takes, when it is taken on, and until when it may come true.

    A push is acted on; a line, of a digest or added to a thread, is read.
    """

    minutes_per_push: float = 10.0
    minutes_per_line: float = 2.0
    answered_after: int = 60  # business minutes
    within: int = 90  # days


class Load(Struct, frozen=True, kw_only=True):
    """What is told a business day: mean and most of each, and the minutes it takes in the mean."""

    name: str
    mean: Mapping[Count, float]
    most: Mapping[Count, int]
    minutes: float


class Side(Struct, frozen=True, kw_only=True):
    """What one set of settings came to.

    `detected` is by intent: alerts, and matches held back by reason. `told` is by intent: fates on routes, and what
    was `waiting` at the end.
    """

    name: str
    rule_set: str
    asleep: tuple[str, ...]
    alerts: int
    by_day: Mapping[date, Mapping[str, int]]
    detected: Mapping[str, Mapping[str, int]]
    rules: Mapping[str, int]
    owners: Mapping[str, Mapping[str, int]]
    told: Mapping[str, Mapping[str, int]]
    told_by_day: Mapping[date, Mapping[Count, int]]
    team: Load
    readers: tuple[Load, ...]
    faq_gaps: tuple[FaqGap, ...]
    verdict: Verdict | None


class Backtest(Struct, frozen=True, kw_only=True):
    """The whole of it; days are those of `timezone`."""

    first: date
    last: date
    timezone: str
    business_days: int
    events: int
    used: int
    erased: int
    dead_letters: int
    customers: int
    seconds: float
    assumed: Assumed
    mine: Side
    other: Side | None = None
    difference: Difference | None = None

    @property
    def sides(self) -> tuple[Side, ...]:
        """What is to be shown: the other only where it came to something else."""
        if self.other is None or replace(self.other, name=self.mine.name) == self.mine:
            return (self.mine,)
        return self.mine, self.other

    @property
    def days(self) -> int:
        """Days of the history."""
        return (self.last - self.first).days + 1
