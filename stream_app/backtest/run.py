"""History → one or two rule sets → notify in simulated time → what it came to; a partition at a time in memory."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.backtest.counts import Clock, Counts, days_between, listed
from stream_app.backtest.difference import Comparison, Said
from stream_app.backtest.found import NOBODY, Assumed, Backtest, Load, Side
from stream_app.backtest.heard import Heard
from stream_app.backtest.history import History
from stream_app.backtest.judged import Events, Judged
from stream_app.backtest.outcomes import Outcomes
from stream_app.backtest.proof import Court, Span
from stream_app.core.alerts import Intent, PublishedAlert
from stream_app.core.events import Micros
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.rule_set import RuleSet
from stream_app.metrics import EventOutcome
from stream_app.notify_simulation import Happening, acknowledging, play
from stream_app.progress import Progress, silently
from stream_app.report import Tally
from stream_app.team_week import Count, Reader

_STEP = 4_096


class Setup(Struct, frozen=True, kw_only=True):
    """Settings that are tried, and what they are called."""

    name: str
    rules: RuleSet
    notify: NotifyRules

    @property
    def zone(self) -> ZoneInfo:
        """Where the team's days begin."""
        return ZoneInfo(self.notify.calendars[""].hours.timezone)


def backtest(
    history: History,
    tally: Tally,
    mine: Setup,
    other: Setup | None = None,
    *,
    outcomes: Outcomes | None = None,
    assumed: Assumed = Assumed(),  # noqa: B008  (a frozen value)
    until: Micros | None = None,
    progress: Progress = silently,
) -> Backtest:
    """Return what settings make of a history that holds something; `tally` has counted what was put aside.

    Time moves on to `until` in the end, or to the newest event less the lateness.
    """
    started = time.perf_counter()
    end = history.newest - mine.rules.policy.lateness if until is None else until
    clock = Clock(mine.zone)
    days = days_between(clock.day(history.first), clock.day(max(history.newest, end)))
    span = Span(days[0], days[-1], assumed.within)
    with ExitStack() as stack:
        sides = [
            _Trial(setup, counted, clock, stack.enter_context(Heard()), Court(outcomes, span) if outcomes else None)
            for setup, counted in ((mine, tally), (other, Tally()))
            if setup is not None
        ]
        comparison = _judge(history, sides, end, progress)
        latest = max(history.newest, end + mine.rules.policy.lateness) + 1
        shown = [side.told(days, latest, assumed, progress) for side in sides]
    report = tally.report(0.0)
    return Backtest(
        first=days[0],
        last=days[-1],
        timezone=clock.zone.key,
        business_days=sum(map(mine.notify.calendars[""].is_business_day, days)),
        events=report.total,
        used=report.came_to(EventOutcome.USED),
        erased=report.came_to(EventOutcome.ERASED),
        dead_letters=report.came_to(EventOutcome.DEAD_LETTER),
        customers=report.customers,
        seconds=round(time.perf_counter() - started, 3),
        assumed=assumed,
        mine=shown[0],
        other=shown[1] if other is not None else None,
        difference=comparison.difference() if other is not None else None,
    )


def _judge(history: History, sides: list["_Trial"], end: Micros, progress: Progress) -> Comparison:
    """Judge partition after partition by each, so that what both say of one can be compared and let go."""
    comparison, steps = Comparison(), _Steps(progress, "Judging", history.kept * len(sides))
    for partition in history.partitions:
        said = [side.judge(steps.through(history.events(partition)), end) for side in sides]
        if len(said) > 1:
            comparison.next_partition(*said)
    return comparison


class _Steps:
    """Tells of progress now and then, over several runs through something."""

    def __init__(self, progress: Progress, doing: str, total: int) -> None:
        self._progress, self._doing, self._total, self._done = progress, doing, total, 0

    def through(self, events: Events) -> Events:
        for one in events:
            self._done += 1
            if self._done % _STEP == 0:
                self._progress(self._doing, self._done, self._total)
            yield one


class _Trial:
    """One set of settings on its way through the history."""

    def __init__(self, setup: Setup, tally: Tally, clock: Clock, heard: Heard, court: Court | None) -> None:
        self._setup, self._tally, self._clock, self._heard, self._court = setup, tally, clock, heard, court
        self._counts = Counts(clock)

    def judge(self, events: Events, end: Micros) -> Said:
        """Judge a partition and return what is said of its customers."""
        judged, said = Judged(self._setup.rules, self._tally), Said()
        for at, happening in judged.happenings(events, end):
            self._heard.add(at, happening)
            self._counts.happened(happening)
            if isinstance(happening, PublishedAlert):
                self._hear(happening, said)
        self._heard.next_partition()
        if self._court is not None:
            self._court.next_partition(judged.knows)
        return said

    def told(self, days: list[date], latest: Micros, assumed: Assumed, progress: Progress) -> Side:
        """Tell a team of it, and return what all came to."""
        notify, counts = self._setup.notify, self._counts
        team = notify.calendars[""]
        desks = play(
            self._heard_step_by_step(progress),
            Cases(notify),
            lambda target: Desk(target, notify),
            counts,
            until=latest,
            readers=acknowledging(assumed.answered_after, team),
        )
        counts.left(desks.values())
        worked = [day for day in days if team.is_business_day(day)]
        rules = self._setup.rules
        return Side(
            name=self._setup.name,
            rule_set=rules.id,
            asleep=tuple(rules.asleep),
            alerts=counts.rules.total(),
            by_day={day: _by_intent(counts.by_day[day]) for day in days},
            detected=listed(counts.detected),
            rules=dict(counts.rules.most_common()),
            owners={owner or NOBODY: _by_intent(of) for owner, of in sorted(counts.owners.items())},
            told=listed(counts.fates),
            told_by_day={day: {what: counts.told_by_day[day][what] for what in Count} for day in days},
            team=_team(counts.told_by_day, worked, assumed),
            readers=tuple(_load(one, assumed) for one in counts.diary.readers(worked)),
            faq_gaps=self._tally.report(0.0).faq_gaps or (),
            verdict=None if self._court is None else self._court.verdict({r.id: r.intent for r in rules.active}),
        )

    def _heard_step_by_step(self, progress: Progress) -> Iterator[tuple[Micros, Happening]]:
        for done, one in enumerate(self._heard.in_order(), 1):
            if done % _STEP == 0:
                progress("Telling", done, self._heard.count)
            yield one

    def _hear(self, alert: PublishedAlert, said: Said) -> None:
        day = self._clock.day(alert.occurred_at)
        said.hear(alert, day)
        if self._court is not None and alert.customer_id:
            self._court.hear(alert.customer_id, alert.rule_id, alert.intent, day)


def _by_intent(counts: Mapping[Intent, int]) -> dict[str, int]:
    return {str(intent): counts[intent] for intent in Intent if counts.get(intent)}


def _team(by_day: Mapping[date, Counter[Count]], worked: list[date], assumed: Assumed) -> Load:
    """Return what all are told together, each message once."""
    rows = {what: [counts[what] for counts in by_day.values()] for what in Count}
    mean = {what: sum(row) / max(1, len(worked)) for what, row in rows.items()}
    most = {what: max(row, default=0) for what, row in rows.items()}
    return _load(Reader(name="", mean=mean, most=most), assumed)


def _load(reader: Reader, assumed: Assumed) -> Load:
    lines = reader.mean[Count.ADDITIONS] + reader.mean[Count.DIGEST_LINES]
    minutes = reader.mean[Count.PUSHES] * assumed.minutes_per_push + lines * assumed.minutes_per_line
    mean = {what: round(n, 1) for what, n in reader.mean.items()}
    return Load(name=reader.name, mean=mean, most=reader.most, minutes=round(minutes, 1))
