"""How far a long computation has come, shown on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bars

Progress: TypeAlias = Callable[[str, int, int | None], object]
"""Told what goes on, how much is done and, if known, of how much."""


def silently(doing: str, done: int, total: int | None) -> None:
    """Show nothing."""


@contextmanager
def bar(*, between_lines: bool = False) -> Iterator[Progress]:
    """Show a bar while standard error is a terminal, unless lines come `between` on the same one."""
    if not sys.stderr.isatty() or (between_lines and sys.stdout.isatty()):
        yield silently
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Reading", total=None)
        yield lambda doing, done, total: bars.update(task, description=doing, completed=done, total=total)
