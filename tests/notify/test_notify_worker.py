"""The worker on a broker: what is read is told once, whoever ends when."""

import asyncio
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from stream_app.codec import to_wire
from stream_app.core.events import Interaction, InteractionKind
from stream_app.core.notify.orders import Contacted
from tests.notify.alerts import published
from tests.notify.sinks import Noting
from tests.notify.stage import PARTITIONS, Stage, until

pytestmark = pytest.mark.kafka

MANY = [published(number, rule_id=f"r{number % 3}", customer_id=f"c-{number % 7}") for number in range(60)]


@pytest.fixture
async def stage(kafka):
    stage = Stage(kafka.bootstrap_servers, f"n{uuid4().hex[:8]}")
    await stage.create()
    return stage


def once(alerts):
    return sorted((each.alert_id, False) for each in alerts)


async def test_every_alert_is_told_once_and_has_its_fate(stage):
    sink = Noting()
    await stage.alert(*MANY)
    async with stage.working(sink) as worker:
        await until(lambda: len(sink.said) >= len(MANY))
        assert worker.ready
    assert once(MANY) == sorted(sink.said)
    assert sorted((each.alert_id, "delivered") for each in MANY) == await stage.fates()


async def test_after_a_stop_nothing_is_told_again(stage):
    first, second = Noting(), Noting()
    await stage.alert(*MANY[:20])
    async with stage.working(first):
        await until(lambda: len(first.said) >= 20)
    await stage.alert(*MANY[20:])
    async with stage.working(second):
        await until(lambda: len(second.said) >= 40)
    assert once(MANY) == sorted(first.said + second.said)


async def test_a_parcel_under_way_at_a_crash_is_said_again_and_marked(stage):
    """The sink never answers: whether it took the parcel, nobody knows."""
    silent, second = Noting(asyncio.Event()), Noting()
    await stage.alert(*MANY[:1])
    async with stage.working(silent, crash=True):
        await silent.asked.wait()
    async with stage.working(second):
        await until(lambda: second.said)
    assert [(MANY[0].alert_id, True)] == second.said


async def test_two_workers_share_and_a_rebalance_neither_loses_nor_repeats(stage):
    one, two = Noting(), Noting()
    async with stage.working(one) as first:
        await until(lambda: first.ready)
        await stage.alert(*MANY[:20])
        async with stage.working(two) as second:
            await stage.alert(*MANY[20:40])
            await until(lambda: second.ready)
            await until(lambda: len(one.said + two.said) >= 40)
        await stage.alert(*MANY[40:])
        await until(lambda: len(one.said + two.said) >= 60)
    assert once(MANY) == sorted(one.said + two.said)
    assert sorted((each.alert_id, "delivered") for each in MANY) == await stage.fates()


async def test_what_cannot_be_read_is_a_dead_letter_and_the_rest_goes_on(stage):
    sink, topics = Noting(), stage.topics
    for topic in topics.sources:
        await stage.write(topic, [(b"c-1", b"nonsense"), (b"c-1", None)])
    await stage.write(topics.queue, [(b"no target", b'{"type":"operated","case_id":"1","operation":"drop"}')])
    await stage.alert(*MANY)
    async with stage.working(sink):
        await until(lambda: len(sink.said) >= len(MANY))
    assert 2 * len(topics.sources) + 1 == len(await stage.read(topics.dead_letters))
    assert once(MANY) == sorted(sink.said)


async def test_a_contact_is_said_to_every_desk_of_every_partition(stage):
    sink, topics = Noting(), stage.topics
    contacted = Interaction(event_id="e-1", customer_id="c-1", occurred_at=5, kind=InteractionKind.CONTACTED)
    other = Interaction(event_id="e-2", customer_id="c-1", occurred_at=6, kind=InteractionKind.FOLLOW_UP)
    await stage.write(topics.interactions, [(b"c-1", to_wire(contacted)), (b"c-1", to_wire(other)), (b"c-1", b"?")])
    async with stage.working(sink):
        await until(lambda: stage.read(topics.queue))
    expected = Contacted(customer_id="c-1", at=5)
    assert [expected] * PARTITIONS == await stage.orders()
    assert [] == await stage.read(topics.dead_letters)


async def test_a_first_start_says_how_many_alerts_were_too_old(stage):
    sink = Noting()
    await stage.alert(*(published(number, rule_id="stale", customer_id=f"c-{number}") for number in range(9)))
    await stage.alert(MANY[0])
    with capture_logs() as logs:
        async with stage.working(sink):
            await until(lambda: sink.said and any("too old" in line["event"] for line in logs))
    expected = "9 alerts were too old when they were first read: nobody is told of them"
    assert [expected] == [line["event"] for line in logs if "too old" in line["event"]]
