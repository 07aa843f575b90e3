"""The worker knows who was erased before it judges anything, and takes back what was about to go."""

import asyncio
from base64 import b64encode
from uuid import uuid4

import orjson
import pytest
from msgspec.structs import replace

from stream_app.codec.erasures import ErasuresError, encode_erasure, erasure_key
from stream_app.core.erasure import Erasures
from stream_app.core.events import SECOND
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.routes import Route, Routes, Sink
from stream_app.notify.changelog import ChangelogError
from stream_app.notify.clock import SystemClock
from stream_app.notify.desks import Desks, Outlet
from stream_app.notify.erasures import ErasuresTopic
from stream_app.notify.machines import Machines
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.partition import Partition
from stream_app.settings import Settings
from tests.core.notify.erased_people import erasure
from tests.notify.alerts import published
from tests.notify.naive_machines import say
from tests.notify.sinks import Noting
from tests.notify.stage import PARTITIONS, Stage, until
from tests.notify.test_notify_partition import ListLedger

RULES = replace(
    Settings().notify_rules(),
    routes=Routes(ordered=(), fallback=Route(name="fallback", sink=Sink.FILE, passes=("high",))),
)


def machines():
    known = Erasures()
    return Machines(cases=lambda: Cases(RULES, known), desk=lambda target: Desk(target, RULES, known), erasures=known)


def of_now(number, customer_id):
    now = SystemClock().now()
    return replace(published(number, customer_id=customer_id), occurred_at=now - 1, detected_at=now)


async def test_what_is_about_to_go_when_somebody_is_erased_does_not_go():
    """The parcel was made, and that it is on its way is being written down."""
    gate, sink, clock, metrics = asyncio.Event(), Noting(), SystemClock(), NotifyMetrics()
    ledger, made = ListLedger(gate=gate), machines()
    partition = Partition(
        machines=made,
        ledger=ledger,
        clock=clock,
        metrics=metrics,
        work=Desks({Sink.FILE: Outlet(Sink.FILE, sink, say, clock, metrics)}, clock, metrics).work,
        failed=lambda error: None,
    )
    partition.start()
    tell(partition, of_now(1, "c-1"))
    (seat,) = partition.seats.values()
    await until(lambda: seat.desk._shelf.book.on_way is not None)
    gone = erasure("c-1", clock.now())
    made.erasures.add(gone)
    partition.erase(Erasures([gone]), {"erasures[0]": 1})
    gate.set()
    tell(partition, stays := of_now(2, "c-2"))
    await until(lambda: any(alert_id == stays.alert_id for alert_id, _ in sink.said))
    await partition.stop()

    assert [(stays.alert_id, False)] == sink.said
    assert {"erasures[0]": 1} == ledger.lines[-1][-1]


def tell(partition, alert):
    """Let the accounts hear an alert, and the desks at once what comes of it."""
    for target, order in partition.cases.alert(alert, SystemClock().now()).orders:
        partition.take(target, order)


def test_a_topic_that_ends_before_what_was_taken_of_it_is_not_believed():
    topic = ErasuresTopic("erasures", 1, Erasures())
    topic.positions["erasures[0]"] = 4

    assert 0 == len(topic.since({"erasures[0]": 4}))
    with pytest.raises(ChangelogError, match="read up to 5 before"):
        topic.since({"erasures[0]": 5})


class Held:
    """The topic, of which nothing is read before the gate opens."""

    def __init__(self, topic, gate):
        self._topic, self._gate = topic, gate

    def __getattr__(self, name):
        """Return what the topic itself has."""
        return getattr(self._topic, name)

    async def follow(self, options, hear):
        await self._gate.wait()
        await self._topic.follow(options, hear)


@pytest.mark.kafka
async def test_nobody_is_told_of_them_however_late_their_erasures_are_read_and_a_damaged_one_stops_the_worker(kafka):
    stage, sink, gate = Stage(kafka.bootstrap_servers, f"e{uuid4().hex[:8]}"), Noting(), asyncio.Event()
    await stage.create()
    gone, stays = of_now(1, "c-gone"), of_now(2, "c-stays")
    await stage.write(stage.topics.alerts[1], [(b"c-gone", b"damaged, of c-gone"), (b"c-stays", b"damaged")])
    await stage.alert(gone, stays)
    erased = erasure("c-gone", SystemClock().now() + SECOND)
    void = [(b"damaged", b"?"), (b"damaged", None)]
    await stage.write(stage.topics.erasures, [*void, (erasure_key(erased), encode_erasure(erased))])
    async with stage.working(sink, machines()) as worker:
        worker._erasures = Held(worker._erasures, gate)
        await until(lambda: len(worker._opening) == PARTITIONS or worker.ready)
        await asyncio.sleep(2)  # in which a worker that does not wait tells of both
        assert not worker.ready
        gate.set()
        await until(lambda: has_fates(stage, 2))

    assert [stays.alert_id] == [alert_id for alert_id, _ in sink.said]
    assert [(gone.alert_id, "erased"), (stays.alert_id, "delivered")] == await stage.fates()
    letters = [orjson.loads(value) for _, value in await stage.read(stage.topics.dead_letters)]
    assert {None, b64encode(b"damaged").decode()} == {each.get("value") for each in letters}
    await stage.write(stage.topics.erasures, [(b"k", orjson.dumps({"schema_version": 99}))])
    with pytest.raises(ExceptionGroup) as stopped:
        async with stage.working(sink, machines()):
            await asyncio.Event().wait()
    assert [ErasuresError] == [type(error) for error in stopped.value.exceptions]


async def has_fates(stage, count):
    return len(await stage.fates()) == count
