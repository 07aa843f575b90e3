"""What is there and what is wrong with it, asked of a real broker."""

import asyncio
import re
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stream_app.cluster import ClusterError, create_topics, describe_topics, problems
from stream_app.partitioners import Partitioner, partition_of, partitioners
from stream_app.settings import Settings
from stream_app.settings.notify import NotifySettings
from stream_app.topics import InputTopic, NotifyTopic, OutputTopic, Worker

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(kafka, request):
    """Settings with topics that no other test has."""
    own = re.sub(r"\W", "-", request.node.name)
    return Settings(
        bootstrap_servers=kafka.bootstrap_servers,
        topic_prefix=f"{own}.",
        group=own,
        notify=NotifySettings(group=f"{own}-notify"),
    )


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


@pytest.mark.parametrize(
    ("topic", "expected"),
    [(InputTopic.PAGE_VIEWS, {Worker.DETECT: 7, Worker.NOTIFY: 4}), (OutputTopic.FATES, {None: 4, Worker.NOTIFY: 7})],
)
async def test_new_topics_follow_the_partition_count_of_those_that_are_there(settings, topic, expected):
    """Each of those that a worker reads together, and nothing else."""
    await make(settings, settings.topic(topic), 7)
    await create_topics(settings)

    counts = {(state.spec.aligned, state.partitions) for state in await describe_topics(settings)}
    assert {None: 4, Worker.DETECT: 4, Worker.NOTIFY: 4} | expected == dict(counts)
    assert len(counts) == 3


async def test_unequal_partition_counts_are_fatal_and_named(settings):
    await make(settings, settings.topic(InputTopic.PAGE_VIEWS), 7, **{"message.timestamp.type": "LogAppendTime"})
    await make(settings, settings.topic(InputTopic.PURCHASES), 3, **{"message.timestamp.type": "LogAppendTime"})
    await create_topics(settings)

    (problem,) = await found_wrong(settings)
    assert problem.fatal
    assert f"{settings.topic_prefix}purchases 3, {settings.topic_prefix}page-views 7" in problem.text
    assert "--partitions 7" in problem.text


@pytest.mark.parametrize(
    ("topic", "partitions", "todo"),
    [
        ("{prefix}cs-alerts-churn", 3, "give all the most: kafka-topics.sh --alter --partitions 4"),
        ("{group}-state-changelog", 9, "what is held or open is forgotten, and alerts that are not too old"),
    ],
    ids=["alerts", "changelog"],
)
async def test_what_notify_reads_together_is_its_own_matter(settings, topic, partitions, todo):
    """A worker that does not read these topics together starts all the same."""
    name = topic.format(prefix=settings.topic_prefix, group=settings.notify.group)
    await create_topics(settings)
    states = [
        replace(state, partitions=partitions) if state.spec.name == name else state
        for state in await describe_topics(settings)
    ]

    (problem,) = problems(states, settings)
    assert ([], [problem]) == (problems(states, settings, Worker.DETECT), problems(states, settings, Worker.NOTIFY))
    assert problem.fatal
    assert f"{name} {partitions}" in problem.text
    assert todo in problem.text


async def test_a_worker_misses_only_what_it_uses(settings):
    states = await describe_topics(settings)
    missed = {worker: {one.topic for one in problems(states, settings, worker)} for worker in Worker}

    assert {
        *map(settings.topic, NotifyTopic),
        settings.changelog(Worker.NOTIFY),
    } == missed[Worker.NOTIFY] - missed[Worker.DETECT]
    assert {
        *map(settings.topic, (*InputTopic, OutputTopic.SEGMENT_CHANGES)),
        settings.changelog(Worker.DETECT),
    } - {settings.topic(InputTopic.INTERACTIONS)} == missed[Worker.DETECT] - missed[Worker.NOTIFY]


async def test_times_of_producers_are_worth_a_note(settings):
    await make(settings, settings.topic(InputTopic.PAGE_VIEWS), 4)
    await create_topics(settings)

    (problem,) = await found_wrong(settings)
    assert (settings.topic(InputTopic.PAGE_VIEWS), False) == (problem.topic, problem.fatal)


@pytest.mark.parametrize("worker", Worker)
async def test_a_changelog_that_ages_is_fatal(settings, worker):
    await make(settings, settings.changelog(worker), 4)
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
