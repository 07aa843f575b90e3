"""Who tells idle partitions the time, and when."""

import pytest
from aiokafka.errors import KafkaError

from stream_app.codec import decode
from stream_app.core.events import MINUTE, SECOND, TimePassed
from stream_app.core.example import NOON
from stream_app.topics import InputTopic
from stream_app.workers.ticker import Ticker


class Idle:
    """Partitions with what was read of them, a clock, and what was written; partitions in `failing` take nothing."""

    def __init__(self, **read):
        self.read = {int(name[1:]): count for name, count in read.items()}
        self.now = NOON
        self.written = []
        self.failing = set()
        self.ticker = Ticker(idle=lambda: self.read, write=self.write, clock=lambda: self.now)

    async def write(self, partition, value):
        if partition in self.failing:
            raise KafkaError("nobody takes it")
        self.written.append((partition, decode(InputTopic.TICKS, None, value, -1)))

    async def after(self, span):
        """Let time pass; return which partitions were told so since."""
        self.now += span
        before = len(self.written)
        await self.ticker.tick()
        return [partition for partition, _ in self.written[before:]]


async def test_a_partition_is_told_once_it_is_idle_for_a_minute():
    idle = Idle(p0=5, p3=7)
    assert ([], [], [0, 3]) == (await idle.after(0), await idle.after(MINUTE - 1), await idle.after(1))
    assert [(0, TimePassed(occurred_at=NOON + MINUTE)), (3, TimePassed(occurred_at=NOON + MINUTE))] == idle.written


async def test_the_next_minute_begins_with_what_was_read():
    """Be it an event or what it was told itself."""
    idle = Idle(p0=5, p3=7)
    await idle.after(0)
    idle.read[0] = 6
    assert [3] == await idle.after(MINUTE)
    idle.read[3] = 8
    assert ([], [0]) == (await idle.after(MINUTE - SECOND), await idle.after(SECOND))
    assert ([], [3]) == (await idle.after(MINUTE - 2 * SECOND), await idle.after(SECOND))


@pytest.mark.parametrize("away", [True, False])
async def test_a_partition_that_was_away_begins_anew(away):
    """Where events wait, or which somebody else looks after."""
    idle = Idle(p0=5)
    await idle.after(0)
    if away:
        idle.read = {}
    await idle.after(MINUTE - SECOND)
    idle.read = {0: 5}
    assert ([] if away else [0]) == await idle.after(SECOND)


async def test_a_broker_that_takes_nothing_is_asked_again_in_a_minute():
    idle = Idle(p0=5, p1=5)
    idle.failing = {0}
    await idle.after(0)
    assert [1] == await idle.after(MINUTE)
    idle.failing.clear()
    assert ([], [0, 1]) == (await idle.after(MINUTE - 1), await idle.after(1))
