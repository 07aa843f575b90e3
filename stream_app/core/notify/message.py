"""An open message: one per target and case, and all that its target's desk knows of it."""

from collections.abc import Collection
from enum import StrEnum

from msgspec import Struct

from stream_app.core.alerts import Intent, PublishedAlert, Severity
from stream_app.core.events import Micros
from stream_app.core.notify.ends import End
from stream_app.core.notify.orders import Action
from stream_app.core.notify.together import Look, company
from stream_app.core.routing import Routing

MAX_SHOWN = 12
"""Alerts kept of one message, and"""
MAX_EVIDENCE = 15
"""pages kept of one alert: older ones are counted only, so that a message stays a record that Kafka takes."""
MAX_IDS = 200
MAX_AGAIN = 50
MAX_REPLIES = 50

RANK = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}
"""The first is the most severe."""


class Stage(StrEnum):
    """Where a message stands."""

    HELD = "held"  # until `send_at`
    DIGEST = "digest"  # for the next digest, at `send_at`
    OPEN = "open"  # told; later evidence joins it
    PARKED = "parked"  # the sink refused it for good
    DONE = "done"  # nothing more is said; kept so that repeats are known


class Place(Struct, frozen=True, kw_only=True):
    """Where a message stands in its sink. `shared`: in a bundle or digest, whose text is not this message's own."""

    channel: str = ""
    id: str = ""  # Slack: ts; a CRM: the record's id
    shared: bool = False


class Reply(Struct, frozen=True, kw_only=True):
    """What was said in a message's thread, and of which of its alerts: it may have to be overwritten."""

    place: Place
    alert_ids: tuple[str, ...]


class Todo(StrEnum):
    """What is still to be said of a message that was told, each at most once."""

    RAISE = "raise"  # in the thread, to everybody: more severe, or churn took over
    ADD = "add"  # in the thread: further evidence
    UPDATE = "update"  # the message itself is edited: no notification
    REMIND = "remind"  # in the thread, to the reader
    ESCALATE = "escalate"  # in the thread, where the second target is the first


class Deed(Struct, frozen=True, kw_only=True):
    """What somebody did with the message."""

    action: Action
    by: str
    at: Micros


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One case at one target. Times are the worker's clock, but for those of alerts, which are event time."""

    case_id: str
    routing: Routing
    account: str  # account id, the customer's where there is none
    stage: Stage
    first_at: Micros  # when the first alert came
    last_at: Micros  # when the last came, or the last that detect held back
    send_at: Micros | None = None  # of HELD and DIGEST: when it may go
    quiet_from: Micros | None = None  # of HELD: since when it waits to be pushed
    alerts: tuple[PublishedAlert, ...] = ()  # shown, oldest first, the last MAX_SHOWN
    ids: tuple[str, ...] = ()  # of all alerts ever told of the case here
    ends: tuple[End, ...] = ()  # of shown alerts that hold no more, which are struck out
    unsaid: tuple[str, ...] = ()  # ids of alerts that have no fate yet
    left_out: int = 0  # alerts that are only counted
    raised: tuple[str, ...] = ()  # ids of alerts that are one step more severe for others of the account
    rising: tuple[str, ...] = ()  # of these: said before that, and not again since
    looks: tuple[Look, ...] = ()  # of the account's people, by time
    again: tuple[Micros, ...] = ()  # when what detect held back happened, the last MAX_AGAIN
    match_ids: tuple[str, ...] = ()  # their ids: repeats are known
    told: Severity | None = None  # the highest severity that somebody was notified of; None: of nothing, or by a digest
    told_at: Micros | None = None
    took_over: bool = False  # churn took over since the last notification
    place: Place | None = None
    todo: tuple[Todo, ...] = ()
    said: int = 0  # parcels
    overflow: bool = False  # the budget of the day did not reach
    deeds: tuple[Deed, ...] = ()  # the first acknowledgement owns it
    contacted_at: Micros | None = None
    solved_at: Micros | None = None
    overtaken: bool = False  # another case of the account speaks for it
    snoozed_until: Micros | None = None
    remind_at: Micros | None = None
    escalate_at: Micros | None = None
    escalated_from: str = ""  # of whom: this message is an escalation
    refused: str = ""  # why it is parked
    replies: tuple[Reply, ...] = ()  # in its thread, the last MAX_REPLIES, where the sink tells where they stand
    erased: bool = False  # somebody whom it spoke of was erased
    wipe: tuple[Place, ...] = ()  # where something still stands of somebody who was erased

    @property
    def lead(self) -> PublishedAlert:
        """The alert that the heading speaks of: of those that hold churn before others, the most severe, the newest."""
        return max(
            self.live or self.alerts,
            key=lambda alert: (alert.intent is Intent.CHURN, -RANK[alert.severity], alert.occurred_at),
        )

    @property
    def live(self) -> tuple[PublishedAlert, ...]:
        """The alerts that hold still: neither replaced nor over."""
        ended = {end.alert_id for end in self.ends}
        return tuple(alert for alert in self.alerts if alert.alert_id not in ended)

    @property
    def news(self) -> tuple[str, ...]:
        """Ids of the alerts of which there is something to say."""
        return (*self.unsaid, *self.rising)

    @property
    def company(self) -> tuple[Look, ...]:
        """The looks that make alerts that hold still more severe, by time."""
        found = {look for alert in self.live if alert.alert_id in self.raised for look in self._beside(alert)}
        return tuple(look for look in self.looks if look in found)

    def named_with(self, looks: Collection[Look]) -> frozenset[str]:
        """Return the ids of shown alerts that were told with any of these looks."""
        raised = (alert for alert in self.alerts if alert.alert_id in self.raised)
        return frozenset(alert.alert_id for alert in raised if not {*self._beside(alert)}.isdisjoint(looks))

    def _beside(self, alert: PublishedAlert) -> tuple[Look, ...]:
        return company(self.looks, alert.occurred_at)

    @property
    def is_spared(self) -> bool:
        """Whether nothing was said of it because it makes no task."""
        return self.stage is Stage.DONE and bool(self.alerts)

    @property
    def owned_by(self) -> str:
        """Who took it on first; empty: nobody."""
        return next((deed.by for deed in self.deeds if deed.action is Action.ACKNOWLEDGE), "")

    @property
    def editable(self) -> bool:
        """Whether its text stands somewhere by itself."""
        return self.place is not None and not self.place.shared

    @property
    def over(self) -> bool:
        """Whether nothing joins it any more."""
        return self.stage is Stage.DONE or self.solved_at is not None or self.overtaken or not self.live
