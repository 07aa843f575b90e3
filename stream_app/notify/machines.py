"""The two pure machines as the worker sees them, and how it gets new ones."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from msgspec import Struct, field

from stream_app.core.alerts import AccountView, PublishedAlert, Resolution, Suppressed
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.notify.erasing import Erased
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.message import Stage
from stream_app.core.notify.orders import Order
from stream_app.core.notify.parcels import Outcome, Parcel
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routing import Target

Change: TypeAlias = tuple[bytes, bytes | None]
"""A changelog record; None deletes."""


class Said(Protocol):
    """What follows from something read."""

    @property
    def orders(self) -> tuple[tuple[Target, Order], ...]:
        """What desks are told."""

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Fates that need no desk."""


class Cases(Protocol):
    """The cases of the accounts of one partition."""

    def follow(self, rules: NotifyRules) -> None:
        """Go by these rules from now on."""

    def load(self, account: str, value: bytes) -> None:
        """Take back what `changes` gave."""

    def alert(self, alert: PublishedAlert, now: Micros) -> Said:
        """Take an alert."""

    def resolved(self, resolution: Resolution, now: Micros) -> Said:
        """Take that an alert is over."""

    def viewed(self, view: AccountView, now: Micros) -> Said:
        """Take that somebody of an account looked at a page that concerns all of it."""

    def held_back(self, fate: Suppressed, now: Micros) -> Said:
        """Take a match that detect held back."""

    def acted(self, feedback: Feedback, now: Micros) -> Said:
        """Take what somebody did with a message."""

    def erase(self, erasures: Erasures) -> None:
        """Forget these people."""

    def forget(self, now: Micros) -> None:
        """Drop what is over."""

    def changes(self) -> list[Change]:
        """Return the changelog records since last asked."""


class Desk(Protocol):
    """All that is to be said at one target."""

    def follow(self, rules: NotifyRules) -> None:
        """Go by these rules from now on."""

    def load(self, case_id: str, value: bytes) -> None:
        """Take back what `changes` gave."""

    def take(self, order: Order, now: Micros) -> None:
        """Take an order."""

    def next(self, now: Micros) -> Parcel | None:
        """Return what is to be said now, which is on its way from then on."""

    def settle(self, parcel: Parcel, outcome: Outcome, now: Micros) -> None:
        """Take what came of a parcel."""

    def erase(self, erasures: Erasures, now: Micros) -> Erased:
        """Forget these people, and overwrite what stands of them."""

    def wake_at(self, now: Micros) -> Micros | None:
        """Return when `next` should be asked again; None: after a `take` only."""

    def deliveries(self) -> list[Delivery]:
        """Return the fates since last asked."""

    def orders(self) -> list[tuple[Target, Order]]:
        """Return what other desks are told, since last asked."""

    def changes(self) -> list[Change]:
        """Return the changelog records since last asked."""

    def counts(self) -> Mapping[Stage, int]:
        """Return how many messages there are in each stage."""

    def oldest_waiting(self, now: Micros) -> Micros | None:
        """Return since when something has been due that was not said yet; None: nothing is."""


class Machines(Struct, frozen=True, kw_only=True):
    """Where new machines come from, and who was erased, which they all ask."""

    cases: Callable[[], Cases]
    desk: Callable[[Target], Desk]
    erasures: Erasures = field(default_factory=Erasures)
