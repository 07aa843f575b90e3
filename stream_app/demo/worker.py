"""The detect worker as a process of its own, which does not outlive the demonstration however that ends."""

import asyncio
import contextlib
import json
import os
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from stream_app.core.tuning import Feed
from stream_app.replay import PARTITIONS
from stream_app.settings import Settings, load
from stream_app.settings.model import ENV_PREFIX
from stream_app.settings.sections import Kafka, Log, Web

LOG_LINES = 20
ASK_SECONDS = 0.05
EXIT_ALONE = 3  # nobody is left to be told


class WorkerEnded(Exception):
    """The worker ended by itself; the text ends with the last lines of its log."""


def settings_for(settings: Settings, bootstrap_servers: str, folder: Path, port: int) -> Settings:
    """Return the settings that decide what is detected, with places and addresses of the demonstration's own."""
    own = {
        "bootstrap_servers": bootstrap_servers,
        "kafka": Kafka(),
        "rekey": (),  # what is played is keyed as it should be
        "topics": settings.topics.model_copy(update={"partitions": PARTITIONS, "replication_factor": 1}),
        "web": Web(port=port),
        "log": Log(level=settings.log.level, format="console"),
        "data_dir": folder,
        "alerts_from": "earliest" if settings.alerts_from == "start" else settings.alerts_from,
    }
    return settings.model_copy(update=own)


class Worker:
    """A running worker: `async with Worker(...)`; at the end of the block it is gone.

    `folder` takes its data and its log; `config` is the settings file that it reads like everybody else, `feeds` what
    reaches it.
    """

    def __init__(
        self, bootstrap_servers: str, folder: Path, port: int, config: Path | None, feeds: Iterable[Feed]
    ) -> None:
        arguments = [bootstrap_servers, str(folder), str(port), *([str(config)] if config else [])]
        self._command = [sys.executable, "-m", "stream_app.demo.worker", *arguments]
        self._environment = os.environ | {f"{ENV_PREFIX}FEEDS": json.dumps(sorted(feeds))}
        self._log = folder / "detect.log"
        self._process: Process | None = None
        self.address = f"http://127.0.0.1:{port}"

    async def __aenter__(self) -> Self:
        """Start it: in a session of its own, so that Ctrl-C is ours to pass on, and with a pipe that ends with us."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=log, stderr=log, start_new_session=True, env=self._environment
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it at once: what a clean stop would save goes with the broker anyway."""
        with contextlib.suppress(ProcessLookupError):
            self._running.kill()
        await self._running.wait()

    async def ready(self) -> None:
        """Return when it has its partitions and their state."""
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.address}/readyz") as answer:
                        if answer.ok:
                            return
                await asyncio.sleep(ASK_SECONDS)

    async def metrics(self) -> str:
        """Return what it says of itself, in Prometheus' text format."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.address}/metrics") as answer:
            return await answer.text()

    async def ended(self) -> None:
        """Wait for it to end by itself, which it should not; raises WorkerEnded."""
        code = await self._running.wait()
        tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-LOG_LINES:])
        raise WorkerEnded(f"The detect worker ended by itself (code {code}). The end of its log:\n{tail}")

    @property
    def _running(self) -> Process:
        assert self._process is not None, "not started"
        return self._process


def main(bootstrap_servers: str, folder: str, port: str, config: str | None = None) -> int:
    """Be the worker; ends at once when the process that started it is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from stream_app.workers.detect import run

    settings = load(Path(config) if config else None)
    return run(settings_for(settings, bootstrap_servers, Path(folder), int(port)), ticks=False)


def _end_with_parent() -> None:
    # Nothing is ever written to this pipe: it ends when its other end is closed, at the latest by the parent's death.
    # No clean stop then: the broker ends too, and with it all that would be kept.
    while os.read(0, 1):
        pass
    os._exit(EXIT_ALONE)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
