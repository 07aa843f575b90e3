"""Simulated traffic as detect judges it, in memory: what notify reads of it, in order of time."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
from msgspec import Struct
from msgspec.structs import replace

from stream_app.codec import decode_alert, decode_value, encode_alert
from stream_app.core.alerts import AccountView, PublishedAlert, Resolution, Suppressed
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
    judging, at = Judging(rules), 0
    for number, sent in enumerate(traffic, 1):
        if (event := _event(sent, rehearsal.people)) is None:
            continue
        at = event.occurred_at
        for outcome in judging.due_before(at):
            yield from ((at, one) for one in said(outcome))
        yield from ((at, one) for one in said(judging.of(event)))
        if (talked := talk(event)) is not None:
            yield at, talked
        if number % _EVENTS_PER_STEP == 0:
            progress("Judging", number, None)
    for outcome in judging.rest(rehearsal.end):
        yield from ((max(at, rehearsal.end - 1), one) for one in said(outcome))


class Judging:
    """The customers of one partition: what happens, and what comes due between."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self.customers = States()
        self._timeline = Timeline(self.customers, rules)

    def due_before(self, at: Micros) -> Iterator[Outcome]:
        """Yield what comes of what is due before an event of this time."""
        if self._timeline.reach(at):
            yield from self._due()

    def of(self, event: Event) -> Outcome:
        """Return what comes of an event, once all is judged that is due before."""
        before = self.customers.state_of(event.customer_id)
        outcome = process(event, before, self._rules)
        if outcome.verdict is Verdict.USED:
            self.customers.keep(event.customer_id, outcome.state)
            self._timeline.happened(event, before, outcome.state)
        return outcome

    def rest(self, until: Micros) -> Iterator[Outcome]:
        """Yield what comes of what is due until then."""
        self._timeline.pass_to(until)
        yield from self._due()

    def _due(self) -> Iterator[Outcome]:
        while (outcome := self._timeline.judge_next()) is not None:
            yield outcome


def said(outcome: Outcome) -> Iterator[PublishedAlert | Suppressed | Resolution | AccountView]:
    """Yield what notify reads of an outcome, as it reads it."""
    yield from (decode_alert(encode_alert(alert, None)) for alert in outcome.alerts)
    yield from outcome.suppressed
    yield from outcome.resolutions
    if outcome.account_view is not None:
        yield outcome.account_view


def talk(event: Event) -> Contacted | Solved | None:
    """Return what notify reads of an event beside, if anything."""
    if not isinstance(event, Interaction) or event.kind not in _TALKS:
        return None
    return _TALKS[event.kind](customer_id=event.customer_id, at=event.occurred_at)


def _event(sent: Simulated, people: int) -> Event | None:
    """Return what somebody known did; a profile with an owner of this team: whole accounts, spread evenly."""
    event = decode_value(sent.topic, orjson.dumps(sent.value), _NO_TIME)
    if not isinstance(event, Event) or not event.customer_id:
        return None
    if not isinstance(event, CustomerProfile) or event.profile is None:
        return event
    number = int(event.profile.account_id.rpartition("-")[2]) % people + 1
    return replace(event, profile=replace(event.profile, owner=f"cs-{number}@example.co.jp"))
