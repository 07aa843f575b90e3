"""The worker as a process, with a sink that notes in a file what it is given, and takes its time.

NOTED: the file. NAP: seconds that the sink takes, before it notes for one half of them, afterwards for the other.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from stream_app import logs
from stream_app.core.routes import Sink
from stream_app.notify.run import run_with
from stream_app.settings import Source


class FileNoting:
    """Appends a line for each parcel."""

    def __init__(self, path, nap):
        self._path, self._nap = path, nap

    async def deliver(self, envelope):
        parcel = envelope.parcel
        await asyncio.sleep(self._nap / 2)
        noted = {"id": parcel.id, "kind": parcel.kind, "repeat": parcel.repeat, "alerts": parcel.alert_ids}
        with self._path.open("a") as file:
            file.write(json.dumps(noted) + "\n")
        await asyncio.sleep(self._nap / 2)

    async def close(self):
        pass


if __name__ == "__main__":
    source = Source()
    settings = source.load()
    logs.set_up(settings)
    sinks = {Sink.FILE: FileNoting(Path(os.environ["NOTED"]), float(os.environ["NAP"]))}
    sys.exit(run_with(settings, lambda _: sinks, source=source))
