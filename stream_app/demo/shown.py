"""The sinks of a demonstration: the screen in place of every one, and behind it those that can be reached for real."""

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from stream_app.core.events import SECOND, Micros
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind as ParcelKind
from stream_app.core.notify.parcels import Parcel
from stream_app.core.routes import Sink as Kind
from stream_app.demo.screen import Screen
from stream_app.notify.desks import PACE
from stream_app.settings import Settings
from stream_app.sinks.base import Envelope, Sink, SinkError, SinkRejected
from stream_app.sinks.choose import configured
from stream_app.sinks.console import Console

TRIES = 3
"""So often a sink may fail in a row; then the demonstration goes on without it."""

PAUSE = 1.0  # seconds before the next try, unless the sink asks for more …
LONGEST_PAUSE = 30.0  # … but nobody looks on for longer than this

_LISTS = frozenset({ParcelKind.BUNDLE, ParcelKind.DIGEST})


def shown_sinks(settings: Settings, screen: Screen, clock: Callable[[], Micros]) -> dict[Kind, Sink]:
    """Return a sink for every kind, and say on the screen which of them send for real."""
    zone = ZoneInfo(settings.hours.timezone)
    shown = Excerpt(Console(screen, clock, zone), Console(screen, clock, zone, brief=True))
    real = configured(_unheard(settings), clock=clock)
    if real:
        screen.say(f"Messages go to the screen, and for real to: {', '.join(real)}")
    sent = {
        kind: ForReal(kind, sink, shown, screen.say, pace=PACE.get(kind, 0) / SECOND, pause=PAUSE)
        for kind, sink in real.items()
    }
    return {kind: sent.get(kind, shown) for kind in Kind}


class Excerpt:
    """Prints the first letter of each sort whole, and of the others the heading."""

    def __init__(self, whole: Sink, brief: Sink) -> None:
        self._whole = whole
        self._brief = brief
        self._shown: set[tuple[str, ...]] = set()

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Print it."""
        sort = _sort(envelope.parcel)
        first = sort not in self._shown
        self._shown.add(sort)
        return await (self._whole if first else self._brief).deliver(envelope)

    async def close(self) -> None:
        """Hold nothing."""


class ForReal:
    """Sends to the real sink and shows it on the screen too; what the sink refuses is parked, as in earnest.

    Letters go `pace` seconds apart, and once more after `pause`. A sink that keeps failing is left alone: the traffic's
    clock waits for each letter, and would wait for ever.
    """

    def __init__(
        self, kind: Kind, sink: Sink, shown: Sink, say: Callable[[str], object], *, pace: float, pause: float
    ) -> None:
        self._kind = kind
        self._sink = sink
        self._shown = shown
        self._say = say
        self._pace = pace
        self._pause = pause
        self._left_alone = False
        self._refusals: set[str] = set()
        self._turn = asyncio.Lock()

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Send it and show it; raises SinkRejected."""
        try:
            async with self._turn:
                place = await self._sent(envelope)
        except SinkRejected:
            await self._shown.deliver(envelope)
            raise
        here = await self._shown.deliver(envelope)
        return here if self._left_alone else place

    async def close(self) -> None:
        """Let go of connections."""
        await self._sink.close()

    async def _sent(self, envelope: Envelope) -> Place | None:
        pauses = [self._pause] * (TRIES - 1)
        while not self._left_alone:
            try:
                place = await self._sink.deliver(envelope)
            except SinkRejected as error:
                self._say_once(f"Not delivered: {error}")
                raise
            except SinkError as error:
                if not pauses:
                    self._left_alone = True
                    self._say(f"{self._kind} is left alone from here on: {error}")
                    break
                await asyncio.sleep(min(max(pauses.pop(), error.retry_after or 0), LONGEST_PAUSE))
            else:
                await asyncio.sleep(self._pace)
                return place
        return None

    def _say_once(self, refusal: str) -> None:
        if refusal not in self._refusals:
            self._refusals.add(refusal)
            self._say(refusal)


def _unheard(settings: Settings) -> Settings:
    """Return the settings without the ways to hear of buttons: nobody listens, so none are sent."""
    nothing = {"app_token": SecretStr(""), "signing_secret": SecretStr("")}
    return settings.model_copy(update={"slack": settings.slack.model_copy(update=nothing)})


def _sort(parcel: Parcel) -> tuple[str, ...]:
    """Return what makes a letter another one to look at: what it does, and of one case also what that is about."""
    return (parcel.kind,) if parcel.kind in _LISTS else (parcel.kind, parcel.messages[0].lead.intent)
