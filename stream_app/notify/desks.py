"""Desks at work: a task for each, which says one parcel after the other, and what stands between it and its sink."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

import structlog

from stream_app.core.events import MINUTE, SECOND, Micros
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Failed, Outcome, Parcel, Refused, Sent
from stream_app.core.notify.parcels import Kind as Parcels
from stream_app.core.routes import Sink as Kind
from stream_app.notify.breaker import Breaker
from stream_app.notify.clock import Clock
from stream_app.notify.metrics import AttemptOutcome, NotifyMetrics
from stream_app.notify.partition import Partition, Seat
from stream_app.sinks.base import Envelope, Sink, SinkError, SinkRejected

log = structlog.get_logger(__name__)

ANSWERS_WITHIN = 60.0
"""Seconds after which a sink is given up that has no patience of its own."""

LONGEST_RETRY_AFTER = 15 * MINUTE
SHORTEST_RETRY_AFTER = SECOND
"""A sink that fails and asks for less would be asked without a pause: it is left alone as if it had said nothing."""

PACE: Mapping[Kind, Micros] = {Kind.SLACK: SECOND}
"""Between two parcels for one target."""

Say: TypeAlias = Callable[[Parcel, Micros], Envelope]
_OUTCOMES = {Sent: AttemptOutcome.SENT, Failed: AttemptOutcome.FAILED, Refused: AttemptOutcome.REFUSED}


class Outlet:
    """One kind of sink with its circuit; whatever the sink does, its answer is an outcome.

    `one_place`: all its targets are one, as behind an incoming webhook, and keep its pace together.
    """

    def __init__(
        self, kind: Kind, sink: Sink, say: Say, clock: Clock, metrics: NotifyMetrics, *, one_place: bool = False
    ) -> None:
        self.kind = kind
        self.breaker = Breaker()
        self._free_at: Micros = 0
        self._use(sink, say, one_place)
        self._at_work: Counter[Sink] = Counter()  # parcels in the hands of a sink
        self._clock = clock
        self._metrics = metrics

    @property
    def sink(self) -> Sink:
        """What it uses now."""
        return self._sink

    async def renew(self, sink: Sink, say: Say, *, one_place: bool = False) -> None:
        """Go on with this sink, which may be the same; another one lets go when it has done what it has in hand."""
        before = self._sink
        self._use(sink, say, one_place)
        await self._let_go(before)

    async def close(self) -> None:
        """Let go of connections."""
        await self._sink.close()

    def _use(self, sink: Sink, say: Say, one_place: bool) -> None:
        self._sink = sink
        self._say = say
        self._pace = PACE.get(self.kind, 0) if one_place else 0

    async def _let_go(self, sink: Sink) -> None:
        if sink is not self._sink and not self._at_work[sink]:
            await sink.close()

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Say a parcel, and return what came of it."""
        if self._pace:
            turn = max(self._clock.now(), self._free_at)
            self._free_at = turn + self._pace
            await self._clock.sleep_until(turn, asyncio.Event())
        self.breaker.trying(self._clock.now())
        outcome = await self._delivered(parcel)
        self._metrics.attempts.labels(self.kind, _OUTCOMES[type(outcome)]).inc()
        self._metrics.circuit_open.labels(self.kind).set(self.breaker.is_open)
        return outcome

    async def _delivered(self, parcel: Parcel) -> Outcome:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                place = await self._handed(self._say(parcel, self._clock.now()))
        except SinkError as error:
            return self._failed(error)
        except TimeoutError:
            return self._failed(SinkError("no answer in time", unsure=True))
        except SinkRejected as error:
            self.breaker.answered()
            return Refused(why=str(error))
        except Exception as error:
            self.breaker.answered()  # it is this parcel, as far as we know: others must not wait for it
            log.exception("a parcel cannot be said", sink=self.kind, parcel=parcel.id, kind=parcel.kind)
            return Refused(why=type(error).__name__)
        self.breaker.answered()
        return Sent(place=place)

    async def _handed(self, envelope: Envelope) -> Place | None:
        sink = self._sink
        self._at_work[sink] += 1
        try:
            return await sink.deliver(envelope)
        finally:
            self._at_work[sink] -= 1
            await self._let_go(sink)

    def _failed(self, error: SinkError) -> Failed:
        now = self._clock.now()
        log.warning("not delivered, is tried again", sink=self.kind, why=str(error), unsure=error.unsure)
        span = min(LONGEST_RETRY_AFTER, int((error.retry_after or 0) * SECOND))
        if span < SHORTEST_RETRY_AFTER:
            self.breaker.failed(now)
            return Failed(why=str(error), unsure=error.unsure)
        self.breaker.answered()  # it told us to wait: a matter of this target, not of the sink
        return Failed(why=str(error), retry_at=now + span, unsure=error.unsure)


class Desks:
    """What every desk's task does."""

    def __init__(self, outlets: Mapping[Kind, Outlet], clock: Clock, metrics: NotifyMetrics) -> None:
        self._outlets = outlets
        self._clock = clock
        self._metrics = metrics

    async def work(self, partition: Partition, seat: Seat) -> None:
        """Say what a desk has to say, whenever it is time, until the partition is let go."""
        while not partition.closing:
            seat.news.clear()
            if not await self._may_speak(seat):
                continue
            parcel = seat.desk.next(self._clock.now())
            partition.touch(seat)
            if parcel is None:
                await partition.save()
                await self._clock.sleep_until(seat.desk.wake_at(self._clock.now()), seat.news)
            else:
                await self._tell(partition, seat, parcel)

    async def _may_speak(self, seat: Seat) -> bool:
        """Tell whether a desk may go on at once; else return when it is time to ask again."""
        now = self._clock.now()
        outlet = self._outlets.get(seat.target.sink)
        if outlet is not None and (at := outlet.breaker.opens_at(now)) > now:
            await self._clock.sleep_until(at, outlet.breaker.works)
            return False
        if seat.free_at > now:
            await self._clock.sleep_until(seat.free_at, asyncio.Event())
            return False
        return True

    async def _tell(self, partition: Partition, seat: Seat, parcel: Parcel) -> None:
        outcome: Outcome = Failed(why="the worker ended")
        try:
            seat.recalled = False
            await partition.save()  # that it is on its way
            if seat.recalled:  # meanwhile: it is made anew, without them
                outcome = Failed(why="somebody was erased", retry_at=self._clock.now())
            else:
                seat.sending, outcome = True, Failed(why="the worker ended", unsure=True)
                outcome = await self._deliver(parcel)
        finally:
            seat.sending = False
            seat.free_at = self._clock.now() + PACE.get(seat.target.sink, 0)
            seat.desk.settle(parcel, outcome, self._clock.now())
            partition.touch(seat)
        if isinstance(outcome, Sent):
            self._observe(parcel)
        if isinstance(outcome, Refused) and parcel.kind is Parcels.ERASE:
            log.warning("a text of somebody who was erased stays: the sink does not edit it", sink=parcel.target.sink)
        await partition.save()

    async def _deliver(self, parcel: Parcel) -> Outcome:
        outlet = self._outlets.get(parcel.target.sink)
        if outlet is None:
            return Refused(why=f"no settings for {parcel.target.sink}")
        return await outlet.deliver(parcel)

    def _observe(self, parcel: Parcel) -> None:
        now, first = self._clock.now(), set(parcel.alert_ids)
        for alert in (alert for message in parcel.messages for alert in message.alerts):
            if alert.alert_id in first and alert.detected_at is not None:
                self._metrics.delivery.labels(parcel.target.sink).observe(max(0, now - alert.detected_at) / SECOND)
