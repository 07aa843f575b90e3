"""What comes before detect: the stages that rekey, and how far they are where detect must know.

An internal topic has ended when all that stood in its source by then has been rekeyed, and all of that was read: else
events of other topics would overtake what is still on its way.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from functools import partial

import mode
import structlog
from aiokafka.admin import AIOKafkaAdminClient
from faust.types import TP

from stream_app.metrics import Metrics
from stream_app.rekey.metrics import RekeyMetrics
from stream_app.rekey.positions import SourceRecreatedError
from stream_app.rekey.stage import Stage
from stream_app.settings import Settings
from stream_app.workers.stops import RecreatedError, or_end
from stream_app.workers.topic_ends import TopicEnds

log = structlog.get_logger(__name__)

MORE_TO_COME = 2**62
"""The end of a topic that is not filled yet."""

PATIENCE_SECONDS = 2.0  # less than who asks has: an answer that does not come would say that nobody can tell
LOOK_AGAIN_SECONDS = 0.02


class Upstream(mode.Service):
    """Runs a stage for each topic that is rekeyed, and tells where topics end; without any it only passes that on."""

    def __init__(self, settings: Settings, partitions: Mapping[str, int], ends: TopicEnds, metrics: Metrics) -> None:
        super().__init__()
        self.ends = ends
        self._options = settings.client_options()
        counts = RekeyMetrics(metrics.registry, settings.rekey)
        self._stages = [Stage(settings, topic, partitions, counts) for topic in settings.rekey]
        self._sources = {
            settings.topic(topic): [TP(settings.source(topic), n) for n in range(partitions[settings.source(topic)])]
            for topic in settings.rekey
        }
        self._admin: AIOKafkaAdminClient | None = None
        self._running: list[asyncio.Task[None]] = []

    @property
    def topics(self) -> frozenset[str]:
        """The internal topics, whose ends only this can tell."""
        return frozenset(self._sources)

    async def on_start(self) -> None:
        """Begin to rekey."""
        if self._stages:
            self._admin = AIOKafkaAdminClient(**self._options)
            await self._admin.start()
        self._running = [asyncio.create_task(or_end(partial(_run, stage))) for stage in self._stages]

    async def on_stop(self) -> None:
        """Give up what was not committed, and leave the groups."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._admin is not None:
            await self._admin.close()

    async def __call__(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Return the offsets that the next records will get; MORE_TO_COME where a source has not been gone through."""
        wanted = list(tps)
        behind = {topic for topic in {tp.topic for tp in wanted} & self.topics if not await self._is_through(topic)}
        ends = await self.ends(wanted)  # after that: what was rekeyed meanwhile has to be read
        return {tp: MORE_TO_COME if tp.topic in behind else end for tp, end in ends.items()}

    async def _is_through(self, topic: str) -> bool:
        """Wait a little until all is committed as rekeyed that stands in a source now; say whether it is."""
        wanted, deadline = await self.ends(self._sources[topic]), time.monotonic() + PATIENCE_SECONDS
        while missing := await self._missing(topic, wanted):
            if time.monotonic() > deadline:
                log.info("events wait for records that are not rekeyed yet", topic=topic, records=missing)
                return False
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return True

    async def _missing(self, group: str, wanted: Mapping[TP, int]) -> int:
        assert self._admin is not None, "asked before the start"
        committed = {TP(*tp): at.offset for tp, at in (await self._admin.list_consumer_group_offsets(group)).items()}
        return sum(max(0, end - max(0, committed.get(tp, 0))) for tp, end in wanted.items())


async def _run(stage: Stage) -> None:
    try:
        await stage.run()
    except SourceRecreatedError as error:
        raise RecreatedError(str(error)) from error
