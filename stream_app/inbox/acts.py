"""The two buttons: what the ones in Slack write to `cs-feedback`, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from stream_app.core.events import Micros
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.message import RANK
from stream_app.core.notify.orders import Action
from stream_app.inbox.access import Reader
from stream_app.inbox.case import Case
from stream_app.notify.hearing import write_feedback
from stream_app.notify.worker import Place
from stream_app.outbox import Outbox

CHANNEL = "inbox"
WITHIN = 5.0  # seconds


class NotWritten(Exception):
    """Kafka did not take it in time; whether it stands there is not known, and pressing again does no harm."""


class Acts:
    """Writes what readers do."""

    def __init__(self, producer: AIOKafkaProducer, place: Place, now: Callable[[], Micros]) -> None:
        self._producer = producer
        self._place = place
        self._now = now

    async def act(self, case: Case, action: Action, reader: Reader) -> Feedback:
        """Write that somebody did this with a case; it is safe when this returns. Raises NotWritten."""
        said = said_of(case, action, reader, self._now())
        try:
            async with asyncio.timeout(WITHIN):
                await write_feedback(said, Outbox(lambda: self._producer, self._place.partitions), self._place)
        except (KafkaError, TimeoutError) as error:
            raise NotWritten from error
        return said


def said_of(case: Case, action: Action, reader: Reader, at: Micros) -> Feedback:
    """Return what stands on the topic; the alert is the one that Slack's buttons name: the most severe, the newest."""
    worst = min(case.shown, key=lambda one: (RANK[one.severity], -one.occurred_at))
    return Feedback(
        feedback_id=f"inbox-{case.id}-{action}-{reader.email}-{at}",
        case_id=case.id,
        account=case.account,
        action=action,
        by=reader.name,
        at=at,
        alert_ids=(worst.alert_id,),
        rule_id=worst.rule_id,
        channel=CHANNEL,
    )


@asynccontextmanager
async def acting(place: Place, now: Callable[[], Micros]) -> AsyncIterator[Acts]:
    """Let readers act for as long as the block runs."""
    options: Mapping[str, object] = place.options
    async with AIOKafkaProducer(**options, acks="all", enable_idempotence=True) as producer:
        yield Acts(producer, place, now)
