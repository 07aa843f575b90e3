"""Where what a partition came to is written: to Kafka, or in a dry run nowhere."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from stream_app.codec.notify import delivery_key, encode_delivery, encode_order
from stream_app.core.notify.fates import Delivery
from stream_app.core.notify.keys import target_key
from stream_app.core.notify.orders import Order
from stream_app.core.routing import Target
from stream_app.notify.changelog import Changelog
from stream_app.notify.machines import Change
from stream_app.notify.topics import Topics
from stream_app.outbox import Outbox, Record


class Spoken(Struct, frozen=True, kw_only=True):
    """What others must hear before what it comes from is forgotten."""

    orders: Sequence[tuple[Target, Order]]
    deliveries: Sequence[Delivery]
    dead_letters: Sequence[Record]

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.orders or self.deliveries or self.dead_letters)


class Ledger(Protocol):
    """Both return when Kafka has acknowledged, and raise KafkaError if it does not."""

    async def say(self, spoken: Spoken) -> None:
        """Write what others hear."""

    async def keep(self, changes: Sequence[Change], positions: Mapping[str, int]) -> None:
        """Write what the partition is restored from, all or nothing."""


class KafkaLedger:
    """One partition's; the outbox is its own, so that nobody else's records are waited for."""

    def __init__(self, outbox: Outbox, topics: Topics, changelog: Changelog) -> None:
        self._outbox = outbox
        self._topics = topics
        self.keep = changelog.write

    async def say(self, spoken: Spoken) -> None:
        """Write orders, deliveries and dead letters."""
        for target, order in spoken.orders:
            self._outbox.add(self._topics.queue, target_key(target), encode_order(order))
        for delivery in spoken.deliveries:
            self._outbox.add(self._topics.deliveries, delivery_key(delivery), encode_delivery(delivery))
        for key_of_letter, letter in spoken.dead_letters:
            self._outbox.add(self._topics.dead_letters, key_of_letter, letter or b"")
        await self._outbox.flush()
        await self._outbox.drain()


class DryLedger:
    """Writes nothing: orders go straight to the desks of this process."""

    def __init__(self, pass_on: Callable[[Target, Order], None]) -> None:
        self._pass_on = pass_on

    async def say(self, spoken: Spoken) -> None:
        """Pass orders on."""
        for target, order in spoken.orders:
            self._pass_on(target, order)

    async def keep(self, changes: Sequence[Change], positions: Mapping[str, int]) -> None:
        """Keep nothing."""
