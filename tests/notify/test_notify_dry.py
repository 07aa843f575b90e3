"""A dry run shows what would be told, and leaves no trace."""

import asyncio
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from stream_app.core.routes import Sink
from stream_app.notify.clock import SystemClock
from stream_app.notify.desks import Outlet
from stream_app.notify.dry import DryRun
from stream_app.notify.metrics import NotifyMetrics
from tests.notify.alerts import published
from tests.notify.naive_machines import NAIVE, say
from tests.notify.sinks import Noting
from tests.notify.stage import Stage, until

pytestmark = pytest.mark.kafka


async def test_what_is_not_told_yet_is_shown_and_nothing_is_written(kafka):
    stage, told, shown = Stage(kafka.bootstrap_servers, f"n{uuid4().hex[:8]}"), Noting(), Noting()
    await stage.create()
    await stage.alert(published(1))
    async with stage.working(told):
        await until(lambda: told.said)
    before = await all_of(stage)
    await stage.alert(published(2, customer_id="c-2"), published(3, customer_id="c-3"))
    clock, metrics, stop = SystemClock(), NotifyMetrics(), asyncio.Event()
    outlets = {Sink.FILE: Outlet(Sink.FILE, shown, say, clock, metrics)}
    running = asyncio.create_task(DryRun(stage.place, NAIVE, outlets, clock, metrics).run(stop))
    await until(lambda: len(shown.said) >= 2)
    stop.set()
    await running
    assert [(published(2).alert_id, False), (published(3).alert_id, False)] == sorted(shown.said)
    assert before == await all_of(stage)


async def all_of(stage):
    """Return all that notify writes, and what its group has committed."""
    topics = stage.topics
    names = (topics.queue, topics.deliveries, topics.changelog)
    written = [sorted(await stage.read(name), key=repr) for name in names]
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.servers)
    await admin.start()
    committed = await admin.list_consumer_group_offsets(stage.name)
    await admin.close()
    return written, committed
