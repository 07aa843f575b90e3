"""A command that reads from a pipe of which it never comes to the end, and somebody who presses Ctrl-C."""

import os
import signal
import subprocess
import time

PATIENCE = 30.0  # seconds


def opened_with_a_reader(pipe, process):
    """Open a named pipe to write to once the process has opened it to read."""
    while process.poll() is None:
        try:
            return os.fdopen(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK), "wb")
        except OSError:
            time.sleep(0.01)
    raise AssertionError(process.stderr.read())


def ctrl_c(process):
    """Press it, and again where nothing came of it: Python misses what comes between its last look and a read."""
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    raise AssertionError(process.communicate())
