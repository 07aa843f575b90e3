"""A week of a simulated team: how often each is told something, by the routes and hours of the settings."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from io import StringIO
from zoneinfo import ZoneInfo

import orjson
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.fates import Fate
from stream_app.core.notify.parcels import Kind, Parcel
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routing import AddressKind
from stream_app.notify_simulation import Happening, acknowledging, simulate_notify
from stream_app.rehearsal import Rehearsal, midnight
from stream_app.testing.simulator import START

DAYS = 30
"""Simulated for a week: those before have filled what detect and notify remember."""

ANSWERED_AFTER = 60
"""Business minutes until somebody takes on what they were told."""

_WIDTH = 100  # characters


class Count(StrEnum):
    """What is counted of a reader's day."""

    PUSHES = "pushes"  # notifications: new messages, loud replies, reminders
    ADDITIONS = "additions"  # replies in a thread
    DIGEST_LINES = "digest_lines"


class Reader(Struct, frozen=True, kw_only=True):
    """One reader's business days; a channel's messages are counted for whom they mention, too."""

    name: str
    mean: Mapping[Count, float]
    most: Mapping[Count, int]


class Week(Struct, frozen=True, kw_only=True):
    """What the week came to."""

    seed: int
    customers: int
    first: date
    last: date
    readers: tuple[Reader, ...]
    fates: Mapping[Fate, int]


def week(happenings: Iterable[tuple[Micros, Happening]], rehearsal: Rehearsal, notify: NotifyRules) -> Week:
    """Return what the last full week comes to for the people who are told what happens."""
    team = notify.calendars[""]
    zone, days = ZoneInfo(team.hours.timezone), _last_week(rehearsal.days)
    since, diary = midnight(days[0], zone), Diary(zone)
    told = simulate_notify(
        happenings,
        Cases(notify),
        lambda target: Desk(target, notify),
        until=midnight(days[-1] + timedelta(days=1), zone),
        readers=acknowledging(ANSWERED_AFTER, team),
    )
    for at, parcel in told.parcels:
        if at >= since:
            diary.add(at, parcel)
    return Week(
        seed=rehearsal.seed,
        customers=rehearsal.customers,
        first=days[0],
        last=days[-1],
        readers=diary.readers([day for day in days if team.is_business_day(day)]),
        fates=Counter(one.fate for one in told.deliveries if one.at >= since),
    )


def _last_week(days: int) -> list[date]:
    """Return the last full week of so many days, Monday first; of fewer than seven the first."""
    first = START + timedelta(days=7 * max(days // 7 - 1, 0))
    return [first + timedelta(days=n) for n in range(7)]


class Diary:
    """What each reader is told, day by day."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._counted: defaultdict[str, defaultdict[date, Counter[Count]]] = defaultdict(lambda: defaultdict(Counter))

    def add(self, at: Micros, parcel: Parcel) -> None:
        """Take note of what was said."""
        if (what := count_of(parcel.kind)) is None:
            return
        day = moment_of(at).astimezone(self._zone).date()
        for reader, lines in _readers(parcel).items():
            self._counted[reader][day][what] += lines if what is Count.DIGEST_LINES else 1

    def days(self, name: str) -> Mapping[date, Mapping[Count, int]]:
        """Return what one reader was told on each day with anything."""
        return self._counted.get(name, {})

    def readers(self, worked: list[date]) -> tuple[Reader, ...]:
        """Return what each reader is told a business day; these are all business days."""
        return tuple(_reader(name, self._counted[name], worked) for name in sorted(self._counted))


def count_of(kind: Kind) -> Count | None:
    """Return what a parcel of this kind counts as for who reads it; None: it makes no sound."""
    match kind:
        case Kind.UPDATE:
            return None
        case Kind.ADD:
            return Count.ADDITIONS
        case Kind.DIGEST:
            return Count.DIGEST_LINES
        case _:
            return Count.PUSHES


def _readers(parcel: Parcel) -> Counter[str]:
    """Return who is told by a parcel: its place, and whom it mentions there; each with how many cases."""
    told = Counter(message.routing.person for message in parcel.messages if message.routing.mentions)
    if parcel.target.kind is AddressKind.USER:
        told.update(message.routing.person for message in parcel.messages)
    else:
        told[parcel.target.address or parcel.target.sink] += len(parcel.messages)
    return told


def _reader(name: str, counted: Mapping[date, Counter[Count]], days: list[date]) -> Reader:
    rows = {what: [counted.get(day, Counter())[what] for day in {*days, *counted}] for what in Count}
    return Reader(
        name=name,
        mean={what: round(sum(row) / max(1, len(days)), 1) for what, row in rows.items()},
        most={what: max(row) for what, row in rows.items()},
    )


def to_json(week: Week) -> str:
    """Return the week for programs, in one line."""
    return orjson.dumps(
        {
            "seed": week.seed,
            "customers": week.customers,
            "first": week.first,
            "last": week.last,
            "readers": [{"reader": one.name, "mean": one.mean, "most": one.most} for one in week.readers],
            "fates": week.fates,
        },
        option=orjson.OPT_NON_STR_KEYS,  # words of closed lists are none
    ).decode()


def render(week: Week) -> str:
    """Return the week as a table for people."""
    table = Table(title=f"A business day of {week.first} to {week.last}: mean (most)", title_justify="left")
    table.add_column("Reader")
    for heading in ("Pushes", "Thread additions", "Digest lines"):
        table.add_column(heading, justify="right")
    for one in week.readers:
        table.add_row(one.name, *(f"{one.mean[what]:.1f} ({one.most[what]})" for what in Count))
    out = StringIO()
    console = Console(file=out, width=_WIDTH)
    console.print(table)
    console.print(", ".join(f"{fate} {count}" for fate, count in sorted(week.fates.items())))
    return out.getvalue()
