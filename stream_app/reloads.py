"""Settings that are taken over while a worker runs: asked for by SIGHUP, or seen in the files that they come from."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import CollectorRegistry, Gauge

from stream_app.core.events import SECOND
from stream_app.playbooks import PlaybookError
from stream_app.settings import Settings, SettingsError, Source
from stream_app.settings.reloading import FIXED, TAKEN, changed, of_these
from stream_app.settings.source import Seen
from stream_app.topics import Worker

log = structlog.get_logger(__name__)


class ReloadMetrics:
    """Whether what stands in the files is what holds, in the names that Prometheus gives its own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._successful = Gauge(
            "cs_config_last_reload_successful",
            "1 if the settings that were read last hold, 0 if they cannot be used and those before hold on.",
            registry=registry,
        )
        self._at = Gauge(
            "cs_config_last_reload_success_timestamp_seconds",
            "When settings were last read that hold.",
            registry=registry,
        )
        self.succeeded()

    def succeeded(self) -> None:
        """Say that what was read holds."""
        self._successful.set(1)
        self._at.set(time.time())

    def failed(self) -> None:
        """Say that what was read cannot be used."""
        self._successful.set(0)


def bide() -> None:
    """Let nobody end this process by asking for a reload before it can be heeded."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class Reloads:
    """Keeps a worker's settings at what stands in the files; `take` is given those that differ, and may refuse them.

    What `take` raises as SettingsError or PlaybookError leaves everything as it was.
    """

    def __init__(
        self,
        worker: Worker,
        source: Source,
        settings: Settings,
        take: Callable[[Settings], Awaitable[None]],
        metrics: ReloadMetrics,
    ) -> None:
        self.settings = settings
        self._worker = worker
        self._source = source
        self._take = take
        self._metrics = metrics
        self._seen: Seen = {}  # a change between the first reading and the first look must not be missed
        self._looked: Seen = {}
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have everything read again soon, whether it changed or not."""
        self._asked.set()

    async def run(self) -> None:
        """Look for ever. Two looks must see the same: who writes a file may be in the middle of it."""
        while True:
            asked = await self._told_to()
            seen = await asyncio.to_thread(self._source.seen, self.settings)
            settled, self._looked = seen == self._looked, seen
            if asked or (settled and seen != self._seen):
                self._seen = seen  # of before it is read: what changes meanwhile is seen the next time
                await self.reload()

    async def _told_to(self) -> bool:
        """Return when it is time to look: True if somebody asked."""
        try:
            async with asyncio.timeout(self.settings.reload_interval / SECOND or None):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def reload(self) -> None:
        """Read everything, and take it over if it can be used."""
        try:
            settings = await asyncio.to_thread(self._source.load)
            different = changed(self.settings, settings)
            if fixed := of_these(different, FIXED[self._worker]):
                raise SettingsError(f"{', '.join(fixed)}: only a restart changes that")
            await self._take(settings)
        except (SettingsError, PlaybookError) as error:
            self._metrics.failed()
            log.error("the settings cannot be used; those from before hold on", problem=str(error))
            return
        self.settings = settings
        self._metrics.succeeded()
        log.info("the settings are read again", changed=of_these(different, TAKEN[self._worker]))
