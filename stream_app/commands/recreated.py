"""`stream-app topics recreated`: an input topic was made anew, so what is known of its offsets is forgotten.

What was learnt from the old topic stays with the customers. The changelog is what state is restored from, so that is
where it is said; commits follow, so that a command that was interrupted is given again. Erasures that say up to where
that topic is erased say nothing of it any more.

`erasures` itself may have been made anew, too: then it is forgotten how many there were.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from stream_app.cluster import ClusterError, describe_topics, explained, problems
from stream_app.codec.erasures import ErasuresError, collected, encode_erasure, erasure_key
from stream_app.codec.state import StateFormatError, nothing_applied_of
from stream_app.core.events import SECOND
from stream_app.settings import Settings, SettingsError
from stream_app.topics import InputTopic, OutputTopic, Worker
from stream_app.workers.erased import known_of, remember
from stream_app.workers.partition import READ_KEY, SITE_KEY
from stream_app.workers.stores import ERASED_KEY, RESERVED, MemoryStore
from stream_app.workers.terms import TERM_KEY, headers_of, next_term, what_counts

_NOBODY = ("Empty", "Dead")
_GRACE_SECONDS = 5


def run(settings: Settings, name: str) -> str:
    """Do it for a topic, named with or without the prefix, and return what was done."""
    if name in (settings.topic(OutputTopic.ERASURES), str(OutputTopic.ERASURES)):
        changed = asyncio.run(forget_erasures(settings))
        return f"{name} may hold fewer than were known ({changed:,} partitions knew some); erase again who was erased"
    sources = {name: topic for topic in settings.rekey for name in (settings.source(topic), str(topic))}
    if name in sources:
        asyncio.run(rekey_anew(settings, sources[name]))
        return f"{name} is rekeyed from its start; what was rekeyed before stays in {settings.topic(sources[name])}"
    topics = {settings.topic(topic): topic for topic in InputTopic} | {str(topic): topic for topic in InputTopic}
    if name not in topics:
        raise SettingsError(f"{name} is no input topic; these are: {', '.join(InputTopic)}")
    changed = asyncio.run(forget_offsets(settings, topics[name]))
    return f"{name} is read from its start; what is known stays ({changed:,} values forgot the offsets of old)"


async def forget_offsets(settings: Settings, topic: InputTopic) -> int:
    """Let a topic be read from its start, as if never read; return how many values of state said otherwise.

    Raises:
        ClusterError: the cluster cannot be asked, or workers are still running.
    """
    changelog = settings.changelog(Worker.DETECT)
    places = await _places(settings)
    async with _clients(settings) as (admin, consumer, producer):
        await _nobody_at_work(admin, settings)
        changed = 0
        for place in places[changelog]:
            values = await _what_counts(consumer, place)
            try:
                new = {key: nothing_applied_of(topic, value) for key, value in values.items() if _has_fence(key)}
            except StateFormatError as error:
                raise ClusterError(f"{changelog}: {error}") from error
            told = {key: value for key, value in new.items() if value is not values[key]}
            if told:
                await _write(producer, place, next_term(values.get(TERM_KEY), 0), told)
            changed += len(told)
        for place in places[settings.topic(OutputTopic.ERASURES)]:
            await _take_back(consumer, producer, place, topic)
        consumer.assign(places[settings.topic(topic)])
        await consumer.commit(await consumer.beginning_offsets(places[settings.topic(topic)]))
    return changed


async def rekey_anew(settings: Settings, topic: InputTopic) -> None:
    """Let the source of a rekeyed topic be read from its start. Raises as the others do."""
    group, source = settings.topic(topic), (await _places(settings))[settings.source(topic)]
    async with _clients(settings, group) as (admin, consumer, _):
        await _nobody_at_work(admin, settings, group)
        consumer.assign(source)
        await consumer.commit(await consumer.beginning_offsets(source))


async def forget_erasures(settings: Settings) -> int:
    """Let `erasures` hold fewer than were known; return in how many partitions some were. Raises as the other does."""
    places = await _places(settings)
    async with _clients(settings) as (admin, consumer, producer):
        await _nobody_at_work(admin, settings)
        changed = 0
        for place in places[settings.changelog(Worker.DETECT)]:
            values = await _what_counts(consumer, place)
            known, times = known_of(values.get(ERASED_KEY))
            if known:
                await _write(producer, place, next_term(values.get(TERM_KEY), 0), {ERASED_KEY: remember(0, times + 1)})
                changed += 1
    return changed


async def _take_back(
    consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, place: TopicPartition, topic: InputTopic
) -> None:
    """Let erasures say nothing of a topic: what stood there is made void first, or both would add up."""
    try:
        known = collected(await _all_of(consumer, place), f"{place.topic}[{place.partition}]")
    except ErasuresError as error:
        raise ClusterError(str(error)) from error
    sending = []
    for erasure in known:
        if topic in erasure.upto:
            for value in (None, encode_erasure(erasure.without(topic))):
                sending.append(await producer.send(place.topic, value, erasure_key(erasure), place.partition))  # noqa: PERF401
    await asyncio.gather(*sending)


async def _all_of(consumer: AIOKafkaConsumer, place: TopicPartition) -> list[tuple[bytes | None, bytes | None]]:
    consumer.assign([place])
    await consumer.seek_to_beginning(place)
    end, found = (await consumer.end_offsets([place]))[place], list[tuple[bytes | None, bytes | None]]()
    while await consumer.position(place) < end:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            found += [(record.key, record.value) for record in records]
    return found


async def _places(settings: Settings) -> dict[str, list[TopicPartition]]:
    found = await describe_topics(settings)
    if missing := [problem for problem in problems(found, settings, Worker.DETECT) if problem.fatal]:
        raise ClusterError("; ".join(map(str, missing)))
    return {each.spec.name: [TopicPartition(each.spec.name, n) for n in range(each.partitions)] for each in found}


@asynccontextmanager
async def _clients(
    settings: Settings, group: str = ""
) -> AsyncIterator[tuple[AIOKafkaAdminClient, AIOKafkaConsumer, AIOKafkaProducer]]:
    options = settings.client_options()
    async with AsyncExitStack() as stack:
        stack.enter_context(explained(settings))
        admin = AIOKafkaAdminClient(**options)
        stack.push_async_callback(admin.close)
        await admin.start()
        consumer = AIOKafkaConsumer(**options, group_id=group or settings.group, enable_auto_commit=False)
        yield (
            admin,
            await stack.enter_async_context(consumer),
            await stack.enter_async_context(AIOKafkaProducer(**options, linger_ms=20, max_request_size=1_048_588)),
        )


async def _nobody_at_work(admin: AIOKafkaAdminClient, settings: Settings, group: str = "") -> None:
    """Return when the group has no members; one that ended at once counts as one until its session runs out."""
    group = group or settings.group
    try:
        async with asyncio.timeout(settings.kafka.session_timeout / SECOND + _GRACE_SECONDS):
            while await _state_of(admin, group) not in _NOBODY:  # noqa: ASYNC110 (nobody tells us)
                await asyncio.sleep(0.5)
    except TimeoutError:
        raise ClusterError(f"group {group} is at work: stop all detect workers first") from None


async def _state_of(admin: AIOKafkaAdminClient, group: str) -> str:
    try:
        state: str = (await admin.describe_consumer_groups([group]))[0].groups[0][2]
    except GroupCoordinatorNotAvailableError:
        return "Unknown"  # to a cluster that has just been started
    return state


async def _what_counts(consumer: AIOKafkaConsumer, place: TopicPartition) -> dict[bytes, bytes]:
    """Return what stands in a partition of the changelog, by key, as a restore would have it."""
    consumer.assign([place])
    await consumer.seek_to_beginning(place)
    end, values = (await consumer.end_offsets([place]))[place], dict[bytes, bytes | None]()
    store = MemoryStore()
    while await consumer.position(place) < end:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            found = what_counts(records, place.partition, store)
            store.restore(place.partition, found, records[-1].offset)
            values |= found
    return {key: value for key, value in values.items() if value is not None}


async def _write(producer: AIOKafkaProducer, place: TopicPartition, term: bytes, values: Mapping[bytes, bytes]) -> None:
    """Write as an owner of the partition does: under a term of its own, whose claim comes first."""
    records = {TERM_KEY: term, **values}.items()
    sending = [
        await producer.send(place.topic, value, key, place.partition, headers=headers_of(term))
        for key, value in records
    ]
    await asyncio.gather(*sending)


def _has_fence(key: bytes) -> bool:
    return key in (SITE_KEY, READ_KEY) or not key.startswith(RESERVED)
