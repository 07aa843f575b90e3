"""Simulated traffic as detect judges it, in memory: what notify reads of it, in order of time."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
from msgspec import Struct
from msgspec.structs import replace

from stream_app.codec import decode_alert, decode_value, encode_alert
from stream_app.core.events import CustomerProfile, Event, Interaction, InteractionKind, Micros
from stream_app.core.notify.orders import Contacted, Solved
from stream_app.core.pipeline import Outcome, Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.timeline import States, Timeline
from stream_app.notify_simulation import Happening
from stream_app.progress import Progress, silently
from stream_app.testing.simulator import START, Simulated, simulate

_NO_TIME = -1
_DAY_BEGINS = ZoneInfo("Asia/Tokyo")  # where it does first
_EVENTS_PER_STEP = 4_096
_TALKS: Mapping[InteractionKind, type[Contacted] | type[Solved]] = {
    InteractionKind.CONTACTED: Contacted,
    InteractionKind.SOLVED: Solved,
}


class Rehearsal(Struct, frozen=True, kw_only=True):
    """What is simulated, and for a team of how many people, who own the accounts evenly."""

    seed: int
    customers: int
    days: int
    people: int

    @property
    def end(self) -> Micros:
        """When the last day is over."""
        return midnight(START + timedelta(days=self.days), _DAY_BEGINS)


def midnight(day: date, zone: ZoneInfo) -> Micros:
    """Return when a day begins by the clocks of a zone."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000_000


def rehearsed(
    rehearsal: Rehearsal, rules: RuleSet, progress: Progress = silently
) -> Iterator[tuple[Micros, Happening]]:
    """Yield what notify reads of the simulated days, as detect judges them."""
    traffic = simulate(seed=rehearsal.seed, customers=rehearsal.customers, days=rehearsal.days)
    judged, at = _Judged(rules), 0
    for number, sent in enumerate(traffic, 1):
        if (event := _event(sent, rehearsal.people)) is None:
            continue
        at = event.occurred_at
        yield from ((at, one) for one in judged.of(event))
        if isinstance(event, Interaction) and event.kind in _TALKS:
            yield at, _TALKS[event.kind](customer_id=event.customer_id, at=at)
        if number % _EVENTS_PER_STEP == 0:
            progress("Judging", number, None)
    yield from ((max(at, rehearsal.end - 1), one) for one in judged.rest(rehearsal.end))


class _Judged:
    """All customers in one partition: what happens, and what comes due between."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._customers = States()
        self._timeline = Timeline(self._customers, rules)

    def of(self, event: Event) -> Iterator[Happening]:
        """Yield what comes of what is due before an event, and of the event."""
        if self._timeline.reach(event.occurred_at):
            yield from self._due()
        before = self._customers.state_of(event.customer_id)
        outcome = process(event, before, self._rules)
        if outcome.verdict is Verdict.USED:
            self._customers.keep(event.customer_id, outcome.state)
            self._timeline.happened(event, before, outcome.state)
        yield from _said(outcome)

    def rest(self, until: Micros) -> Iterator[Happening]:
        """Yield what is due until then."""
        self._timeline.pass_to(until)
        yield from self._due()

    def _due(self) -> Iterator[Happening]:
        while (outcome := self._timeline.judge_next()) is not None:
            yield from _said(outcome)


def _said(outcome: Outcome) -> Iterator[Happening]:
    yield from (decode_alert(encode_alert(alert, None)) for alert in outcome.alerts)
    yield from outcome.suppressed
    yield from outcome.resolutions


def _event(sent: Simulated, people: int) -> Event | None:
    """Return what somebody known did; a profile with an owner of this team: whole accounts, spread evenly."""
    event = decode_value(sent.topic, orjson.dumps(sent.value), _NO_TIME)
    if not isinstance(event, Event) or not event.customer_id:
        return None
    if not isinstance(event, CustomerProfile) or event.profile is None:
        return event
    number = int(event.profile.account_id.rpartition("-")[2]) % people + 1
    return replace(event, profile=replace(event.profile, owner=f"cs-{number}@example.co.jp"))
