"""What a sink does, as an outcome: nothing that it raises goes further, and a circuit guards it."""

import asyncio

import pytest

from stream_app.core.events import MINUTE, SECOND
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Failed, Refused, Sent
from stream_app.core.routes import Sink
from stream_app.notify import desks
from stream_app.notify.desks import Outlet
from stream_app.notify.metrics import NotifyMetrics
from stream_app.sinks.base import SinkError, SinkRejected
from tests.notify.alerts import published
from tests.notify.naive_machines import parcel_of, say, target_for
from tests.notify.sinks import Noting

NOW = 1_000 * SECOND
PARCEL = parcel_of(published(1), target_for(published(1)))


class StandingClock:
    def now(self):
        return NOW

    async def sleep_until(self, at, woken):
        await woken.wait()


class Placing(Noting):
    async def deliver(self, envelope):
        await super().deliver(envelope)
        return Place(channel="#c", id="7")


def outlet(sink, say=say):
    return Outlet(Sink.SLACK, sink, say, StandingClock(), NotifyMetrics())


def unsayable(parcel, now):
    raise KeyError("a name")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (SinkError("down"), Failed(why="down")),
        (SinkError("lost", unsure=True), Failed(why="lost", unsure=True)),
        (SinkError("slower", retry_after=30), Failed(why="slower", retry_at=NOW + 30 * SECOND)),
        (SinkError("slower", retry_after=1.5), Failed(why="slower", retry_at=NOW + SECOND * 3 // 2)),
        (SinkError("slower", retry_after=0.5), Failed(why="slower")),
        (SinkError("slower", retry_after=0), Failed(why="slower")),
        (SinkError("slower", retry_after=-5), Failed(why="slower")),
        (SinkError("slower", retry_after=86_400), Failed(why="slower", retry_at=NOW + 15 * MINUTE)),
        (SinkRejected("no such channel"), Refused(why="no such channel")),
        (TimeoutError(), Failed(why="no answer in time", unsure=True)),
        (ZeroDivisionError("secret"), Refused(why="ZeroDivisionError")),
    ],
)
async def test_what_a_sink_raises_is_an_outcome(error, outcome):
    """What nobody foresaw names its type alone: its text may hold anything."""
    assert outcome == await outlet(Noting(error)).deliver(PARCEL)


async def test_what_it_returns_is_where_the_message_stands():
    assert Sent(place=Place(channel="#c", id="7")) == await outlet(Placing()).deliver(PARCEL)
    assert Sent() == await outlet(Noting()).deliver(PARCEL)


async def test_a_sink_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(desks, "ANSWERS_WITHIN", 0.01)
    silent = Noting(asyncio.Event())
    assert Failed(why="no answer in time", unsure=True) == await outlet(silent).deliver(PARCEL)


async def test_a_parcel_that_cannot_be_put_into_words_is_refused():
    sink = Noting()
    assert Refused(why="KeyError") == await outlet(sink, unsayable).deliver(PARCEL)
    assert [] == sink.said


@pytest.mark.parametrize(
    ("errors", "is_open"),
    [
        ([SinkError("down")] * 4, False),
        ([SinkError("down")] * 5, True),
        ([TimeoutError()] * 5, True),
        ([SinkError("slower", retry_after=1)] * 9, False),
        ([SinkError("slower", retry_after=0)] * 5, True),
        ([SinkError("down")] * 4 + [SinkRejected("no")] + [SinkError("down")] * 4, False),
    ],
)
async def test_only_a_sink_that_fails_by_itself_is_left_alone(errors, is_open):
    """One that says when to come again is alive."""
    tried = outlet(Noting(*errors))
    for _ in errors:
        await tried.deliver(PARCEL)
    assert is_open == tried.breaker.is_open
