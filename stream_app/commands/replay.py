"""`stream-app replay`: files by the rules of the settings, or the topics by those that a worker's log names."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from msgspec import Struct

from stream_app.codec.erasures import ErasuresError
from stream_app.core.events import Micros
from stream_app.core.rule_set import RuleSet
from stream_app.followed import ReloadsError, follow, read_logs
from stream_app.inputs import Files, read_erasures
from stream_app.outputs import EXIT_NOBODY_READS, STDOUT, LineFile, OutputError, collision, leave_stdout
from stream_app.progress import Progress, bar
from stream_app.recorded import erasures as known_erasures
from stream_app.recorded import recorded
from stream_app.replay import EXIT_INTERRUPTED, NOBODY, PARTITIONS, Outputs, replay
from stream_app.report import Report, render, to_json
from stream_app.settings import Settings


class Reloads(Struct, frozen=True):
    """Logs that say which rules held where, and how the topics are reached."""

    logs: Sequence[Path] = ()
    settings: Settings = Settings()


def run(
    files: Files,
    rules: RuleSet,
    *,
    partitions: int = PARTITIONS,
    alerts: str = STDOUT,
    fates: str | None = None,
    dead_letters: str | None = None,
    resolutions: str | None = None,
    segment_changes: str | None = None,
    erasures: Path | None = None,
    account_views: str | None = None,
    until: Micros | None = None,
    reloads: Reloads = Reloads(),  # noqa: B008  (a frozen value)
    as_json: bool = False,
    summary: bool = False,
) -> int:
    """Replay files for the command line and return its exit code; the summary and what went wrong go to stderr.

    0 done, 1 a file cannot be read or written, 2 these arguments make no sense, 130 Ctrl-C, 141 nobody reads stdout.
    `reloads`: logs of detect; the topics are judged, each record by the rules that judged it then.
    `summary`: the summary goes to stdout instead, alerts only to a file.
    """
    named = {
        "alerts": alerts,
        "fates": fates,
        "dead_letters": dead_letters,
        "resolutions": resolutions,
        "segment_changes": segment_changes,
        "account_views": account_views,
    }
    read_first = [*reloads.logs, *([erasures] if erasures else [])]
    if (problem := _wrong_usage(files, read_first, partitions, reloads.logs, *named.values())) is not None:
        return _fail(problem, 2)
    silent = summary and alerts == STDOUT
    try:
        with ExitStack() as stack:
            given = {kind: name for kind, name in named.items() if name and not (silent and kind == "alerts")}
            outputs = Outputs(**{kind: stack.enter_context(LineFile(name)).write for kind, name in given.items()})
            progress = stack.enter_context(bar(between_lines=alerts == STDOUT))
            if reloads.logs:
                report = _followed(reloads, outputs, until, progress)
            else:
                erased = NOBODY if erasures is None else read_erasures(erasures)
                lines = files.lines(time.time_ns() // 1_000_000)
                report = replay(
                    lines, rules, outputs, partitions=partitions, until=until, erasures=erased, progress=progress
                )
        out = sys.stdout if summary else sys.stderr
        _say(to_json(report) if as_json else render(report, colour=out.isatty()), out)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        leave_stdout()
        return EXIT_NOBODY_READS
    except (OSError, OutputError, ErasuresError, ReloadsError) as error:
        return _fail(str(error), 1)
    return 0


def _followed(reloads: Reloads, outputs: Outputs, until: Micros | None, progress: Progress) -> Report:
    rules, gone = read_logs(reloads.logs), known_erasures(reloads.settings)
    records = recorded(reloads.settings, progress)
    return follow(records, rules, outputs, until=until, erasures=gone, progress=progress)


def _wrong_usage(
    files: Files, read_first: list[Path], partitions: int, reloads: Sequence[Path], *outputs: str | None
) -> str | None:
    if partitions < 1:
        return "at least one partition is needed"
    try:
        inputs = [source.path for source in files.sources]
    except ValueError as error:
        return str(error)
    if reloads and (inputs or len(read_first) > len(reloads)):
        return "--reloads judges what the topics hold: it does not go together with files"
    if not inputs and not reloads:
        return "no file to replay; name one, for example --page-views FILE"
    return collision(outputs, [*inputs, *read_first])


def _fail(problem: str, exit_code: int) -> int:
    _say(f"stream-app replay: {problem}", sys.stderr)
    return exit_code


def _say(text: str, out: TextIO) -> None:
    out.write(text + "\n")
    out.flush()
