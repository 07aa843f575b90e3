"""What was found and said, cut down to the people who are asked about."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.alerts import PublishedAlert, Resolution, Suppressed
from stream_app.core.erasure import Erasures
from stream_app.core.events import DAY, Micros
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.fates import Delivery, Fate
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.explain.story import Person, Said, Waiting
from stream_app.notify_simulation import Happening, simulate_notify

FORESEEN = 7 * DAY
"""So long after now a message that waits is looked for: a digest comes with the next business day."""

TELLING = frozenset({Fate.DELIVERED, Fate.MERGED, Fate.DIGESTED})
"""Fates by which somebody came to know."""

U = TypeVar("U", PublishedAlert, Suppressed)
T = TypeVar("T", bound=PublishedAlert | Suppressed | Resolution | Delivery)


class Records(Struct, frozen=True, kw_only=True):
    """What was written of matches and messages; None: of this nothing is at hand."""

    alerts: tuple[PublishedAlert, ...] | None = None
    held: tuple[Suppressed, ...] | None = None
    resolutions: tuple[Resolution, ...] | None = None
    deliveries: tuple[Delivery, ...] | None = None
    feedback: tuple[Feedback, ...] = ()

    def without(self, erased: Erasures) -> "Records":
        """Return them without what is of people who were erased."""
        return replace(self, alerts=_left(self.alerts, erased), held=_left(self.held, erased))


def in_place_of(records: Records, found: Iterable[tuple[Micros, Happening]]) -> list[tuple[Micros, Happening]]:
    """Return what was found, with what is on record in its place, by time."""
    written = {PublishedAlert: records.alerts, Suppressed: records.held, Resolution: records.resolutions}
    given = {kind: those for kind, those in written.items() if those is not None}
    kept = [(at, one) for at, one in found if type(one) not in given]
    return sorted([*kept, *((_read_at(one), one) for those in given.values() for one in those)], key=lambda one: one[0])


def told(happenings: Iterable[tuple[Micros, Happening]], rules: NotifyRules, now: Micros) -> tuple[Delivery, ...]:
    """Return what notify would have said of it, and would say next if nothing else happened."""
    said = simulate_notify(happenings, Cases(rules), lambda target: Desk(target, rules), until=now + FORESEEN)
    return said.deliveries


def said_of(
    people: frozenset[str],
    sought: str,
    happenings: Iterable[tuple[Micros, Happening]],
    records: Records,
    deliveries: Iterable[Delivery],
    now: Micros,
) -> Said:
    """Return what is of these people, or of the account; what would be said after now waits."""
    found = [one for _, one in happenings]
    alerts = _unique((a for a in found if isinstance(a, PublishedAlert)), lambda a: a.alert_id)
    mine = tuple(alert for alert in alerts if _is_of(alert, people, sought))
    ids = {alert.alert_id for alert in mine}
    fates = _unique((d for d in deliveries if d.alert_id in ids), lambda d: (d.alert_id, d.route, d.target))
    held = _unique((one for one in found if isinstance(one, Suppressed)), lambda h: (h.match_id, h.occurred_at))
    over = _unique((one for one in found if isinstance(one, Resolution)), lambda r: (r.alert_id, r.reason))
    return Said(
        alerts=mine,
        held=tuple(one for one in held if _is_of(one, people, sought)),
        resolutions=tuple(one for one in over if one.alert_id in ids),
        deliveries=tuple(one for one in fates if one.at <= now),
        waiting=tuple(_waiting(one) for one in fates if one.at > now and one.fate in TELLING),
        feedback=tuple(sorted((f for f in records.feedback if ids & {f.case_id, *f.alert_ids}), key=lambda f: f.at)),
    )


def written_of(sought: str, found: Iterable[tuple[Micros, Happening]]) -> tuple[Person, ...]:
    """Return of whom something was found, though what they did is not kept any more."""
    names = {
        one.customer_id
        for _, one in found
        if isinstance(one, PublishedAlert | Suppressed) and sought in (one.customer_id, one.account_id)
    }
    kept = {sought} if sought in names else names - {""}
    return tuple(Person(customer_id=name, happened=(), state=UNKNOWN_CUSTOMER) for name in sorted(kept))


def _left(those: tuple[U, ...] | None, erased: Erasures) -> tuple[U, ...] | None:
    if those is None or not len(erased):
        return those
    return tuple(one for one in those if not erased.erased_by(one.customer_id, one.occurred_at))


def _is_of(one: PublishedAlert | Suppressed | Resolution, people: frozenset[str], sought: str) -> bool:
    return one.customer_id in people or (one.account_id == sought and sought not in people)


def _waiting(later: Delivery) -> Waiting:
    in_digest = later.fate is Fate.DIGESTED
    return Waiting(alert_id=later.alert_id, target=later.target, at=later.at, in_digest=in_digest)


def _unique(those: Iterable[T], key: Callable[[T], object]) -> list[T]:
    """Return them by time, each once: a worker that was killed may have said it again."""
    return sorted({key(one): one for one in reversed([*those])}.values(), key=_at)


def _at(one: PublishedAlert | Suppressed | Resolution | Delivery) -> Micros:
    return one.at if isinstance(one, Delivery) else one.occurred_at


def _read_at(one: PublishedAlert | Suppressed | Resolution) -> Micros:
    detected_at = one.detected_at if isinstance(one, PublishedAlert) else None
    return one.occurred_at if detected_at is None else detected_at
