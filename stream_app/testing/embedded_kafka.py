"""Apache Kafka itself, one process on free loopback ports, for tests and for trying things out."""

import asyncio
import base64
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import BinaryIO, Self

from stream_app.testing.kafka_config import DEFAULTS, JVM_FLAGS, places, properties
from stream_app.testing.kafka_runtime import (
    KafkaUnavailable,
    TiedProcess,
    answers,
    find_jars,
    find_java,
    free_port,
    is_free,
    java_environment,
    to_stderr,
)

START_ATTEMPTS = 3
CLAIM_ATTEMPTS = 30
LOG_LINES = 30


class KafkaStartError(RuntimeError):
    """The broker did not come up; the text ends with the last lines of its log."""


class _PortTaken(KafkaStartError):
    """Somebody took a port between our look and the broker's."""


class EmbeddedKafka:
    """A broker of one's own: `with EmbeddedKafka() as kafka: kafka.bootstrap_servers`, or `async with`.

    Data is temporary unless `data_dir` is given. Ports are free ones unless `port` is given, and stay the same when
    the broker is started again. `settings` are broker settings that override the defaults.
    """

    def __init__(
        self,
        *,
        data_dir: Path | None = None,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        heap: str = "512m",
        log_level: str = "info",
        start_timeout: float = 60.0,
        stop_timeout: float = 30.0,
        progress: Callable[[str], None] | None = to_stderr,
    ) -> None:
        self._temporary = data_dir is None
        self.data_dir = Path(data_dir or tempfile.mkdtemp(prefix="stream-app-kafka-")).absolute()
        if self._temporary:
            weakref.finalize(self, shutil.rmtree, self.data_dir, ignore_errors=True)
        self.log_file = self.data_dir / "kafka.log"
        self._wanted_port = port
        self._settings = dict(settings or {})
        self._flags = (f"-Xmx{heap}", *JVM_FLAGS, f"-Dorg.slf4j.simpleLogger.defaultLogLevel={log_level}")
        self._start_timeout, self._stop_timeout = start_timeout, stop_timeout
        self._say = progress or (lambda line: None)
        self._ports: tuple[int, int] | None = None
        self._process: TiedProcess | None = None
        self._lock = threading.RLock()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect, as `host:port`."""
        if self._ports is None:
            raise RuntimeError("the port is chosen when the broker starts, and it has not been started yet")
        return f"127.0.0.1:{self._ports[0]}"

    @property
    def pid(self) -> int | None:
        """The process id of the broker's JVM, None while there is none."""
        return self._process.pid if self._process and self._process.exit_code is None else None

    def start(self) -> None:
        """Start, on the data and the ports of the last time if there was one, and wait until the broker answers."""
        with self._lock:
            if self.pid is None:
                jars = os.pathsep.join(map(str, find_jars(self._say)))
                java = [str(find_java()), *self._flags, "-cp", jars]
                known = self._ports
                self._ports = self._start_on(java, *known) if known else self._start_somewhere(java)
                self._say(f"Kafka is up at {self.bootstrap_servers}")

    def stop(self) -> None:
        """Shut down cleanly; a broker that is not down after `stop_timeout` seconds is killed."""
        with self._lock:
            self.resume()
            self._end(signal.SIGTERM, self._stop_timeout)

    def kill(self) -> None:
        """End the broker without warning (SIGKILL); its data stays."""
        with self._lock:
            self._end(signal.SIGKILL, self._stop_timeout)

    def pause(self) -> None:
        """Freeze the broker (SIGSTOP): connections stay open and nothing answers."""
        if self._process:
            self._process.freeze()

    def resume(self) -> None:
        """Let a frozen broker go on."""
        if self._process:
            self._process.send(signal.SIGCONT)

    def wait(self) -> int:
        """Block until the broker ends by itself; its exit code."""
        return self._process.wait() if self._process else 0

    def close(self) -> None:
        """Stop, and remove the data if it is temporary: nothing of it needs to be put in order before."""
        with self._lock:
            if self._temporary:
                self.kill()
                shutil.rmtree(self.data_dir, ignore_errors=True)
            else:
                self.stop()

    def log_tail(self, lines: int = LOG_LINES) -> str:
        """The last lines of the broker's log."""
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def __enter__(self) -> Self:
        """Start."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and remove temporary data."""
        self.close()

    async def __aenter__(self) -> Self:
        """Start, in a thread."""
        try:
            await asyncio.to_thread(self.start)
        except BaseException:
            # Also when cancelled: the thread goes on starting, and close() waits for it at the lock.
            await asyncio.to_thread(self.close)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, in a thread, and remove temporary data."""
        await asyncio.to_thread(self.close)

    def _start_somewhere(self, java: list[str]) -> tuple[int, int]:
        for _ in range(START_ATTEMPTS - 1):
            with contextlib.suppress(_PortTaken):
                return self._start_on(java, self._wanted_port or free_port(), free_port())
        return self._start_on(java, self._wanted_port or free_port(), free_port())

    def _start_on(self, java: list[str], port: int, controller_port: int) -> tuple[int, int]:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._claim(log)
            if not is_free(port):
                raise _PortTaken(f"port {port} is taken by another program")
            begin = log.tell()
            try:
                self._run(java, port, controller_port, log)
            except KafkaStartError as error:
                self.kill()
                raise self._explained(error, begin) from None
            except BaseException:
                self.kill()
                raise
        return port, controller_port

    def _claim(self, log: BinaryIO) -> None:
        # Two brokers on one folder damage it before Kafka notices. The JVM inherits the lock together with its log,
        # so that of a user just killed holds it for a moment longer.
        for _ in range(CLAIM_ATTEMPTS):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.1)
        raise KafkaStartError(f"another broker is running on {self.data_dir}")

    def _run(self, java: list[str], port: int, controller_port: int, log: BinaryIO) -> None:
        config = self.data_dir / "server.properties"
        own = DEFAULTS | places(port, controller_port, self.data_dir)
        config.write_text(properties(own | self._settings))
        cluster_id = self._formatted(java, config, log)
        leftover = self.data_dir if self._temporary else None
        self._process = TiedProcess([*java, "kafka.Kafka", str(config)], log, leftover)
        self._await_answer(port, cluster_id)

    def _formatted(self, java: list[str], config: Path, log: BinaryIO) -> str:
        """Prepare the data folder at its first use; its cluster id."""
        marker = self.data_dir / "data" / "meta.properties"
        if not marker.exists():
            cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()
            self._format([*java, "kafka.tools.StorageTool", "format", "-c", str(config)], cluster_id, log)
        return dict(line.partition("=")[::2] for line in marker.read_text().splitlines())["cluster.id"]

    def _format(self, command: list[str], cluster_id: str, log: BinaryIO) -> None:
        command = [*command, f"--cluster-id={cluster_id}"]
        try:
            subprocess.run(command, stdout=log, stderr=log, env=java_environment(), timeout=60, check=True)  # noqa: S603
        except subprocess.SubprocessError as error:
            raise KafkaStartError("Kafka could not prepare its data folder") from error

    def _await_answer(self, port: int, cluster_id: str) -> None:
        deadline = time.monotonic() + self._start_timeout
        while not answers(port, cluster_id):
            if self._process is None or self._process.exit_code is not None:
                raise KafkaStartError("Kafka ended while it was starting")
            if time.monotonic() > deadline:
                raise KafkaStartError(f"Kafka did not answer within {self._start_timeout:g} seconds")
            time.sleep(0.05)

    def _explained(self, error: KafkaStartError, begin: int) -> KafkaStartError:
        log = self.log_file.read_bytes()[begin:].decode(errors="replace")
        kind = _PortTaken if "Address already in use" in log else KafkaStartError
        return kind(f"{error}. From its log ({self.log_file}):\n{_telling_lines(log.splitlines())}")

    def _end(self, number: signal.Signals, timeout: float) -> None:
        if self._process:
            self._process.end(number, timeout)
            self._process = None


def _telling_lines(log: list[str]) -> str:
    """The first error with its trace, which a long farewell may follow, and the last lines."""
    first = next((number for number, line in enumerate(log) if " ERROR " in line), len(log))
    if first < len(log) - LOG_LINES:
        return "\n".join([*log[first : first + 10], "…", *log[-10:]])
    return "\n".join(log[-LOG_LINES:])


def run_foreground(port: int | None, data_dir: Path | None, settings: Mapping[str, str] | None = None) -> int:
    """Run a broker until SIGINT or SIGTERM; the exit code: 0 stopped as asked, 1 did not start or ended by itself."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with EmbeddedKafka(port=port, data_dir=data_dir, settings=settings) as kafka:
            sys.stdout.write(f"{kafka.bootstrap_servers}\n")
            sys.stdout.flush()
            to_stderr(f"Kafka ended by itself (code {kafka.wait()}):\n{kafka.log_tail()}")
            return 1
    except KeyboardInterrupt:
        return 0
    except (KafkaUnavailable, KafkaStartError) as error:
        to_stderr(str(error))
        return 1
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
