"""What is there and what is wrong with it, asked of a real broker."""

import asyncio
import re

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stream_app.cluster import ClusterError, create_topics, describe_topics, problems
from stream_app.partitioners import Partitioner, partition_of, partitioners
from stream_app.settings import Settings
from stream_app.topics import InputTopic

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(kafka, request):
    """Settings with topics that no other test has."""
    own = re.sub(r"\W", "-", request.node.name)
    return Settings(bootstrap_servers=kafka.bootstrap_servers, topic_prefix=f"{own}.", group=own)


async def found_wrong(settings):
    """Return what is wrong with the topics as they are."""
    return problems(await describe_topics(settings), settings)


async def make(settings, name, partitions, **configs):
    """Create a topic by hand, and wait until it is shown."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
        async with asyncio.timeout(20):
            while name not in await admin.list_topics():
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def send(settings, topic, partitioner, partitions=4):
    """Send keyed records as a producer with that partitioner would."""
    async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers) as producer:
        for key in (f"c-{number}".encode() for number in range(300)):
            where = partition_of(key, partitions, partitioner)
            await producer.send(settings.topic(topic), b"{}", key=key, partition=where)


async def test_nothing_there_is_a_problem_per_topic_with_what_to_do(settings):
    found = await found_wrong(settings)

    assert [spec.name for spec in settings.topic_specs()] == [problem.topic for problem in found]
    assert {"is missing; create it with: stream-app topics create"} == {problem.text for problem in found}


async def test_looking_creates_nothing(settings):
    await found_wrong(settings)
    await partitioners(settings, await describe_topics(settings))

    assert {False} == {state.exists for state in await describe_topics(settings)}


async def test_created_topics_are_as_they_should_be(settings):
    created = await create_topics(settings)
    states = await describe_topics(settings)

    assert [spec.name for spec in settings.topic_specs()] == created
    assert [] == await found_wrong(settings)
    assert {settings.topics.partitions} == {state.partitions for state in states}
    assert [state.spec.cleanup for state in states] == [state.configs["cleanup.policy"] for state in states]


async def test_creating_twice_creates_nothing_more(settings):
    await create_topics(settings)

    assert [] == await create_topics(settings)


async def test_new_topics_follow_the_partition_count_of_those_that_are_there(settings):
    await make(settings, settings.topic(InputTopic.PAGE_VIEWS), 7)
    await create_topics(settings)

    aligned = {state.partitions for state in await describe_topics(settings) if state.spec.aligned}
    assert {7} == aligned


async def test_unequal_partition_counts_are_fatal_and_named(settings):
    await make(settings, settings.topic(InputTopic.PAGE_VIEWS), 7, **{"message.timestamp.type": "LogAppendTime"})
    await make(settings, settings.topic(InputTopic.PURCHASES), 3, **{"message.timestamp.type": "LogAppendTime"})
    await create_topics(settings)

    (problem,) = await found_wrong(settings)
    assert problem.fatal
    assert f"{settings.topic_prefix}purchases 3, {settings.topic_prefix}page-views 7" in problem.text
    assert "--partitions 7" in problem.text


async def test_times_of_producers_are_worth_a_note(settings):
    await make(settings, settings.topic(InputTopic.PAGE_VIEWS), 4)
    await create_topics(settings)

    (problem,) = await found_wrong(settings)
    assert (settings.topic(InputTopic.PAGE_VIEWS), False) == (problem.topic, problem.fatal)


async def test_a_changelog_that_ages_is_fatal(settings):
    await make(settings, f"{settings.group}-customer-state-changelog", 4)
    await create_topics(settings)

    (problem,) = await found_wrong(settings)
    assert ("is not compacted" in problem.text, True) == (problem.text.startswith("is not compacted"), problem.fatal)


async def test_partitioners_are_told_topic_by_topic(settings):
    await create_topics(settings)
    await send(settings, InputTopic.PAGE_VIEWS, Partitioner.CRC32)
    await send(settings, InputTopic.PURCHASES, Partitioner.MURMUR2)
    await send(settings, InputTopic.CUSTOMERS, Partitioner.MURMUR2)
    await send(settings, InputTopic.CUSTOMERS, Partitioner.CRC32)

    expected = {
        InputTopic.CUSTOMERS: Partitioner.CRC32,  # the latest count: what changed is history
        InputTopic.INTERACTIONS: Partitioner.UNKNOWN,
        InputTopic.PURCHASES: Partitioner.MURMUR2,
        InputTopic.PAGE_VIEWS: Partitioner.CRC32,
    }
    assert expected == await partitioners(settings, await describe_topics(settings))


async def test_no_broker_is_said_with_its_address():
    settings = Settings(bootstrap_servers="127.0.0.1:1")

    with pytest.raises(ClusterError, match=r"Kafka at 127\.0\.0\.1:1 \(PLAINTEXT\): .*Connect call failed"):
        await found_wrong(settings)
