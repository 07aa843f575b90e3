"""Every match with its one fate: an alert and who was told of it, or why it was held back."""

from collections import defaultdict
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from stream_app.core.alerts import PublishedAlert, Severity, Suppressed
from stream_app.core.events import MINUTE, CustomerProfile, Micros, Stage
from stream_app.core.notify.fates import Delivery, Fate
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routing import Target
from stream_app.explain.said import TELLING
from stream_app.explain.story import Said, Story, Waiting

AT_ONCE = MINUTE
"""What was told within this did not wait."""


class Delay(StrEnum):
    """Why somebody was not told sooner."""

    HOURS = "hours"
    QUIET = "quiet"
    DIGEST = "digest"
    BEHIND = "behind"


class Told(Struct, frozen=True, kw_only=True):
    """What became of an alert at a target, and what it waited for."""

    delivery: Delivery
    delay: Delay | None = None

    @property
    def reached(self) -> bool:
        """Whether somebody came to know."""
        return self.delivery.fate in TELLING


class Alerted(Struct, frozen=True, kw_only=True):
    """A match that became an alert."""

    alert: PublishedAlert
    told: tuple[Told, ...]
    waiting: tuple[Waiting, ...]

    @property
    def at(self) -> Micros:
        """When it happened."""
        return self.alert.occurred_at

    @property
    def latest(self) -> Micros:
        """When something came of it last; what waits is still to come."""
        later = (one.at for one in self.waiting if one.at is not None)
        return max((self.at, *(one.delivery.at for one in self.told), *later))

    @property
    def reached(self) -> bool:
        """Whether somebody came to know."""
        return any(one.reached for one in self.told)


class HeldBack(Struct, frozen=True, kw_only=True):
    """A match that did not; `earlier`: when what speaks for it had been said; `stage`: as the profile said then."""

    held: Suppressed
    earlier: Micros | None
    stage: Stage | None

    @property
    def at(self) -> Micros:
        """When it happened."""
        return self.held.occurred_at

    @property
    def latest(self) -> Micros:
        """The same: nothing comes of it later."""
        return self.at


Matched: TypeAlias = Alerted | HeldBack


def matches(story: Story, rules: NotifyRules) -> tuple[Matched, ...]:
    """Return every match, by time."""
    said = story.said
    told, waiting = defaultdict[str, list[Told]](list), defaultdict[str, list[Waiting]](list)
    found = {alert.alert_id: alert for alert in said.alerts}
    for delivery in said.deliveries:
        told[delivery.alert_id].append(Told(delivery=delivery, delay=_delay(delivery, found, rules)))
    for each in said.waiting:
        waiting[each.alert_id].append(each)
    alerted = (
        Alerted(alert=one, told=tuple(told[one.alert_id]), waiting=tuple(waiting[one.alert_id])) for one in said.alerts
    )
    held = (HeldBack(held=one, earlier=_earlier(one, said), stage=_stage(one, story)) for one in said.held)
    return tuple(sorted([*alerted, *held], key=lambda one: one.at))


def reader_of(target: Target, rules: NotifyRules) -> str:
    """Return the e-mail address of whom a target reaches; empty: a place."""
    return next((p.email for p in rules.people.values() if target.address in (p.slack, p.email, p.crm)), "")


def _earlier(held: Suppressed, said: Said) -> Micros | None:
    """Return when the same customer's alert of the same rule was made last before."""
    before = (
        one.occurred_at
        for one in said.alerts
        if one.rule_id == held.rule_id and one.customer_id == held.customer_id and one.occurred_at <= held.occurred_at
    )
    return max(before, default=None)


def _stage(held: Suppressed, story: Story) -> Stage | None:
    profiles = (
        one.event.profile
        for person in story.people
        if person.customer_id == held.customer_id
        for one in person.happened
        if isinstance(one.event, CustomerProfile) and one.event.occurred_at <= held.occurred_at
    )
    known = [profile for profile in profiles if profile is not None]
    return known[-1].stage if known else None


def _delay(delivery: Delivery, found: dict[str, PublishedAlert], rules: NotifyRules) -> Delay | None:
    alert = found[delivery.alert_id]
    start = alert.occurred_at if alert.detected_at is None else alert.detected_at
    if delivery.fate not in TELLING or delivery.at - start <= AT_ONCE:
        return None
    if delivery.fate is Fate.DIGESTED:
        return Delay.DIGEST
    hours = rules.hours(delivery.target, reader_of(delivery.target, rules))
    if not hours.is_open(start) or hours.next_open(start + rules.quiet_at_most) > start + rules.quiet_at_most:
        return Delay.HOURS
    held = alert.severity is not Severity.HIGH and delivery.at - start <= rules.quiet_at_most + AT_ONCE
    return Delay.QUIET if held else Delay.BEHIND
