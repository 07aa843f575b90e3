"""Workers as processes of their own, and how they end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
EVENTS = re.compile(r'^cs_events_total\{outcome="(\w+)",topic="[\w-]+"\} (\S+)$', re.MULTILINE)


class WorkerProcess:
    """A worker; its log stands in `log_file`. `module` is what `python -m` runs."""

    def __init__(self, environ: Mapping[str, str], log_file: Path, module: str = "tests.faults.worker") -> None:
        self.log_file = log_file
        self._environ = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again."""
        command = [sys.executable, "-m", self._module]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environ, stdout=log, stderr=log)

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs."""
        return self._process.poll() if self._process else None

    def wait(self, patience: float = 60.0) -> int:
        """Return how it ended; TimeoutExpired if it did not."""
        assert self._process is not None, "not started"
        return self._process.wait(patience)

    def end(self, number: signal.Signals, patience: float = 60.0) -> tuple[int, float]:
        """Send a signal; return how the worker ended and after how many seconds."""
        begun = time.monotonic()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self.wait(patience)
        return self.exit_code or 0, time.monotonic() - begun

    def kill(self) -> None:
        """End it whatever it does."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def peak_bytes(self) -> int:
        """Return the most memory that it has had (resident)."""
        return self._status("VmHWM")

    def resident_bytes(self) -> int:
        """Return the memory that it has now."""
        return self._status("VmRSS")

    def open_files(self) -> int:
        """Return how many file descriptors it holds."""
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    def _status(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(name))

    def page(self, path: str) -> tuple[int, str]:
        """Return status and text of a page that it serves; 0 if it serves none."""
        address = [line["address"] for line in self.log() if "address" in line]
        try:
            with urlopen(f"{address[-1]}/{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, ""
        except (IndexError, OSError):
            return 0, ""

    def event_counts(self) -> Counter[str]:
        """Return how many events it says became what."""
        counts: Counter[str] = Counter()
        for outcome, value in EVENTS.findall(self.page("metrics")[1]):
            counts[outcome] += int(float(value))
        return +counts

    def log(self) -> Iterator[dict[str, Any]]:
        """Yield what it has logged, line by line."""
        for line in self.log_file.read_text(errors="replace").splitlines():
            if line.startswith("{"):
                yield json.loads(line)

    def log_tail(self, lines: int = 40) -> str:
        """Return the end of its log."""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])
