"""A partition's saves: all of one moment, in their order, and never past one that failed."""

import asyncio
import json

import pytest

from stream_app.core.notify.keys import desk_record
from stream_app.core.routes import Sink
from stream_app.notify import partition as module
from stream_app.notify.clock import SystemClock
from stream_app.notify.desks import Desks, Outlet
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.partition import Partition
from stream_app.sinks.base import SinkError
from tests.notify.alerts import published
from tests.notify.naive_machines import NAIVE, say, target_for
from tests.notify.sinks import Noting
from tests.notify.stage import until


class ListLedger:
    """Notes what is said and kept; `failing` is raised instead, `gate` waited for before anything is kept."""

    def __init__(self, failing=None, gate=None):
        self.lines, self.kept = [], {}
        self._failing, self._gate = failing, gate

    async def say(self, spoken):
        self.lines.append(("say", len(spoken.orders), [each.fate.value for each in spoken.deliveries]))

    async def keep(self, changes, positions):
        if self._gate is not None:
            await self._gate.wait()
        if self._failing is not None:
            raise self._failing
        self.kept.update(changes)
        self.lines.append(("keep", [key for key, _ in changes], positions))


def made(ledger, sink=None, kind=Sink.FILE, failed=None):
    clock, metrics = SystemClock(), NotifyMetrics()
    outlets = {kind: Outlet(kind, sink or Noting(), say, clock, metrics)}
    partition = Partition(
        machines=NAIVE,
        ledger=ledger,
        clock=clock,
        metrics=metrics,
        work=Desks(outlets, clock, metrics).work,
        failed=failed or (lambda error: None),
    )
    partition.start()
    return partition


def read(partition, number, customer_id="c-1"):
    """Let the accounts hear an alert, as if it had been read at this offset."""
    partition.hear(partition.cases.alert(published(number, customer_id=customer_id), 0))
    partition.positions["alerts"] = number + 1


def order(partition, number, rule_id="r"):
    """Give a desk an alert."""
    alert = published(number, rule_id=rule_id)
    said = NAIVE.cases().alert(alert, 0)
    ((target, told),) = said.orders
    partition.take(target, told)


async def test_what_follows_is_said_before_it_is_kept_with_the_position_it_comes_from():
    ledger = ListLedger()
    partition = made(ledger)
    read(partition, 1)
    await partition.save()
    assert [("say", 1, []), ("keep", [b"a|c-1"], {"alerts": 2})] == ledger.lines
    await partition.save()
    assert 2 == len(ledger.lines)


async def test_a_save_holds_all_of_one_moment():
    """What is read while one is under way belongs to the next, position and all."""
    gate = asyncio.Event()
    ledger = ListLedger(gate=gate)
    partition = made(ledger)
    await asyncio.sleep(0)  # accounts are looked through at the start
    await partition.save()
    read(partition, 1)
    first = asyncio.create_task(partition.save())
    await until(lambda: ledger.lines)
    read(partition, 2, "c-2")
    second = asyncio.create_task(partition.save())
    gate.set()
    await asyncio.gather(first, second)
    kept = [line for line in ledger.lines if line[0] == "keep"]
    assert [("keep", [b"a|c-1"], {"alerts": 2}), ("keep", [b"a|c-2"], {"alerts": 3})] == kept


async def test_after_a_save_that_failed_nothing_is_kept():
    """Else the next one would hold the position of what was lost."""
    ledger = ListLedger(failing=ConnectionError())
    partition = made(ledger)
    read(partition, 1)
    with pytest.raises(ConnectionError):
        await partition.save()
    ledger._failing = None
    read(partition, 2)
    with pytest.raises(ConnectionError):
        await partition.save()
    assert [("say", 1, [])] == ledger.lines


async def test_who_waits_for_a_save_may_be_cancelled_without_harm():
    gate = asyncio.Event()
    ledger = ListLedger(gate=gate)
    partition = made(ledger)
    await asyncio.sleep(0)  # accounts are looked through at the start
    await partition.save()
    read(partition, 1)
    saving = asyncio.create_task(partition.save())
    await until(lambda: ledger.lines)
    saving.cancel()
    gate.set()
    await partition.save()
    assert ("keep", [b"a|c-1"], {"alerts": 2}) == ledger.lines[-1]


async def test_that_a_parcel_is_on_its_way_is_kept_before_it_goes():
    """Else a crash would say it again as if for the first time."""
    ledger, alert, found = ListLedger(), published(1), []

    class Looking(Noting):
        async def deliver(self, envelope):
            found.append(json.loads(ledger.kept[desk_record(target_for(alert))])["on_its_way"])
            await super().deliver(envelope)

    sink = Looking()
    partition = made(ledger, sink)
    order(partition, 1)
    await until(lambda: sink.said)
    await partition.stop()
    assert [True] == found
    assert not json.loads(ledger.kept[desk_record(target_for(alert))])["on_its_way"]


async def test_stopping_waits_for_a_send_under_way_and_begins_no_other():
    answer = asyncio.Event()
    sink, ledger = Noting(answer), ListLedger()
    partition = made(ledger, sink)
    order(partition, 1)
    order(partition, 2)
    await sink.asked.wait()
    stopping = asyncio.create_task(partition.stop())
    answer.set()
    await stopping
    assert [(published(1).alert_id, False)] == sink.said
    assert ("say", 0, ["delivered"]) in ledger.lines
    desk = partition.seats[target_for(published(1))].desk
    assert ([published(2)], False) == (desk.state.queue, desk.state.on_its_way)


async def test_a_send_that_takes_too_long_is_given_up_as_one_that_may_have_arrived(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.01)
    sink = Noting(asyncio.Event())
    partition = made(ListLedger(), sink)
    order(partition, 1)
    await sink.asked.wait()
    await partition.stop()
    desk = partition.seats[target_for(published(1))].desk
    assert ([published(1)], True) == (desk.state.queue, desk._doubtful)


async def test_a_desk_that_cannot_save_ends_the_worker():
    failures = []
    partition = made(ListLedger(failing=ConnectionError()), failed=failures.append)
    order(partition, 1)
    await until(lambda: failures)
    assert ConnectionError is type(failures[0])


async def test_a_slow_desk_stalls_no_other():
    sink = Noting(asyncio.Event())
    partition = made(ListLedger(), sink)
    order(partition, 1, "slow")
    await sink.asked.wait()
    order(partition, 2, "other")
    await until(lambda: sink.said)
    assert [(published(2).alert_id, False)] == sink.said
    await partition.abandon()


async def test_what_failed_is_said_again():
    sink = Noting(SinkError("down", retry_after=0), SinkError("lost", retry_after=0, unsure=True))
    partition = made(ListLedger(), sink)
    order(partition, 1)
    await until(lambda: sink.said)
    assert [(published(1).alert_id, True)] == sink.said
    await partition.stop()


async def test_orders_for_desks_wake_them():
    sink = Noting()
    partition = made(ListLedger(), sink)
    order(partition, 1)
    await until(lambda: len(sink.said) == 1)
    order(partition, 2)
    await until(lambda: len(sink.said) == 2)
    await partition.stop()
