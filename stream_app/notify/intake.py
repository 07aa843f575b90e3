"""Records to machines: what each topic says, and what cannot be read."""

from collections.abc import Callable
from dataclasses import replace

from aiokafka import ConsumerRecord

from stream_app import codec
from stream_app.codec.notify import decode_fate, decode_feedback, decode_order
from stream_app.core.erasure import Erasures
from stream_app.core.events import Interaction, InteractionKind
from stream_app.core.notify.erased import is_of_erased
from stream_app.core.notify.keys import target_of
from stream_app.core.notify.orders import Contacted, Order, Replied, Solved
from stream_app.core.routing import Target
from stream_app.notify.clock import Clock
from stream_app.notify.partition import Partition
from stream_app.notify.topics import Topics
from stream_app.outbox import dead_letter
from stream_app.topics import InputTopic


class Intake:
    """Reads records of one partition, each once."""

    def __init__(self, topics: Topics, clock: Clock, erasures: Erasures) -> None:
        self._clock = clock
        self._erasures = erasures
        self._read: dict[str, Callable[[Partition, ConsumerRecord], None]] = {
            **dict.fromkeys(topics.alerts, self._alert),
            topics.fates: self._fate,
            topics.resolutions: self._resolution,
            topics.account_views: self._account_view,
            topics.feedback: self._feedback,
            topics.queue: _order,
        }

    def take(self, partition: Partition, record: ConsumerRecord) -> None:
        """Give a record to its machine, and remember that it was read."""
        if record.offset < partition.positions[record.topic]:
            return
        try:
            self._read[record.topic](partition, record)
        except codec.DecodeError as error:
            partition.dead_letter(error.reason, *dead_letter(self._shown(record), error))
        partition.positions[record.topic] = record.offset + 1

    def _shown(self, record: ConsumerRecord) -> ConsumerRecord:
        """Return the record, without its texts if its key says that it is of somebody who was erased."""
        of = (record.key or b"").decode(errors="replace")
        erased = self._erasures.erased_by(of, record.timestamp * 1_000)
        return replace(record, key=None, value=None) if erased else record

    def _alert(self, partition: Partition, record: ConsumerRecord) -> None:
        alert = codec.decode_alert(record.value or b"")
        partition.hear(partition.cases.alert(alert, self._clock.now()))

    def _fate(self, partition: Partition, record: ConsumerRecord) -> None:
        partition.hear(partition.cases.held_back(decode_fate(record.value), self._clock.now()))

    def _resolution(self, partition: Partition, record: ConsumerRecord) -> None:
        partition.hear(partition.cases.resolved(codec.decode_resolution(record.value), self._clock.now()))

    def _account_view(self, partition: Partition, record: ConsumerRecord) -> None:
        partition.hear(partition.cases.viewed(codec.decode_account_view(record.value), self._clock.now()))

    def _feedback(self, partition: Partition, record: ConsumerRecord) -> None:
        partition.hear(partition.cases.acted(decode_feedback(record.value), self._clock.now()))


def from_interaction(record: ConsumerRecord, erasures: Erasures) -> Contacted | Solved | None:
    """Return what desks must hear of an interaction, nothing of somebody who was erased since.

    None too where it cannot be read, which detect has said.
    """
    order = _from_interaction(record)
    return None if order is None or is_of_erased(order, erasures) else order


def _from_interaction(record: ConsumerRecord) -> Contacted | Solved | None:
    try:
        event = codec.decode(InputTopic.INTERACTIONS, record.key, record.value, record.timestamp, record.headers)
    except (codec.DecodeError, codec.IgnoredInput):
        return None
    match event:
        case Interaction(kind=InteractionKind.CONTACTED):
            return Contacted(customer_id=event.customer_id, at=event.occurred_at)
        case Interaction(kind=InteractionKind.SOLVED):
            return Solved(customer_id=event.customer_id, at=event.occurred_at)
    return None


def _order(partition: Partition, record: ConsumerRecord) -> None:
    order: Order = decode_order(record.value)
    if isinstance(order, Contacted | Replied | Solved):
        partition.take_all(order)
    else:
        partition.take(_target(record.key), order)


def _target(key: bytes | None) -> Target:
    try:
        return target_of(key or b"")
    except ValueError:
        raise codec.DecodeError(codec.DeadLetterReason.INVALID, "the key is not a target's") from None
