"""The worker with guards taken out, named in FAULTS_WITHOUT with commas between: the verdict has to notice.

fence: events that state holds already are applied again. commit_position: what has arrived is committed, judged or not.
safe_recovery: Faust's own recovery. continuity: nobody looks whether records are missing. pausing: no bound to memory.
erasures: nobody looks who was erased.
recreated: a topic that was made anew is taken for the old one.
"""

import os
import sys

from faust.tables.recovery import Recovery

from stream_app.codec.state import NOTHING_APPLIED, decode_state
from stream_app.core.erasure import SALT_BYTES, Erasures
from stream_app.core.state import CustomerState
from stream_app.workers import detector, faust_parts, lanes, partition, recovery, touched
from stream_app.workers.erased import ErasuresRead, Known
from tests.faults.worker import main


def without_fence() -> None:
    """Forget what was applied."""

    def forgetful(raw: bytes) -> tuple[list[int], CustomerState]:
        return list(NOTHING_APPLIED), decode_state(raw)[1]

    touched.decode_state = forgetful


def without_commit_position() -> None:
    """Take the end of what has arrived for the end of what was judged."""
    partition.Partition.committable = lambda self: {lane: lane.position for lane in self.lanes}


def without_safe_recovery() -> None:
    """Let records flow before the seek."""
    recovery.ChunkRecovery.on_recovery_completed = Recovery.on_recovery_completed


def without_continuity() -> None:
    """Take whatever comes."""
    lanes.Lane.check = lambda self, start: None


def without_recreated() -> None:
    """Take any topic for the one that was read."""
    detector.check_assigned = detector.check_chunk = lambda *_: None


def without_erasures() -> None:
    """Know of nobody who was erased."""

    async def nobody(self: ErasuresRead, partition: int, remembered: bytes | None) -> Known:
        return Known(Erasures(), "00" * SALT_BYTES, [])

    ErasuresRead.__call__ = nobody


def without_pausing() -> None:
    """Fetch on, whatever waits."""
    faust_parts.CHUNKS_UNDER_WAY = 10**9


GUARDS = {
    "erasures": without_erasures,
    "pausing": without_pausing,
    "recreated": without_recreated,
    "fence": without_fence,
    "commit_position": without_commit_position,
    "safe_recovery": without_safe_recovery,
    "continuity": without_continuity,
}

if __name__ == "__main__":
    for guard in os.environ["FAULTS_WITHOUT"].split(","):
        GUARDS[guard]()
    sys.exit(main())
