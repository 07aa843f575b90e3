"""What is known of the people who are asked about: what they did, what was found, and who was told."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from stream_app.core.alerts import PublishedAlert, Resolution, Suppressed
from stream_app.core.audience import IgnoredReason
from stream_app.core.events import CustomerProfile, Interaction, Micros, PageView, Purchase
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.feedback import Feedback
from stream_app.core.pages import Page
from stream_app.core.pipeline import Verdict
from stream_app.core.routing import Target
from stream_app.core.state import CustomerState
from stream_app.explain.ahead import Want

Deed: TypeAlias = PageView | Purchase | CustomerProfile | Interaction


class About(StrEnum):
    """What the name that was asked for is."""

    CUSTOMER = "customer"
    ACCOUNT = "account"


class Happened(Struct, frozen=True, kw_only=True):
    """An event of a person and what became of it; `page` is that of a view, its URL fit to be shown."""

    event: Deed
    verdict: Verdict
    ignored: IgnoredReason | None = None
    page: Page | None = None


class Waiting(Struct, frozen=True, kw_only=True):
    """An alert that somebody is still to be told of; `parked`: why the sink refused it for good."""

    alert_id: str
    target: Target
    at: Micros | None
    in_digest: bool = False
    parked: str = ""


class Person(Struct, frozen=True, kw_only=True):
    """A customer: what they did, by time, what is remembered of them, and what rules wanted beside, by time."""

    customer_id: str
    happened: tuple[Happened, ...]
    state: CustomerState
    wanted: tuple[Want, ...] = ()


class Said(Struct, frozen=True, kw_only=True):
    """What was found and said of people; each by time."""

    alerts: tuple[PublishedAlert, ...] = ()
    held: tuple[Suppressed, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    feedback: tuple[Feedback, ...] = ()


class Story(Struct, frozen=True, kw_only=True):
    """All of it, as of `now`. `anonymous` are views of the account by nobody known; `erased`: at their wish."""

    sought: str
    about: About
    now: Micros
    people: tuple[Person, ...]
    said: Said
    anonymous: int = 0
    erased: bool = False

    @property
    def known(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.people)
