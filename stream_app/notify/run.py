"""The notify worker as a process: started, served, stopped by a signal, ended by what it cannot mend."""

import asyncio
import errno
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import partial
from typing import Any, TypeAlias

import structlog

from stream_app import logs, web
from stream_app.cluster import ClusterError, Problem, describe_topics, problems
from stream_app.codec.erasures import ErasuresError
from stream_app.core.erasure import Erasures
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import Sink as Kind
from stream_app.event_loop import new_event_loop
from stream_app.notify.changelog import ChangelogError
from stream_app.notify.clock import SystemClock
from stream_app.notify.composition import consoles, machines_of, outlets_of, place_of, sinks_of
from stream_app.notify.dry import DryRun
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.renewal import Renewal
from stream_app.notify.verdicts import verdicts_measured
from stream_app.notify.worker import Worker
from stream_app.reloads import ReloadMetrics, Reloads, bide
from stream_app.settings import Settings, Source
from stream_app.sinks.base import Sink
from stream_app.topics import Worker as WorkerName

Make: TypeAlias = Callable[[Settings], Mapping[Kind, Sink]]

log = structlog.get_logger(__name__)

FAILED = 1
BROKEN = 70
"""Exit code of a worker that could not go on; what it had read is read again."""

_PORTS = "; of several workers on one machine each needs its own [notify] port (0: any) and [slack] port"


def run(settings: Settings, dry_run: bool = False, source: Source | None = None) -> int:
    """Run the worker until it is told to stop; return an exit code.

    `source`: where the settings came from, and what has changed there is taken over from; not for a dry run.
    """
    logs.set_up(settings)
    make = partial(consoles if dry_run else sinks_of, clock=SystemClock())
    return run_with(settings, make, dry_run, None if dry_run else source)


def run_with(settings: Settings, make: Make, dry_run: bool = False, source: Source | None = None) -> int:
    """Do the same with the sinks that are made of settings; SettingsError for those without credentials."""
    sinks = make(settings)
    if source is not None:
        bide()
    try:
        found, partitions = asyncio.run(_look_at_topics(settings))
    except ClusterError as error:
        log.error("the worker cannot start", error=str(error))
        return FAILED
    for problem in found:
        (log.error if problem.fatal else log.warning)("a topic is not as it should be", problem=str(problem))
    if any(problem.fatal for problem in found):
        return FAILED
    log.info("notify starts", group=settings.notify.group, dry_run=dry_run)
    code = _ended(_serve(settings, partitions, sinks, make, source, dry_run))
    log.info("notify has stopped", exit_code=code)
    return code


async def _look_at_topics(settings: Settings) -> tuple[list[Problem], dict[str, int]]:
    states = await describe_topics(settings)
    return problems(states, settings, WorkerName.NOTIFY), {state.spec.name: state.partitions for state in states}


def _ended(work: Coroutine[Any, Any, None]) -> int:
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(work)
    except (ChangelogError, ErasuresError, OSError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        log.error("the worker cannot go on", error=f"{error}{_PORTS if taken else ''}")
        return FAILED
    except Exception:
        log.exception("the worker cannot go on; what was read and not kept is read again")
        return BROKEN
    return 0


async def _serve(
    settings: Settings,
    partitions: Mapping[str, int],
    sinks: Mapping[Kind, Sink],
    make: Make,
    source: Source | None,
    dry_run: bool,
) -> None:
    stop, clock, metrics, place = asyncio.Event(), SystemClock(), NotifyMetrics(), place_of(settings, partitions)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    outlets, erasures = outlets_of(settings, sinks, clock, metrics), Erasures()
    machines = machines_of(settings.notify_rules(), erasures)
    worker = (DryRun if dry_run else Worker)(place, machines, outlets, clock, metrics)

    def follow(rules: NotifyRules) -> None:
        worker.follow(machines_of(rules, erasures), rules)

    renewal = Renewal(settings, place, outlets, follow=follow, make=make, clock=clock, metrics=metrics)
    reloads = (
        Reloads(WorkerName.NOTIFY, source, settings, renewal.take, ReloadMetrics(metrics.registry)) if source else None
    )
    try:
        port = 0 if dry_run else settings.notify.port  # a dry run may go on beside the worker
        async with web.serve(
            settings,
            metrics.registry,
            readyz=lambda: worker.ready,
            port=port,
            token=lambda: (reloads.settings if reloads else settings).web.token.get_secret_value(),
        ) as address:
            log.info("metrics and probes are served", address=address)
            if not dry_run:
                await renewal.hear()
            measured = nullcontext() if dry_run else verdicts_measured(place, metrics, clock)
            async with measured, _followed(reloads, stop):
                await worker.run(stop)
    finally:
        await renewal.close()


@asynccontextmanager
async def _followed(reloads: Reloads | None, stop: asyncio.Event) -> AsyncIterator[None]:
    """Take over what changes for as long as the block runs, which is stopped if that is not possible any more."""
    if reloads is None:
        yield
        return
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloads.ask)
    following = asyncio.ensure_future(reloads.run())
    following.add_done_callback(lambda _: stop.set())
    yield
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
