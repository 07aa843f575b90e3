"""What people see: messages and the summary on standard output, what goes on meanwhile on standard error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.text import Text

from stream_app.alert_lines import ZONE
from stream_app.core.events import SECOND, Micros
from stream_app.report import Report, render

COLUMNS = (
    SpinnerColumn(),
    TextColumn("{task.description}"),
    BarColumn(bar_width=24),
    TextColumn("{task.fields[judged]:,} of {task.fields[sent]:,} events judged"),
)


class Screen:
    """Where lines go: `out` takes messages and summary; a bar is shown while stderr is a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colour = out.isatty() and not os.environ.get("NO_COLOR")
        self._console = Console(file=sys.stderr, highlight=False)
        self._bar: tuple[Progress, TaskID] | None = None

    def say(self, line: str) -> None:
        """Tell what goes on."""
        if self._bar is not None:
            self._console.print(Text(line), soft_wrap=True)
            return
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def write(self, text: str) -> None:
        """Show messages; a bar makes room for them, for both are most likely on the same terminal."""
        if self._bar is not None and self._out.isatty():
            self._console.print(Text(text), soft_wrap=True, end="")
        else:
            self._out.write(text)

    def flush(self) -> None:
        """Let it be seen."""
        self._out.flush()

    def summary(self, report: Report) -> None:
        """Show what it all came to."""
        self._out.write(f"\n{render(report, colour=self._colour)}\n")
        self._out.flush()

    @contextmanager
    def bar(self, total: Micros | None) -> Iterator[None]:
        """Show how far it is while the block runs; `total` is the span of event time, None if nobody knows."""
        if not sys.stderr.isatty():
            yield
            return
        with Progress(*COLUMNS, console=self._console, transient=True, redirect_stdout=False) as bars:
            self._bar = bars, bars.add_task("Traffic begins", total=total, sent=0, judged=0)
            try:
                yield
            finally:
                self._bar = None

    def progress(self, at: Micros, done: Micros, sent: int, judged: int) -> None:
        """Move the bar: which moment the traffic has reached, how much of the total that is, and events."""
        if self._bar is not None:
            bars, task = self._bar
            day = f"{datetime.fromtimestamp(at / SECOND, ZONE):%Y-%m-%d}"
            bars.update(task, description=day, completed=done, sent=sent, judged=judged)
