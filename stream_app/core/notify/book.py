"""What a desk keeps beside its messages: the pushes and the digest of the day, and the parcel that is on its way."""

from msgspec import Struct
from msgspec.structs import replace

from stream_app.core.events import Micros
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Failed, Kind

LONGEST_PAUSE = 300
"""Seconds between two tries at most, unless the sink asks for more."""


class OnWay(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A parcel that was given out and has no outcome yet. `unsure`: it may have arrived."""

    id: str
    kind: Kind
    case_ids: tuple[str, ...]
    alert_ids: tuple[str, ...] = ()
    place: Place | None = None
    unsure: bool = False
    recalled: bool = False  # it shows somebody who was erased since


class Book(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One desk's. `day` is the reader's date that `pushed` is of: person → accounts that used up budget."""

    day: str = ""
    pushed: dict[str, tuple[str, ...]] = {}
    digest_day: str = ""
    on_way: OnWay | None = None
    failures: int = 0
    retry_at: Micros | None = None
    why: str = ""

    def sending(self, on_way: OnWay) -> "Book":
        """Return the book with a parcel on its way."""
        return replace(self, on_way=on_way, failures=0, retry_at=None, why="")

    def arrived(self) -> "Book":
        """Return the book with nothing on its way."""
        return replace(self, on_way=None, failures=0, retry_at=None, why="")

    def failed(self, failed: Failed, now: Micros) -> "Book":
        """Return the book with when the parcel is tried again: later each time."""
        assert self.on_way is not None
        unsure = self.on_way.unsure or failed.unsure
        pause = min(1 << min(self.failures, 20), LONGEST_PAUSE) * 1_000_000
        return replace(
            self,
            on_way=replace(self.on_way, unsure=unsure, recalled=self.on_way.recalled and unsure),
            failures=self.failures + 1,
            retry_at=failed.retry_at if failed.retry_at is not None else now + pause,
            why=failed.why,
        )

    def used(self, day: str, person: str, account: str) -> "Book":
        """Return the book with one account more that this person was pushed on this day."""
        pushed = self.pushed if day == self.day else {}
        accounts = pushed.get(person, ())
        if account not in accounts:
            accounts = (*accounts, account)
        return replace(self, day=day, pushed={**pushed, person: accounts})

    def accounts(self, day: str, person: str) -> tuple[str, ...]:
        """Return which accounts this person was pushed on this day."""
        return self.pushed.get(person, ()) if day == self.day else ()
