"""The inbox as a process: started, served, stopped by a signal."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from msgspec import Struct

from stream_app import logs
from stream_app.cluster import CREATE, ClusterError, describe_topics
from stream_app.codec.erasures import ErasuresError
from stream_app.core.events import Micros
from stream_app.event_loop import new_event_loop
from stream_app.inbox.access import Access
from stream_app.inbox.acts import acting
from stream_app.inbox.hall import Hall
from stream_app.inbox.reading import READ, Reading
from stream_app.inbox.site import Site
from stream_app.notify.clock import SystemClock
from stream_app.notify.composition import place_of
from stream_app.progress import Progress, bar, silently
from stream_app.settings import Settings
from stream_app.topics import OutputTopic
from stream_app.web import served

log = structlog.get_logger(__name__)


class Serving(Struct, frozen=True, kw_only=True):
    """An inbox that is served: where, and the work that ends only if it cannot go on."""

    address: str
    work: asyncio.Task[None]


def run(settings: Settings) -> int:
    """Serve until told to stop; return the exit code: 0, or 1 if it cannot start or go on. Raises ClusterError."""
    logs.set_up(settings)
    try:
        with bar(between_lines=True) as progress, asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(settings, progress))
    except (ErasuresError, OSError) as error:
        sys.stderr.write(f"stream-app inbox: {error}\n")
        return 1
    return 0


async def _serve(settings: Settings, progress: Progress) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(settings, SystemClock().now, progress) as inbox:
        sys.stdout.write(f"The inbox is at {inbox.address}\n")
        sys.stdout.flush()
        asked = asyncio.ensure_future(stop.wait())
        await asyncio.wait({asked, inbox.work}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if inbox.work.done():
            inbox.work.result()


@asynccontextmanager
async def serving(
    settings: Settings, now: Callable[[], Micros], progress: Progress = silently
) -> AsyncIterator[Serving]:
    """Serve for as long as the block runs, from the first moment on: until the topics are read it says how far it is.

    Raises ClusterError, and OSError if the port is taken.
    """
    partitions = await _partitions(settings)
    hall = Hall(settings, now, began_at=time.time_ns() // 1_000_000)
    reading = Reading(settings, partitions, hall.cases, progress)
    access = Access(settings.inbox, hall.desk.rules.people)
    async with acting(place_of(settings, partitions), now) as acts:
        site = Site(hall, access, acts, reading)
        async with served(site.app(), settings.inbox.host, settings.inbox.port) as address:
            work = asyncio.create_task(reading.run(hall))
            try:
                yield Serving(address=address, work=work)
            finally:
                hall.stories.stop()
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)


async def _partitions(settings: Settings) -> Mapping[str, int]:
    found = {state.spec.name: state.partitions for state in await describe_topics(settings)}
    wanted = [settings.topic(topic) for topic in (*READ, OutputTopic.ERASURES)]
    if missing := [name for name in wanted if not found[name]]:
        raise ClusterError(f"{', '.join(missing)}: missing; {CREATE}")
    return found
