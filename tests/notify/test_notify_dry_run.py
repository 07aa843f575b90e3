"""A dry run says on the console what would be sent, and leaves no trace in the cluster."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from msgspec.structs import replace

from stream_app.codec import encode_alert
from stream_app.core.alerts import Alert
from stream_app.core.events import Profile, Tier
from stream_app.topics import NotifyTopic, OutputTopic, Worker
from tests.core.alerts import PUBLISHED

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds
ANY_HOUR = """
routes = []
[fallback]
sink = "webhook"
pass_outside_hours = ["high"]
"""


async def write(settings):
    """Write an alert of now."""
    now = time.time_ns() // 1_000
    fields = {name: getattr(PUBLISHED, name) for name in Alert.__struct_fields__ if name != "event_id"}
    profile = Profile(occurred_at=now, account_name="株式会社サンプル", tier=Tier.HIGH)
    alert = replace(Alert(**fields | {"event_id": "v-1", "customer": profile}), occurred_at=now)
    async with AIOKafkaProducer(**settings.client_options()) as producer:
        topic = settings.topic(OutputTopic.CHURN)
        await producer.send_and_wait(topic, encode_alert(alert, now), key=b"a-1")


async def traces(settings):
    """Return how many records stand where notify writes, and where its group has committed."""
    names = [*map(settings.topic, [*NotifyTopic, OutputTopic.DEAD_LETTERS]), settings.changelog(Worker.NOTIFY)]
    async with AIOKafkaConsumer(**settings.client_options(), group_id=settings.notify.group) as consumer:
        places = [TopicPartition(name, number) for name in names for number in range(settings.topics.partitions)]
        read = [TopicPartition(settings.topic(OutputTopic.CHURN), each) for each in range(settings.topics.partitions)]
        written = sum((await consumer.end_offsets(places)).values())
        return written, [await consumer.committed(place) for place in read]


async def said_until(process, word):
    """Return what the console shows until there is this word."""
    said = ""
    async with asyncio.timeout(PATIENCE):
        while word not in said:
            line = await process.stdout.readline()
            assert line, f"ended after: {said}"
            said += line.decode()
    return said


async def test_it_says_what_would_be_sent_and_leaves_no_trace(ground, tmp_path):
    (tmp_path / "stream-app.toml").write_text(ANY_HOUR)
    settings = ground.settings
    await ground.create()
    await write(settings)
    environ = {**os.environ, **ground.environ(), "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stream_app", "notify", "--dry-run"),
        cwd=tmp_path,
        env=environ,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        said = await said_until(process, "株式会社サンプル")
        process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()

    assert (0, True) == (process.returncode, "webhook" in said), log
    assert (0, [None] * 4) == await traces(settings)
