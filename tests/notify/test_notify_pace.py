"""When desks speak: one message a second and Slack channel, and not while a circuit is open. In traffic's time."""

import asyncio

from stream_app.core.events import SECOND
from stream_app.core.notify.orders import Told
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind, Routing, Target
from stream_app.demo.clock import TrafficClock
from stream_app.notify.desks import Desks, Outlet
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.partition import Partition
from stream_app.sinks.base import SinkError
from tests.notify.alerts import published
from tests.notify.naive_machines import NAIVE, say
from tests.notify.test_notify_partition import ListLedger

BEGIN = 1_000


class Timed:
    """Notes when it is asked, in seconds since the beginning, and by which channel; down until `works_from`."""

    def __init__(self, clock, works_from=0):
        self.asked, self.said = [], []
        self._clock, self._works_from = clock, works_from

    async def deliver(self, envelope):
        at = self._clock.now() // SECOND - BEGIN
        self.asked.append(at)
        if at < self._works_from:
            raise SinkError("down")
        self.said.append((envelope.parcel.target.address, at))

    async def close(self):
        pass


def working(clock, kind, sink, *, one_place=False):
    outlet = Outlet(kind, sink, say, clock, NotifyMetrics(), one_place=one_place)
    partition = Partition(
        machines=NAIVE,
        ledger=ListLedger(),
        clock=clock,
        metrics=NotifyMetrics(),
        work=Desks({kind: outlet}, clock, NotifyMetrics()).work,
        failed=lambda error: None,
    )
    partition.start()
    return partition


def tell(partition, kind, channel, *numbers):
    target = Target(sink=kind, kind=AddressKind.CHANNEL, address=channel)
    for number in numbers:
        alert = published(number)
        routing = Routing(route="r", target=target, why=())
        partition.take(target, Told(case_id=alert.alert_id, alert=alert, routing=routing))


async def pass_by(clock, seconds):
    for second in range(seconds):
        await clock.run_to((BEGIN + second) * SECOND)
        for _ in range(30):
            await asyncio.sleep(0)


async def test_one_message_a_second_and_slack_channel():
    clock = TrafficClock(BEGIN * SECOND)
    sink = Timed(clock)
    partition = working(clock, Sink.SLACK, sink)
    tell(partition, Sink.SLACK, "#a", 1, 2, 3)
    tell(partition, Sink.SLACK, "#b", 4, 5)
    await pass_by(clock, 5)
    assert [("#a", 0), ("#a", 1), ("#a", 2), ("#b", 0), ("#b", 1)] == sorted(sink.said)
    await partition.abandon()


async def test_behind_a_webhook_all_channels_are_one():
    """Whatever channel a message is for, the webhook posts to its own: a second between any two."""
    clock = TrafficClock(BEGIN * SECOND)
    sink = Timed(clock)
    partition = working(clock, Sink.SLACK, sink, one_place=True)
    tell(partition, Sink.SLACK, "#a", 1, 2)
    tell(partition, Sink.SLACK, "#b", 3)
    tell(partition, Sink.SLACK, "#c", 4)
    await pass_by(clock, 6)
    assert ([0, 1, 2, 3], ["#a", "#a", "#b", "#c"]) == (
        [at for _, at in sink.said],
        sorted(channel for channel, _ in sink.said),
    )
    await partition.abandon()


async def test_other_sinks_have_no_pace():
    clock = TrafficClock(BEGIN * SECOND)
    sink = Timed(clock)
    partition = working(clock, Sink.FILE, sink)
    tell(partition, Sink.FILE, "#a", 1, 2, 3)
    await pass_by(clock, 1)
    assert [("#a", 0)] * 3 == sink.said
    await partition.abandon()


async def test_a_sink_that_is_down_is_tried_every_half_minute_whoever_waits_for_it():
    """Ten channels, and after the first failures one probe for all of them; when it works again, all go on."""
    clock = TrafficClock(BEGIN * SECOND)
    sink = Timed(clock, works_from=70)
    partition = working(clock, Sink.FILE, sink)
    for number in range(10):
        tell(partition, Sink.FILE, f"#{number}", number)
    await pass_by(clock, 120)
    tries = [at for at in sink.asked if at < 70]
    assert ([at for at in tries if at >= 5], 10) == ([30, 60], len([at for at in tries if at < 5]))
    assert [(f"#{number}", 90) for number in range(10)] == sorted(sink.said)
    await partition.abandon()
