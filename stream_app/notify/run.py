"""The notify worker as a process: started, served, stopped by a signal, ended by what it cannot mend."""

import asyncio
import errno
import signal
from collections.abc import Mapping
from contextlib import nullcontext

import structlog

from stream_app import logs, web
from stream_app.cluster import ClusterError, Problem, describe_topics, problems
from stream_app.codec.erasures import ErasuresError
from stream_app.core.routes import Sink as Kind
from stream_app.event_loop import new_event_loop
from stream_app.notify.changelog import ChangelogError
from stream_app.notify.clock import SystemClock
from stream_app.notify.composition import consoles, machines_of, outlets_of, place_of, sinks_of
from stream_app.notify.dry import DryRun
from stream_app.notify.hearing import heard_in_slack
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.verdicts import verdicts_measured
from stream_app.notify.worker import Worker
from stream_app.settings import Settings
from stream_app.sinks.base import Sink
from stream_app.topics import Worker as WorkerName

log = structlog.get_logger(__name__)

FAILED = 1
BROKEN = 70
"""Exit code of a worker that could not go on; what it had read is read again."""

_PORTS = "; of several workers on one machine each needs its own [notify] port (0: any) and [slack] port"


def run(settings: Settings, dry_run: bool = False) -> int:
    """Run the worker until it is told to stop; return an exit code."""
    logs.set_up(settings)
    clock = SystemClock()
    sinks = consoles(settings, clock) if dry_run else sinks_of(settings, clock)
    return run_with(settings, sinks, dry_run)


def run_with(settings: Settings, sinks: Mapping[Kind, Sink], dry_run: bool = False) -> int:
    """Do the same with these sinks."""
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
    code = _ended(settings, partitions, sinks, dry_run)
    log.info("notify has stopped", exit_code=code)
    return code


async def _look_at_topics(settings: Settings) -> tuple[list[Problem], dict[str, int]]:
    states = await describe_topics(settings)
    return problems(states, settings, WorkerName.NOTIFY), {state.spec.name: state.partitions for state in states}


def _ended(settings: Settings, partitions: Mapping[str, int], sinks: Mapping[Kind, Sink], dry_run: bool) -> int:
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(settings, partitions, sinks, dry_run))
    except (ChangelogError, ErasuresError, OSError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        log.error("the worker cannot go on", error=f"{error}{_PORTS if taken else ''}")
        return FAILED
    except Exception:
        log.exception("the worker cannot go on; what was read and not kept is read again")
        return BROKEN
    return 0


async def _serve(settings: Settings, partitions: Mapping[str, int], sinks: Mapping[Kind, Sink], dry_run: bool) -> None:
    stop, clock, metrics = asyncio.Event(), SystemClock(), NotifyMetrics()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    outlets = outlets_of(settings, sinks, clock, metrics)
    kind_of_worker = DryRun if dry_run else Worker
    place = place_of(settings, partitions)
    worker = kind_of_worker(place, machines_of(settings), outlets, clock, metrics)
    try:
        port = 0 if dry_run else settings.notify.port  # a dry run may go on beside the worker
        async with web.serve(
            settings, metrics.registry, livez=lambda: True, readyz=lambda: worker.ready, port=port
        ) as address:
            log.info("metrics and probes are served", address=address)
            heard = nullcontext() if dry_run else heard_in_slack(settings, place)
            measured = nullcontext() if dry_run else verdicts_measured(place, metrics, clock)
            async with heard, measured:
                await worker.run(stop)
    finally:
        for sink in set(sinks.values()):
            await sink.close()
