"""Alerts that one rule set has and the other has not: the same is what a rule says of a customer on a day."""

from collections import Counter, defaultdict
from datetime import date

from msgspec import Struct

from stream_app.core.alerts import Intent, PublishedAlert, Severity

LISTED = 1_000
"""Of each sort; the others are only counted."""


class Row(Struct, frozen=True, order=True):
    """An alert as it is compared; `severity` names both where they differ."""

    day: date
    customer_id: str
    rule_id: str
    intent: Intent
    severity: str


class Sort(Struct, frozen=True, kw_only=True):
    """Alerts of one sort: how many, by rule and by day, and the first of them."""

    count: int
    by_rule: dict[str, int]
    by_day: dict[date, int]
    rows: tuple[Row, ...]


class Difference(Struct, frozen=True, kw_only=True):
    """`gained` has only the one that is tried, `lost` only the other, `changed` both, not equally severe."""

    gained: Sort
    lost: Sort
    changed: Sort

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not (self.gained.count or self.lost.count or self.changed.count)


Key = tuple[date, str, str, Intent]


class Said:
    """What one rule set says in a partition."""

    def __init__(self) -> None:
        self.alerts: dict[Key, list[Severity]] = {}

    def hear(self, alert: PublishedAlert, day: date) -> None:
        """Take note of an alert."""
        self.alerts.setdefault((day, alert.customer_id, alert.rule_id, alert.intent), []).append(alert.severity)


class Comparison:
    """Compares partition after partition."""

    def __init__(self) -> None:
        self._sorts: dict[str, _Sorted] = defaultdict(_Sorted)

    def next_partition(self, mine: Said, other: Said) -> None:
        """Compare what both say of a partition's customers."""
        for key, severities in mine.alerts.items():
            theirs = other.alerts.get(key)
            if theirs is None:
                self._sorts["gained"].add(key, severities[0])
            elif theirs != severities:
                self._sorts["changed"].add(key, f"{', '.join(theirs)} → {', '.join(severities)}")
        for key, severities in other.alerts.items():
            if key not in mine.alerts:
                self._sorts["lost"].add(key, severities[0])

    def difference(self) -> Difference:
        """Return what differs."""
        return Difference(**{name: self._sorts[name].sort() for name in ("gained", "lost", "changed")})


class _Sorted:
    def __init__(self) -> None:
        self._rules: Counter[str] = Counter()
        self._days: Counter[date] = Counter()
        self._rows: list[Row] = []

    def add(self, key: Key, severity: str) -> None:
        day, customer_id, rule_id, intent = key
        self._rules[rule_id] += 1
        self._days[day] += 1
        self._rows.append(Row(day, customer_id, rule_id, intent, str(severity)))
        if len(self._rows) > 2 * LISTED:
            self._rows = sorted(self._rows)[:LISTED]

    def sort(self) -> Sort:
        return Sort(
            count=self._rules.total(),
            by_rule=dict(self._rules.most_common()),
            by_day=dict(sorted(self._days.items())),
            rows=tuple(sorted(self._rows)[:LISTED]),
        )
