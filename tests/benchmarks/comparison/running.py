"""An engine's process: started, stopped for a while, ended, and what it used."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from comparison.ground import Ground

PR_SET_PDEATHSIG = 1


class Running:
    """A process with all that it started."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._seen = psutil.Process(process.pid)

    def pause(self) -> None:
        """Stop it where it is."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """Return the user and system time so far."""
        times = [each.cpu_times() for each in self._all()]
        return sum(each.user + each.system for each in times)

    def peak_mb(self) -> float:
        """Return the most memory that it held at any time."""
        return sum(map(peak_bytes, self._all())) / 1e6

    def memory_bytes(self) -> int:
        """Return the memory that it holds now."""
        return sum(each.memory_info().rss for each in self._all())

    def _all(self) -> list[psutil.Process]:
        return [self._seen, *self._seen.children(recursive=True)]

    def end(self) -> None:
        """End it: politely, then not."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def peak_bytes(process: psutil.Process) -> int:
    """Return the most memory of one process, or where the system does not keep that, what it has now."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024
    return process.memory_info().rss


def _ends_with_us() -> None:
    """Ask Linux to kill the process if we are killed: one that is stopped would stay for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def running(ground: Ground, *, number: int = 0, profile: Path | None = None) -> Iterator[Running]:
    """Run the engine of a ground for as long as the block takes; each `number` has a folder of its own."""
    engine = ground.engine
    under = ["-m", "cProfile", "-o", str(profile)] if profile else []
    command = [engine.python(), *under, *engine.arguments]
    ground.own_folder(number).mkdir(exist_ok=True)
    with (ground.folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env=ground.environ(number),
            stdout=log,
            stderr=log,
            cwd=ground.folder,
            start_new_session=True,  # Ctrl-C is for us, who end it in order
            preexec_fn=_ends_with_us,
        )
    one = Running(process)
    try:
        yield one
    finally:
        one.end()
