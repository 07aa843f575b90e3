"""Files of JSON lines that a run writes: whole in the end, or an error that names the one that is not."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

STDOUT = "-"
EXIT_NOBODY_READS = 128 + 13  # as a shell reports SIGPIPE
_BUFFER = 1 << 16  # bytes


class OutputError(Exception):
    """A file cannot be written; the text says which, why, and that it is not whole."""


class LineFile:
    """A file to write lines to, `-` is standard output; what was in it before is gone.

    Raises OutputError, and BrokenPipeError as it is: then the reader has had enough.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        try:
            self._file = sys.stdout.buffer if name == STDOUT else open(name, "wb", _BUFFER)  # noqa: SIM115
        except OSError as error:
            raise OutputError(f"{name}: cannot be written: {error.strerror}") from error

    def write(self, line: bytes) -> None:
        """Write a line, its end included."""
        try:
            self._file.write(line)
        except OSError as error:
            raise self._incomplete(error) from error

    def close(self) -> None:
        """See that everything written arrives."""
        try:
            # Closing flushes, and closes even where that fails.
            self._file.flush() if self._name == STDOUT else self._file.close()
        except OSError as error:
            raise self._incomplete(error) from error

    def __enter__(self) -> Self:
        """Return the file, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; what ended the block counts for more than what goes wrong with that."""
        if kind is None:
            self.close()
        else:
            with suppress(OSError, OutputError):
                self.close()

    def _incomplete(self, error: OSError) -> Exception:
        if isinstance(error, BrokenPipeError):
            return error
        return OutputError(f"{self._name}: cannot be written: {error.strerror}; what is there is not all")


def collision(outputs: Iterable[str | None], inputs: Iterable[Path]) -> str | None:
    """Return what would be written twice, or written over while it is read, as a sentence; None if nothing would."""
    taken = {_identity(path): f"{path} is read, it cannot be written too" for path in inputs}
    for name in outputs:
        if name is None or (name != STDOUT and _is_device(Path(name))):
            continue
        place = name if name == STDOUT else _identity(Path(name))
        if place in taken:
            return taken[place]
        taken[place] = f"{'standard output' if name == STDOUT else name} cannot take two kinds of lines"
    return None


def leave_stdout() -> None:
    """Give up what standard output still holds, once nobody reads it: Python would complain at its end."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def _identity(path: Path) -> str:
    return str(path.resolve())


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()
