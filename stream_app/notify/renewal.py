"""Other settings for a worker that runs: rules, texts, sinks and ears, between two steps."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import Sink as Kind
from stream_app.notify.clock import Clock
from stream_app.notify.composition import is_one_place, say_of
from stream_app.notify.desks import Outlet, Say
from stream_app.notify.hearing import heard_in_slack
from stream_app.notify.metrics import NotifyMetrics
from stream_app.notify.worker import Place
from stream_app.settings import Settings
from stream_app.sinks.base import Sink


class Renewal:
    """Passes changed settings on. `follow` takes the rules, `make` makes the sinks that settings need.

    `outlets` are those that desks use, and change with the sinks.
    """

    def __init__(
        self,
        settings: Settings,
        place: Place,
        outlets: dict[Kind, Outlet],
        *,
        follow: Callable[[NotifyRules], None],
        make: Callable[[Settings], Mapping[Kind, Sink]],
        clock: Clock,
        metrics: NotifyMetrics,
    ) -> None:
        self._settings = settings
        self._place = place
        self._outlets = outlets
        self._follow = follow
        self._make = make
        self._clock = clock
        self._metrics = metrics
        self._ears = AsyncExitStack()

    async def hear(self) -> None:
        """Begin to hear what people do; OSError if the port is taken."""
        await self._ears.enter_async_context(heard_in_slack(self._settings, self._place))

    async def close(self) -> None:
        """Hear no more, and let go of all connections."""
        await self._ears.aclose()
        for outlet in self._outlets.values():
            await outlet.close()

    async def take(self, changed: Settings) -> None:
        """Go on with other settings; SettingsError, PlaybookError: with those from before, as if nothing had been."""
        before, say, rules, sinks = self._settings, say_of(changed), changed.notify_rules(), self._make(changed)
        self._settings = changed
        self._follow(rules)
        await self._renew(before, sinks, say)
        if (before.slack, before.people) != (changed.slack, changed.people):
            await self._ears.aclose()
            await self.hear()

    async def _renew(self, before: Settings, sinks: Mapping[Kind, Sink], say: Say) -> None:
        """Let outlets use the new sinks, and keep those whose settings are the same: they may be in hand."""
        for kind in {*self._outlets, *sinks}:
            outlet, one_place = self._outlets.get(kind), is_one_place(kind, self._settings)
            same, sink = _same(kind, before, self._settings), sinks.get(kind)
            if outlet is None and sink is not None:
                made = Outlet(kind, sink, say, self._clock, self._metrics, one_place=one_place)
                self._outlets[kind] = made
            elif outlet is not None and same:
                await outlet.renew(outlet.sink, say, one_place=one_place)
            elif outlet is not None and sink is not None:
                await outlet.renew(sink, say, one_place=one_place)
            elif outlet is not None:
                del self._outlets[kind]  # nothing goes there any more, and how it was reached is not so now
                await outlet.close()


def _same(kind: Kind, before: Settings, after: Settings) -> bool:
    """Tell whether a sink is reached as before; of a private key only the file's name is known here."""
    if kind is Kind.CONSOLE:
        return before.hours.timezone == after.hours.timezone
    signed = kind is Kind.SALESFORCE and after.salesforce.private_key_file is not None
    return not signed and bool(getattr(before, kind) == getattr(after, kind))
