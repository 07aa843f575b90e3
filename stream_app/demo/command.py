"""`stream-app demo`: checks what was asked for, sets up and takes down."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from aiokafka.errors import KafkaError
from msgspec import Struct

from stream_app import logs
from stream_app.cluster import ClusterError
from stream_app.demo.play import BrokerEnded, Play, Show
from stream_app.demo.screen import Screen
from stream_app.demo.traffic import Simulation
from stream_app.demo.worker import WorkerEnded
from stream_app.inputs import Files
from stream_app.outputs import EXIT_NOBODY_READS, STDOUT, LineFile, OutputError, collision, leave_stdout
from stream_app.replay import EXIT_INTERRUPTED
from stream_app.report import Report, to_json
from stream_app.settings import Settings
from stream_app.settings.sections import Log
from stream_app.testing import EmbeddedKafka
from stream_app.testing.embedded_kafka import KafkaStartError
from stream_app.testing.kafka_runtime import KafkaUnavailable

EXIT_TERMINATED = 128 + 15  # as a shell reports SIGTERM

_FAILURES = (
    BrokerEnded,
    ClusterError,
    KafkaError,
    KafkaStartError,
    KafkaUnavailable,
    OSError,
    OutputError,
    WorkerEnded,
)


class Wanted(Struct, frozen=True, kw_only=True):
    """What the command line asked for; `alerts` and `dead_letters` name files, `-` is standard output."""

    traffic: Files | Simulation = Simulation()
    alerts: str | None = None
    dead_letters: str | None = None
    as_json: bool = False
    serve: bool = False


def run(settings: Settings, wanted: Wanted, config: Path | None = None) -> int:
    """Give a demonstration and return the exit code; `config` is the file that `settings` are from.

    0 done, 1 something failed, 2 these arguments make no sense, 130 Ctrl-C, 141 nobody reads stdout, 143 SIGTERM.
    """
    if (problem := _wrong_usage(wanted)) is not None:
        return _fail(problem, 2)
    logs.set_up(settings.model_copy(update={"log": Log(level="warning", format="console")}))
    with _interruptible() as terminated:
        try:
            _set_up(settings, wanted, config)
        except KeyboardInterrupt:
            return EXIT_TERMINATED if terminated() else EXIT_INTERRUPTED
        except BrokenPipeError:
            leave_stdout()
            return EXIT_NOBODY_READS
        except _FAILURES as error:
            return _fail(str(error), 1)
    return 0


def _set_up(settings: Settings, wanted: Wanted, config: Path | None) -> None:
    screen = Screen(sys.stderr if _takes_stdout(wanted) else sys.stdout)
    with ExitStack() as stack:
        stack.enter_context(_quiet("aiokafka"))
        show = Show(
            traffic=wanted.traffic,
            alerts=_lines(wanted.alerts, stack),
            dead_letters=_lines(wanted.dead_letters, stack),
            summary=_print_json if wanted.as_json else screen.summary,
            serve=wanted.serve,
        )
        screen.say("Starting Apache Kafka …")
        kafka = stack.enter_context(EmbeddedKafka(progress=screen.say))
        stack.callback(kafka.kill)  # its data go anyway: nothing is won by waiting for a clean end
        asyncio.run(_play(kafka, settings, config, show, screen))


async def _play(kafka: EmbeddedKafka, settings: Settings, config: Path | None, show: Show, screen: Screen) -> None:
    await Play(kafka, settings, config, show, screen).run()


def _wrong_usage(wanted: Wanted) -> str | None:
    inputs = []
    if isinstance(wanted.traffic, Files):
        try:
            inputs = [source.path for source in wanted.traffic.sources]
        except ValueError as error:
            return str(error)
    return collision((wanted.alerts, wanted.dead_letters, STDOUT if wanted.as_json else None), inputs)


def _takes_stdout(wanted: Wanted) -> bool:
    return wanted.as_json or STDOUT in (wanted.alerts, wanted.dead_letters)


def _lines(name: str | None, stack: ExitStack) -> Callable[[bytes], object]:
    """Return what writes a line to the file; each goes out at once, for it may be followed while it grows."""
    if name is None:
        return lambda line: None
    file = stack.enter_context(LineFile(name))

    def write(line: bytes) -> None:
        file.write(line + b"\n")
        if name == STDOUT:
            sys.stdout.flush()

    return write


def _print_json(report: Report) -> None:
    sys.stdout.write(f"{to_json(report)}\n")
    sys.stdout.flush()


def _fail(problem: str, exit_code: int) -> int:
    sys.stderr.write(f"stream-app demo: {problem}\n")
    return exit_code


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library's log off the screen; it still goes to handlers that ask for it."""
    logger, handler = logging.getLogger(name), logging.NullHandler()
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(handler)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt, the former also where a shell has it ignored.

    Yields what tells whether it was SIGTERM.
    """
    seen: list[int] = []

    def terminate(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.raise_signal(signal.SIGINT)

    before = [(s, signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in before:
            signal.signal(number, handler)
