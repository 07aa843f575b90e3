"""A command of the product as a process of its own, and what it said."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 240.0  # seconds, after which it hangs: no figure to go by, on two cores with everything else


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "stream_app", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=environment,
        start_new_session=True,
    )


def finish(folder: Path, *arguments: str) -> tuple[str, str]:
    """Run a command that must succeed; what it printed on both outputs."""
    with start(folder, *arguments) as process:
        said, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, told
    return said, told


def until_said(stream: IO[str] | None, words: str) -> None:
    assert stream is not None
    seen = []
    for line in stream:
        if words in line:
            return
        seen.append(line)
    pytest.fail(f"{words!r} was never said, only: {''.join(seen)}")
