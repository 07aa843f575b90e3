"""What became of customers, as the company wrote it down: a closed list of words, each bearing out some intents."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from msgspec import Struct

from stream_app.core.alerts import Intent
from stream_app.formats.errors import DecodeError
from stream_app.formats.limits import required_id

COLUMNS = ("customer", "what", "when")


class What(StrEnum):
    """What happened."""

    CHURNED = "churned"
    DOWNGRADED = "downgraded"
    BUDGET_REVIEWED = "budget_reviewed"
    UPGRADED = "upgraded"
    COMPLAINED = "complained"
    ASKED_FOR_HELP = "asked_for_help"
    RENEWED = "renewed"
    REFERRED = "referred"


BEARS_OUT: Mapping[What, frozenset[Intent]] = {
    What.CHURNED: frozenset({Intent.CHURN}),
    What.DOWNGRADED: frozenset({Intent.CHURN, Intent.BUDGET}),
    What.BUDGET_REVIEWED: frozenset({Intent.BUDGET}),
    What.UPGRADED: frozenset({Intent.UPGRADE}),
    What.COMPLAINED: frozenset({Intent.SUPPORT}),
    What.ASKED_FOR_HELP: frozenset({Intent.SUPPORT}),
    What.RENEWED: frozenset({Intent.LOYALTY}),
    What.REFERRED: frozenset({Intent.LOYALTY}),
}
"""Which alerts are right about a customer to whom this happens soon after."""


class OutcomesError(Exception):
    """The file cannot be used; the text says which line and why."""


class Outcomes(Struct, frozen=True):
    """The days on which something bore out an intent, oldest first, by customer."""

    days: Mapping[str, Mapping[Intent, tuple[date, ...]]]
    last: date

    @property
    def customers(self) -> frozenset[str]:
        """Of whom anything is written down."""
        return frozenset(self.days)

    def of(self, customer_id: str, intent: Intent) -> tuple[date, ...]:
        """Return when an intent was borne out by what a customer did."""
        return self.days.get(customer_id, {}).get(intent, ())


def read_outcomes(path: Path, zone: ZoneInfo) -> Outcomes:
    """Return what a file says, CSV with a head or JSON lines; a moment counts for its day in `zone`.

    Raises OSError and OutcomesError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise OutcomesError(f"{path.name}: is not UTF-8") from None
    found: defaultdict[str, defaultdict[Intent, set[date]]] = defaultdict(lambda: defaultdict(set))
    days = set()
    for number, row in _rows(text, path.name):
        try:
            customer, what, day = _outcome(row, zone)
        except ValueError as error:
            raise OutcomesError(f"{path.name}: line {number}: {error}") from None
        days.add(day)
        for intent in BEARS_OUT[what]:
            found[customer][intent].add(day)
    if not days:
        raise OutcomesError(f"{path.name}: says nothing")
    by_customer = {name: {intent: tuple(sorted(of)) for intent, of in each.items()} for name, each in found.items()}
    return Outcomes(by_customer, max(days))


def _rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    return _json_rows(text, name) if text.lstrip().startswith("{") else _csv_rows(text, name)


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(StringIO(text, newline=""))
    if lacking := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
        raise OutcomesError(f"{name}: line 1: no column {', '.join(lacking)}; needed are {', '.join(COLUMNS)}")
    try:
        yield from ((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise OutcomesError(f"{name}: line {reader.line_num}: {error}") from None


def _json_rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        if not isinstance(row, dict):
            raise OutcomesError(f"{name}: line {number}: not a JSON object")
        yield number, row


def _outcome(row: Mapping[str, object], zone: ZoneInfo) -> tuple[str, What, date]:
    """Return what a row says; raises ValueError."""
    customer, what, when = (_text(row, column) for column in COLUMNS)
    try:
        required_id("customer", customer)
    except DecodeError as error:
        raise ValueError(error.detail) from None
    if what not in {*What}:
        raise ValueError(f"what: must be one of {', '.join(What)}")
    return customer, What(what), _day(when, zone)


def _text(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{column}: missing")
    return value.strip()


def _day(text: str, zone: ZoneInfo) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else moment.astimezone(zone)).date()
    except (ValueError, OverflowError):
        raise ValueError("when: must be a day such as 2026-06-10, or a time such as 2026-06-10T09:30+09:00") from None
