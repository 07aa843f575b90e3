"""What notify has in hand, read from its changelog, and an operator's word on it, said through its queue."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from msgspec import Struct

from stream_app.cluster import CREATE, ClusterError, describe_topics, explained
from stream_app.codec.notify import encode_order
from stream_app.core.notify.keys import DESK, desk_of, target_key
from stream_app.core.notify.message import Message, Stage, Todo
from stream_app.core.notify.orders import Operated, Operation
from stream_app.core.notify.shelf import Shelf
from stream_app.core.routing import Target
from stream_app.notify.changelog import ChangelogError, Kept, read_back, reader
from stream_app.notify.erasures import source_of
from stream_app.settings import Settings
from stream_app.topics import NotifyTopic, OutputTopic, Worker


class InHand(Struct, frozen=True, kw_only=True):
    """A message that is not done; `on_way`: a parcel with it was given to the sink, and `why` it did not arrive yet."""

    target: Target
    message: Message
    on_way: bool = False
    why: str = ""

    @property
    def parked(self) -> bool:
        """Whether the sink refused it for good."""
        return self.message.stage is Stage.PARKED

    def can(self, operation: Operation) -> bool:
        """Tell whether its desk would do that."""
        match operation:
            case Operation.RETRY:
                return self.parked or self.on_way
            case Operation.DROP:
                return self.message.stage is not Stage.OPEN or bool(self.message.unsaid)


async def in_hand(settings: Settings) -> AsyncIterator[InHand]:
    """Yield what all workers of the group have in hand, as they wrote it down last; raises ClusterError."""
    async for kept in _kept(settings, await _partitions(settings)):
        for each in of_partition(kept.records):
            yield each


async def left_to_take(settings: Settings, partition: int, offset: int) -> int:
    """Return how many partitions of notify hold perhaps still who was erased by this record of `erasures`.

    One that was never at work holds nobody. Raises ClusterError.
    """
    source = source_of(TopicPartition(settings.topic(OutputTopic.ERASURES), partition))
    taken = [kept.positions.get(source, 0) > offset async for kept in _at_work(settings) if kept.positions]
    return taken.count(False)


async def left_to_overwrite(settings: Settings) -> int:
    """Return how many texts still stand in sinks of people who were erased, and are to be overwritten; ClusterError."""
    found = [message async for kept in _at_work(settings) for message in _messages(kept.records)]
    return sum(len(one.wipe) + (one.erased and Todo.UPDATE in one.todo) for one in found)


def of_partition(records: Mapping[bytes, bytes]) -> Iterator[InHand]:
    """Yield what the records of a partition's changelog say, desk by desk, the oldest first."""
    for shelf in _shelves(records):
        for message in sorted(shelf.messages.values(), key=lambda one: one.first_at):
            if message.stage is not Stage.DONE:
                yield _in_hand(shelf, message)


def orders_for(
    found: Sequence[InHand], operation: Operation, wanted: Callable[[InHand], bool]
) -> list[tuple[InHand, Operated]]:
    """Return what their desks are to be told of those that are wanted, and about which something can be done."""
    chosen = [each for each in found if wanted(each) and each.can(operation)]
    return [(each, Operated(case_id=each.message.case_id, operation=operation)) for each in chosen]


async def say(settings: Settings, orders: Sequence[tuple[InHand, Operated]]) -> None:
    """Write the orders to the queue, each where its target's desk reads; raises ClusterError."""
    queue = settings.topic(NotifyTopic.QUEUE)
    with explained(settings):
        async with AIOKafkaProducer(**settings.client_options(), enable_idempotence=True) as producer:
            for each, order in orders:
                await producer.send_and_wait(queue, encode_order(order), key=target_key(each.target))


def _in_hand(shelf: Shelf, message: Message) -> InHand:
    on_way = shelf.is_on_way(message)
    return InHand(
        target=shelf.target,
        message=message,
        on_way=on_way,
        why=message.refused or (shelf.book.why if on_way else ""),
    )


def _shelves(records: Mapping[bytes, bytes]) -> Iterable[Shelf]:
    shelves: dict[Target, Shelf] = {}
    for key, value in records.items():
        if key.startswith(DESK):
            target, case_id = desk_of(key)
            shelves.setdefault(target, Shelf(target)).load(case_id, value)
    return shelves.values()


def _messages(records: Mapping[bytes, bytes]) -> Iterator[Message]:
    for shelf in _shelves(records):
        yield from shelf.messages.values()


async def _at_work(settings: Settings) -> AsyncIterator[Kept]:
    """Yield what each partition keeps; nothing where notify was never set up."""
    partitions = await _partitions(settings)
    if partitions:
        async for kept in _kept(settings, partitions):
            yield kept


async def _kept(settings: Settings, partitions: int) -> AsyncIterator[Kept]:
    changelog = settings.changelog(Worker.NOTIFY)
    if not partitions:
        raise ClusterError(f"{changelog}: is missing; {CREATE}")
    with explained(settings):
        async with reader(settings.client_options()) as consumer:
            for number in range(partitions):
                try:
                    yield await read_back(consumer, TopicPartition(changelog, number))
                except ChangelogError as error:
                    raise ClusterError(str(error)) from None


async def _partitions(settings: Settings) -> int:
    """Return how many the changelog has, 0: it is missing."""
    changelog = settings.changelog(Worker.NOTIFY)
    (state,) = [state for state in await describe_topics(settings) if state.spec.name == changelog]
    return state.partitions if state.exists else 0
