"""People of one account on the same errand: who looked at such pages within two days of each other and of an alert."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

from msgspec import Struct

from stream_app.core.alerts import AccountView, Intent, Severity
from stream_app.core.events import DAY, HOUR, Micros
from stream_app.core.pages import PageCategory

WITHIN = 48 * HOUR
"""How far the first and the last of what belongs together may lie apart, the alert among them."""

KEPT_FOR = 9 * DAY
"""How long a look is kept: as long as a case that it may belong to is open, and the two days before."""

MAX_LOOKS = 200
"""Looks kept of an account and of a message, the newest."""

RAISED = frozenset({Intent.CHURN, Intent.BUDGET, Intent.UPGRADE})
"""What such looks make more severe."""

_ABOVE = {Severity.LOW: Severity.MEDIUM, Severity.MEDIUM: Severity.HIGH, Severity.HIGH: Severity.HIGH}


class Look(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody of the account looked at a page."""

    occurred_at: Micros
    customer_id: str
    event_id: str
    category: PageCategory
    name: str = ""


class Together(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Alerts that are one step more severe, and the looks that make them so."""

    alert_ids: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.alert_ids)


def look_of(view: AccountView) -> Look:
    """Return what is kept of a view."""
    return Look(
        occurred_at=view.occurred_at,
        customer_id=view.customer_id,
        event_id=view.event_id,
        category=view.category,
        name=view.name,
    )


def above(severity: Severity) -> Severity:
    """Return the severity one step up; high stays high."""
    return _ABOVE[severity]


def merged(looks: Iterable[Look], more: Iterable[Look]) -> tuple[Look, ...]:
    """Return all looks by time, each once, the newest MAX_LOOKS: the same in whatever order they came."""
    by_event = {(one.customer_id, one.event_id): one for one in sorted({*looks, *more}, key=_order)}
    return tuple(sorted(by_event.values(), key=_order))[-MAX_LOOKS:]


def company(looks: tuple[Look, ...], at: Micros) -> tuple[Look, ...]:
    """Return the looks, of two people or more, each of which lies with somebody else's and `at` in one span of WITHIN.

    `looks` by time. What is returned does not depend on what else is among them.
    """
    times = [one.occurred_at for one in looks]
    near = range(bisect_left(times, at - WITHIN), bisect_right(times, at + WITHIN))
    return tuple(looks[i] for i in near if _is_with_another(looks, times, i, at))


def grown(before: Mapping[str, tuple[Look, ...]], after: Mapping[str, tuple[Look, ...]]) -> Together:
    """Return what came in addition: alerts with their company, where it is more than before."""
    more = {alert: looks for alert, looks in after.items() if not {*looks} <= {*before.get(alert, ())}}
    return Together(alert_ids=tuple(more), looks=merged((), (one for looks in more.values() for one in looks)))


def _is_with_another(looks: tuple[Look, ...], times: list[Micros], i: int, at: Micros) -> bool:
    first, last = min(times[i], at), max(times[i], at)
    there = range(bisect_left(times, last - WITHIN), bisect_right(times, first + WITHIN))
    return any(looks[other].customer_id != looks[i].customer_id for other in there)


def _order(look: Look) -> tuple[Micros, str, str, str, str]:
    return look.occurred_at, look.customer_id, look.event_id, look.category, look.name
