"""What a crash, a zombie and a change of hands leave in the changelog, on a broker."""

import asyncio
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from stream_app.core.notify.orders import Told
from stream_app.notify.changelog import Changelog, ForeignWriteError, restore
from stream_app.outbox import Outbox
from tests.notify.alerts import published
from tests.notify.sinks import Noting
from tests.notify.stage import Stage, partition_for, until

pytestmark = pytest.mark.kafka


@pytest.fixture
async def stage(kafka):
    stage = Stage(kafka.bootstrap_servers, f"n{uuid4().hex[:8]}")
    await stage.create()
    return stage


@pytest.fixture
async def take_over(stage):
    """Return what restores partition 0, as a worker does that was given it."""
    options = stage.place.options
    async with AIOKafkaProducer(**options, enable_idempotence=True) as producer:
        outbox = Outbox(lambda: producer, stage.place.partitions)

        async def taken():
            place = TopicPartition(stage.topics.changelog, 0)
            return await restore(options, outbox, place, [TopicPartition(stage.topics.queue, 0)])

        yield taken


async def test_what_is_written_is_restored_with_its_positions(stage, take_over):
    first = await take_over()
    await first.changelog.write([(b"a|1", b"x"), (b"a|2", b"y")], {"alerts": 3})
    await first.changelog.write([(b"a|1", None), (b"a|3", b"z")], {"alerts": 5})
    kept = (await take_over()).kept
    assert ({b"a|2": b"y", b"a|3": b"z"}, {"alerts": 5}) == (kept.records, kept.positions)


async def test_a_zombies_late_write_is_noticed_passed_over_and_written_over(stage, take_over):
    """By both: whoever was taken from, and whoever took over, ends at the next write."""
    zombie = await take_over()
    await zombie.changelog.write([(b"a|1", b"old")], {"alerts": 1})
    owner = await take_over()
    await owner.changelog.write([(b"a|1", b"new")], {"alerts": 2})
    with pytest.raises(ForeignWriteError):
        await zombie.changelog.write([(b"a|1", b"late")], {"alerts": 1})
    with pytest.raises(ForeignWriteError):
        await owner.changelog.write([(b"a|2", b"more")], {"alerts": 3})
    again = await take_over()
    assert ({b"a|1": b"new", b"a|2": b"more"}, {"alerts": 3}) == (again.kept.records, again.kept.positions)
    assert 1 == again.amended
    written = [value for key, value in await stage.read(stage.topics.changelog) if key == b"a|1"]
    assert [b"old", b"new", b"late", b"new"] == written
    assert 0 == (await take_over()).amended


async def test_of_two_who_restore_at_once_one_has_the_higher_epoch(take_over):
    """With the same one, the zombie among them would not be told from the owner."""
    taken = await asyncio.gather(*(take_over() for _ in range(4)))
    assert 4 == len({each.changelog.epoch for each in taken})


async def test_a_crash_between_what_is_said_and_what_is_kept_says_it_again_with_the_same_ids(stage, monkeypatch):
    alert, as_it_is, died = published(1), Changelog.write, []

    async def deadly(self, changes, positions):
        if not died and any(key.startswith(b"a|") for key, _ in changes):
            died.append(positions)
            raise ConnectionError
        await as_it_is(self, changes, positions)

    monkeypatch.setattr(Changelog, "write", deadly)
    sink = Noting()
    await stage.alert(alert)
    with pytest.raises(ExceptionGroup):
        async with stage.working(Noting()):
            await until(lambda: None)
    assert {} == (await stage.kept(partition_for(b"c-1"))).records
    async with stage.working(sink):
        await until(lambda: sink.said)
        await until(stage.fates)
    orders = await stage.orders()
    assert [alert.alert_id] * 2 == [order.case_id for order in orders if isinstance(order, Told)]
    assert [(alert.alert_id, False)] == sink.said
    assert [(alert.alert_id, "delivered")] == await stage.fates()


async def test_topics_made_anew_end_the_worker_with_words(stage):
    sink = Noting()
    await stage.alert(published(1))
    async with stage.working(sink):
        await until(lambda: sink.said)
    await stage.make_anew(stage.topics.alerts[0])
    with pytest.raises(ExceptionGroup) as raised:
        async with stage.working(Noting()):
            await until(lambda: None)
    assert "has been made anew. Delete the changelog" in str(raised.value.exceptions[0])
