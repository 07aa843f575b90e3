"""The worker, but once the file FAULTS_STOP_AT is there it stops itself (SIGSTOP) just before it writes state.

It has made sure that the partition is its own by then, so that it writes when it goes on, whoever owns it now.
FAULTS_WITHOUT=terms: a restore takes what comes last, whoever wrote it. FAULTS_WITHOUT=looking: nobody looks whether
somebody else wrote.
"""

import os
import signal
import sys
from pathlib import Path

from stream_app.outbox import Outbox
from stream_app.topics import changelog_name
from stream_app.workers import changelog, recovery
from stream_app.workers.terms import TERM_KEY
from tests.faults.worker import main


def stop_at(trigger: Path) -> None:
    """Stop once before state is written."""
    as_it_is, own = Outbox.write, changelog_name(os.environ["STREAM_APP_GROUP"])

    async def write(self, topic, partition, records, headers=()):
        records = list(records)
        if topic == own and trigger.exists() and TERM_KEY not in dict(records):
            trigger.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)
        return await as_it_is(self, topic, partition, records, headers)

    Outbox.write = write


def without_terms() -> None:
    """Take every record for good."""
    recovery.what_counts = changelog.what_counts = lambda records, *_: {one.key: one.value for one in records}


def without_looking() -> None:
    """Take what was written for all that there is."""

    async def keep(self, partition, values):
        offset = await self._outbox.write(
            self._topic, partition, values.items(), changelog.headers_of(self._terms[partition])
        )
        self._store().write(partition, values, offset)

    changelog.Changelog.keep = keep


if __name__ == "__main__":
    stop_at(Path(os.environ["FAULTS_STOP_AT"]))
    for guard in filter(None, os.environ["FAULTS_WITHOUT"].split(",")):
        {"terms": without_terms, "looking": without_looking}[guard]()
    sys.exit(main())
