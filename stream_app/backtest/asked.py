"""A backtest as the command line asks for it: what is read and written, and the exit code."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from msgspec import Struct

from stream_app.backtest.document import to_json
from stream_app.backtest.found import Assumed, Backtest
from stream_app.backtest.history import Entry, History, of_files, of_topics
from stream_app.backtest.outcomes import Outcomes, OutcomesError, read_outcomes
from stream_app.backtest.page import to_html
from stream_app.backtest.run import Setup, backtest
from stream_app.backtest.text import render
from stream_app.codec.erasures import ErasuresError
from stream_app.core.erasure import Erasures
from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.core.rule_set import RuleSetName
from stream_app.inputs import Files, read_erasures
from stream_app.outputs import EXIT_NOBODY_READS, LineFile, OutputError, collision, leave_stdout
from stream_app.progress import Progress, bar
from stream_app.recorded import erasures, partitions_recorded, recorded
from stream_app.replay import EXIT_INTERRUPTED, LANES
from stream_app.report import Tally
from stream_app.settings import Settings, load
from stream_app.spool import Spool


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be judged, and what it is held against. `files` None: the topics alone."""

    files: Files | None
    from_topics: bool
    erasures: Path | None
    partitions: int
    until: Micros | None
    outcomes: Path | None
    assumed: Assumed


class Wanted(Struct, frozen=True, kw_only=True):
    """How it is to be shown."""

    html: Path | None
    lang: Language
    as_json: bool


class _WrongUsageError(Exception):
    """These arguments make no sense; the text says why."""


def run(settings: Settings, asked: Asked, against: str | None, overrides: Mapping[str, Any], wanted: Wanted) -> int:
    """Do it for the command line and return its exit code; what went wrong goes to stderr.

    0 done, 1 files or the cluster cannot be used, 2 these arguments make no sense, 130 Ctrl-C, 141 nobody reads stdout.
    """
    try:
        _check(asked, wanted)
        mine, other = _setups(settings, against, overrides)
        with ExitStack() as stack:
            page = None if wanted.html is None else stack.enter_context(LineFile(str(wanted.html)))
            found = _found(settings, asked, mine, other)
            if page is not None:
                page.write(to_html(found, wanted.lang).encode())
        _say(to_json(found) + "\n" if wanted.as_json else render(found), sys.stdout)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        leave_stdout()
        return EXIT_NOBODY_READS
    except _WrongUsageError as error:
        return _fail(str(error), 2)
    except (OSError, OutputError, OutcomesError, ErasuresError) as error:
        return _fail(str(error), 1)
    return 0


def _check(asked: Asked, wanted: Wanted) -> None:
    """Raise _WrongUsageError for arguments that contradict each other, before anything is read."""
    try:
        inputs = [source.path for source in asked.files.sources] if asked.files is not None else []
    except ValueError as error:
        raise _WrongUsageError(str(error)) from None
    if asked.from_topics and (inputs or asked.erasures):
        raise _WrongUsageError("--from-topics and files do not go together")
    if not asked.from_topics and not inputs:
        raise _WrongUsageError("nothing to judge; name a file, for example --page-views FILE, or --from-topics")
    read = [*inputs, *(path for path in (asked.outcomes, asked.erasures) if path is not None)]
    if wanted.html is not None and (problem := collision([str(wanted.html)], read)) is not None:
        raise _WrongUsageError(problem)


def _setups(settings: Settings, against: str | None, overrides: Mapping[str, Any]) -> tuple[Setup, Setup | None]:
    """Return what is tried and what it is compared with: another file, or the same settings with another rule set."""
    if against is None:
        return _setup(settings, settings.rules.set), None
    if against in {*RuleSetName}:
        chosen = settings.rules.model_copy(update={"set": RuleSetName(against)})
        return _setup(settings, settings.rules.set), _setup(settings.model_copy(update={"rules": chosen}), against)
    return _setup(settings, "these settings"), _setup(load(Path(against), **overrides), Path(against).name)


def _setup(settings: Settings, name: str) -> Setup:
    return Setup(name=name, rules=settings.rule_set(), notify=settings.notify_rules())


def _found(settings: Settings, asked: Asked, mine: Setup, other: Setup | None) -> Backtest:
    tally = Tally()
    partitions = partitions_recorded(settings) if asked.from_topics else asked.partitions
    outcomes = _outcomes(asked, mine)
    with ExitStack() as stack:
        progress = stack.enter_context(bar())
        history = History(stack.enter_context(Spool(partitions * len(LANES))), partitions)
        history.put_aside(_entries(settings, asked, progress), tally, progress)
        if not history.kept:
            raise OutcomesError("there is nothing to judge: no event of a customer")
        return backtest(
            history, tally, mine, other, outcomes=outcomes, assumed=asked.assumed, until=asked.until, progress=progress
        )


def _outcomes(asked: Asked, mine: Setup) -> Outcomes | None:
    return None if asked.outcomes is None else read_outcomes(asked.outcomes, mine.zone)


def _entries(settings: Settings, asked: Asked, progress: Progress) -> Iterator[Entry]:
    """Yield what is recorded, once it is known who was erased since."""
    if asked.files is None:
        return of_topics(recorded(settings, progress), erasures(settings))
    gone = Erasures() if asked.erasures is None else read_erasures(asked.erasures)
    return of_files(asked.files, asked.partitions, time.time_ns() // 1_000_000, gone)


def _fail(problem: str, exit_code: int) -> int:
    _say(f"stream-app backtest: {problem}\n", sys.stderr)
    return exit_code


def _say(text: str, out: TextIO) -> None:
    out.write(text)
    out.flush()
