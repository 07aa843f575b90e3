"""What of a case is told: which alert leads, what was seen altogether, and how the case stands."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from stream_app.core.alerts import Intent, PublishedAlert, Severity
from stream_app.core.events import Micros
from stream_app.core.notify.message import Message
from stream_app.core.notify.orders import Action
from stream_app.core.notify.parcels import Parcel
from stream_app.render.when import local

_URGENCY = tuple(reversed(Severity))  # the higher the more severe


def holding(message: Message) -> tuple[PublishedAlert, ...]:
    """Return the alerts of a case that hold still; all of them once it is over, so that it can be told what is."""
    return message.live or message.alerts


def is_over(message: Message) -> bool:
    """Tell whether nobody needs to act on the case any more."""
    return message.solved_at is not None or message.overtaken or (bool(message.ends) and not message.live)


def lead(alerts: Iterable[PublishedAlert]) -> PublishedAlert:
    """Return the alert that the heading is about: churn before others, then the most severe, then the newest."""
    return max(alerts, key=lambda one: (one.intent is Intent.CHURN, _URGENCY.index(one.severity), one.occurred_at))


def whole(alerts: Iterable[PublishedAlert]) -> PublishedAlert:
    """Return the leading alert with all that was seen of its customer, each view once."""
    told = tuple(alerts)
    first = lead(told)
    seen = {seen.event_id: seen for one in told if one.customer_id == first.customer_id for seen in one.evidence}
    return replace(first, evidence=tuple(seen.values()))


def by_person(alerts: Iterable[PublishedAlert]) -> list[PublishedAlert]:
    """Return for each person the leading alert with all that was seen of them, who was seen last first."""
    people: dict[str, list[PublishedAlert]] = {}
    for one in sorted(alerts, key=lambda one: one.occurred_at, reverse=True):
        people.setdefault(one.customer_id, []).append(one)
    return [whole(each) for each in people.values()]


def newly_told(parcel: Parcel) -> tuple[PublishedAlert, ...]:
    """Return the alerts that a parcel is the first to show; those of its message where they are no longer kept."""
    (message,) = parcel.messages
    held = holding(message)
    return tuple(one for one in held if one.alert_id in parcel.alert_ids) or held


def taken_from(message: Message, new: tuple[PublishedAlert, ...]) -> Intent | None:
    """Return what the case was about until `new` made it churn; None if that is not what `new` did."""
    before = [one for one in message.alerts if one not in new]
    if not before or lead(before).intent is Intent.CHURN or lead(new).intent is not Intent.CHURN:
        return None
    return lead(before).intent


def owner_of(message: Message) -> str:
    """Return who acknowledged first, empty for nobody."""
    return next((deed.by for deed in message.deeds if deed.action is Action.ACKNOWLEDGE), "")


def is_owned(message: Message) -> bool:
    """Tell whether somebody acknowledged."""
    return any(deed.action is Action.ACKNOWLEDGE for deed in message.deeds)


def times_today(message: Message, now: Micros, zone: ZoneInfo) -> int:
    """Return how often something was seen on the reader's day, told or held back."""
    today = local(now, zone).date()
    moments = (*(one.occurred_at for one in message.alerts), *message.again)
    return sum(local(at, zone).date() == today for at in moments)
