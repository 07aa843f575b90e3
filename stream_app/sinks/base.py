"""What every sink is given, what it answers, and the two ways in which it can fail."""

from typing import Protocol

from msgspec import Struct

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Parcel
from stream_app.render.letters import Letter


class SinkError(Exception):
    """Not delivered, try again later. `retry_after`: seconds that the sink asked for; `unsure`: it may have arrived."""

    def __init__(self, why: str, *, retry_after: float | None = None, unsure: bool = False) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.unsure = unsure


class SinkRejected(Exception):
    """Not delivered, and trying the same again will not help: it is parked until somebody looks."""


class Envelope(Struct, frozen=True, kw_only=True):
    """One parcel with its text in the reader's language."""

    parcel: Parcel
    letter: Letter


class Sink(Protocol):
    """One kind of place. Errors never quote tokens, or addresses that hold them."""

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Say it, and return where it now stands if it is new, a reply too, and the sink tells.

        Raises:
            SinkError: not now.
            SinkRejected: not ever.
        """

    async def close(self) -> None:
        """Let go of connections."""
