"""One partition: its accounts and desks, what they have to say, and up to where its sources are read."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

import structlog

from stream_app.core.erasure import Erasures
from stream_app.core.events import HOUR, Micros
from stream_app.core.notify.erased import unsent
from stream_app.core.notify.fates import Delivery, FateReason
from stream_app.core.notify.keys import ACCOUNT, desk_of
from stream_app.core.notify.orders import Order
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routing import Target
from stream_app.formats.errors import DeadLetterReason
from stream_app.notify.changelog import Kept
from stream_app.notify.clock import Clock
from stream_app.notify.ledger import Ledger, Spoken
from stream_app.notify.machines import Change, Desk, Machines, Said
from stream_app.notify.metrics import NotifyMetrics
from stream_app.outbox import Record

log = structlog.get_logger(__name__)

GRACE = 5.0
"""Seconds that a send under way is waited for when the partition is let go."""


class Seat:
    """A desk at work.

    `sending`: a sink has a parcel in hand; `recalled`: the one that is on its way shows somebody who was erased since;
    `free_at`: not to speak before, for its pace.
    """

    def __init__(self, target: Target, desk: Desk) -> None:
        self.target = target
        self.desk = desk
        self.news = asyncio.Event()
        self.sending = False
        self.recalled = False
        self.free_at: Micros = 0
        self.task: asyncio.Task[None] | None = None


class Partition:
    """Machines are changed at any time, without waiting between; `save` makes durable what they came to.

    Each save takes all that has changed at one moment together with the positions of that moment, so that what is
    restored is always a state that was.
    """

    def __init__(
        self,
        *,
        machines: Machines,
        ledger: Ledger,
        clock: Clock,
        metrics: NotifyMetrics,
        work: Callable[["Partition", Seat], Coroutine[Any, Any, None]],
        failed: Callable[[BaseException], None],
    ) -> None:
        self.cases = machines.cases()
        self.seats: dict[Target, Seat] = {}
        self.positions: dict[str, int] = {}
        self.closing = False  # no desk begins anything new
        self.too_old = 0  # alerts that nobody was told of when they were read
        self._machines = machines
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._work = work
        self._failed = failed
        self._orders: list[tuple[Target, Order]] = []
        self._deliveries: list[Delivery] = []
        self._dead_letters: list[Record] = []
        self._touched: dict[Target, Seat] = {}
        self._kept: dict[str, int] = {}
        self._writing = asyncio.Lock()
        self._failure: BaseException | None = None
        self._open = False  # between `start` and `stop`
        self._forgetting: asyncio.Task[None] | None = None

    def load(self, kept: Kept) -> None:
        """Take back what the changelog says."""
        for key, value in kept.records.items():
            if key.startswith(ACCOUNT):
                self.cases.load(key.removeprefix(ACCOUNT).decode(), value)
            else:
                target, case_id = desk_of(key)
                self._seat(target).desk.load(case_id, value)
        self._kept = dict(kept.positions)

    def follow(self, machines: Machines, rules: NotifyRules) -> None:
        """Go by these rules from now on, between two steps."""
        self._machines = machines
        self.cases.follow(rules)
        for seat in self.seats.values():
            seat.desk.follow(rules)
            seat.news.set()

    def start(self) -> None:
        """Let the desks work."""
        self._open = True
        self._forgetting = self._begun(self._forget())
        for seat in self.seats.values():
            seat.task = self._begun(self._work(self, seat))

    def hear(self, said: Said) -> None:
        """Take what the accounts came to."""
        self._orders += said.orders
        self._deliveries += said.deliveries
        self.too_old += len({each.alert_id for each in said.deliveries if each.reason is FateReason.TOO_OLD})

    def take(self, target: Target, order: Order) -> None:
        """Give an order to a desk, a new one if need be."""
        self._give(self._seat(target), order)

    def take_all(self, order: Order) -> None:
        """Give an order to every desk there is."""
        for seat in self.seats.values():
            self._give(seat, order)

    def erase(self, erasures: Erasures, positions: Mapping[str, int]) -> None:
        """Forget these people; `positions`: up to where it is known who was erased."""
        self.positions.update(positions)
        if not erasures:
            return
        now = self._clock.now()
        self.cases.erase(erasures)
        self._orders, self._deliveries = unsent(self._orders, self._deliveries, erasures, now)
        alerts = left = 0
        for seat in self.seats.values():
            done = seat.desk.erase(erasures, now)
            alerts, left, seat.recalled = alerts + done.alerts, left + done.left, done.recalled
            self.touch(seat)
            seat.news.set()
        log.info("people were erased", people=len(erasures), alerts=alerts, messages_that_cannot_be_edited=left)

    def dead_letter(self, reason: DeadLetterReason, key: bytes, letter: bytes) -> None:
        """Take what could not be read, and why."""
        self._dead_letters.append((key, letter))
        self._metrics.dead_letters.labels(reason).inc()

    def touch(self, seat: Seat) -> None:
        """Note that a desk may have changed."""
        self._touched[seat.target] = seat

    async def save(self) -> None:
        """Return when all that has changed until now is acknowledged; a cancelled caller does not stop it.

        Raises:
            KafkaError, ForeignWriteError: it cannot be; from then on nothing is, and the worker must end.
        """
        await asyncio.shield(asyncio.ensure_future(self._save()))

    async def stop(self) -> None:
        """Let sends under way end, for a while, and keep what came of them."""
        self.closing = True
        for task in self._tasks(lambda seat: not seat.sending):
            task.cancel()
        if sending := self._tasks(lambda seat: seat.sending):
            await asyncio.wait(sending, timeout=GRACE)
        await self._end_tasks()
        await self.save()
        self._open = False

    async def abandon(self) -> None:
        """End without keeping anything."""
        self._open = False
        await self._end_tasks()

    async def _save(self) -> None:
        async with self._writing:
            if self._failure is not None:
                raise self._failure  # what is missing since then must not be skipped
            if not self._open:
                return
            try:
                await self._write()
            except BaseException as error:
                self._failure = error
                raise

    async def _write(self) -> None:
        changes, positions = self._changes(), dict(self.positions)  # first: machines speak while they are asked
        spoken = self._spoken()
        if spoken:
            await self._ledger.say(spoken)
        if changes or positions != self._kept:
            await self._ledger.keep(changes, positions)
        self._kept = positions
        for delivery in spoken.deliveries:
            self._metrics.deliveries.labels(delivery.fate).inc()

    def _changes(self) -> list[Change]:
        touched, self._touched = self._touched, {}
        changes = self.cases.changes()
        for seat in touched.values():
            self._orders += seat.desk.orders()
            self._deliveries += seat.desk.deliveries()
            changes += seat.desk.changes()
        return changes

    def _spoken(self) -> Spoken:
        spoken = Spoken(orders=self._orders, deliveries=self._deliveries, dead_letters=self._dead_letters)
        self._orders, self._deliveries, self._dead_letters = [], [], []
        return spoken

    def _seat(self, target: Target) -> Seat:
        seat = self.seats.get(target)
        if seat is None:
            seat = self.seats[target] = Seat(target, self._machines.desk(target))
            if self._open:
                seat.task = self._begun(self._work(self, seat))
        return seat

    def _give(self, seat: Seat, order: Order) -> None:
        seat.desk.take(order, self._clock.now())
        self.touch(seat)
        seat.news.set()

    async def _forget(self) -> None:
        while True:
            self.cases.forget(self._clock.now())
            await self.save()
            await self._clock.sleep_until(self._clock.now() + HOUR, asyncio.Event())

    def _begun(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    def _tasks(self, which: Callable[[Seat], bool]) -> list[asyncio.Task[None]]:
        return [seat.task for seat in self.seats.values() if seat.task is not None and which(seat)]

    async def _end_tasks(self) -> None:
        tasks: Iterable[asyncio.Task[None] | None] = [self._forgetting, *self._tasks(lambda _: True)]
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.gather(*filter(None, tasks), return_exceptions=True)
