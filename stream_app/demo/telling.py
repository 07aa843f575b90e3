"""The notify worker inside a demonstration: the real one, by the traffic's clock, with sinks that can be looked at."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Literal, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from stream_app.cluster import describe_topics
from stream_app.core.events import Micros
from stream_app.core.notify.fates import Fate
from stream_app.core.tuning import Feed
from stream_app.demo.clock import TrafficClock
from stream_app.demo.in_time import Underway, machines_in_time
from stream_app.demo.screen import Screen
from stream_app.demo.shown import shown_sinks
from stream_app.demo.traffic import Simulation
from stream_app.notify.composition import outlets_of, place_of
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.worker import Worker
from stream_app.settings import Settings
from stream_app.settings.people import PersonSettings
from stream_app.testing.simulator.people import OWNERS

ASK_SECONDS = 0.05
NAMES: Mapping[Literal["ja", "en"], str] = {"ja": "見本", "en": "Sample"}
"""What simulated customers' owners are called, with a number each."""


class Telling:
    """Tells on the screen, and for real where the settings know how; `async with Telling(...)`."""

    def __init__(self, settings: Settings, screen: Screen, first: Micros) -> None:
        self._underway = Underway()
        self.clock = TrafficClock(first, self._underway.none)
        self._settings = settings
        self._metrics = NotifyMetrics()
        self._sinks = shown_sinks(settings, screen, self.clock.now)
        self._stop = asyncio.Event()
        options = settings.client_options()
        self._consumer = AIOKafkaConsumer(**options, enable_auto_commit=False)
        self._admin = AIOKafkaAdminClient(**options)
        self._work: asyncio.Task[None] | None = None
        self._sources: list[TopicPartition] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin."""
        async with AsyncExitStack() as stack:
            for sink in {id(sink): sink for sink in self._sinks.values()}.values():
                stack.push_async_callback(sink.close)
            await self._consumer.start()
            stack.push_async_callback(self._consumer.stop)
            await self._admin.start()
            stack.push_async_callback(self._admin.close)
            worker = await self._worker()
            self._work = asyncio.create_task(worker.run(self._stop))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End; what waits, waits no longer."""
        self._stop.set()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self._stack.aclose()

    async def ended(self) -> None:
        """Wait for it to end by itself, which it should not; raises why."""
        assert self._work is not None, "not started"
        await self._work

    async def run_to(self, at: Micros) -> None:
        """Let the clock run to this time, once all that is on the topics now has been read."""
        await self._caught_up()
        await self.clock.run_to(at)
        await self._caught_up()  # what was said meanwhile to other desks

    async def run_out(self, reached: Micros) -> None:
        """Let the clock run to where nothing waits: everybody's next business day is over, with its digest."""
        closes = (each.business_days_after(reached, 1) for each in self._settings.calendars().values())
        await self.run_to(max(closes))

    def fates(self) -> Mapping[str, int]:
        """Return how many alerts met which fate."""
        count = self._metrics.registry.get_sample_value
        return {str(fate): int(count("cs_deliveries_total", {"fate": fate}) or 0) for fate in Fate}

    async def _worker(self) -> Worker:
        partitions = {state.spec.name: state.partitions for state in await describe_topics(self._settings)}
        place = place_of(self._settings, partitions)
        self._sources = [TopicPartition(each, n) for each in place.topics.sources for n in range(partitions[each])]
        outlets = outlets_of(self._settings, self._sinks, self.clock, self._metrics)
        machines = machines_in_time(self._settings.notify_rules(), self._underway, self.clock.attend)
        return Worker(place, machines, outlets, self.clock, self._metrics)

    async def _caught_up(self) -> None:
        while (ends := await self._consumer.end_offsets(self._sources)) != await self._read(ends):  # noqa: ASYNC110
            await asyncio.sleep(ASK_SECONDS)  # nobody tells us

    async def _read(self, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        committed = await self._admin.list_consumer_group_offsets(self._settings.notify.group)
        read = {place: found.offset for place, found in committed.items()}
        return {place: read.get(place, 0) for place in ends}


def with_team(settings: Settings, traffic: object) -> Settings:
    """Return the settings, for simulated traffic with those who own its customers, if they know nobody.

    In simulated traffic is all that may reach us, unless the settings say what does.
    """
    if not isinstance(traffic, Simulation):
        return settings
    if not settings.feeds:
        settings = settings.model_copy(update={"feeds": tuple(Feed)})
    if settings.people:
        return settings
    team = {
        owner: PersonSettings(name=f"{name} {number}", language=language)
        for language, name in NAMES.items()
        for number, owner in enumerate(OWNERS[language], 1)
    }
    return settings.model_copy(update={"people": team})
