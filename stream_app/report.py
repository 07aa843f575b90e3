"""What a run came to: counts that must add up, as a table for people and as JSON for programs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from io import StringIO

import orjson
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stream_app.core.alerts import Intent
from stream_app.core.lifetime import Worth
from stream_app.core.pipeline import Outcome
from stream_app.metrics import EventOutcome
from stream_app.topics import RECORDED

OUTCOMES = tuple(outcome for outcome in EventOutcome if outcome is not EventOutcome.REPLAYED)
"""What becomes of an event: every one that came in has exactly one of these."""

GAPS_SHOWN = 5
WIDTH = 100  # characters


class Latency(Struct, frozen=True, kw_only=True):
    """Seconds from the arrival of an event in Kafka to the acknowledgement of its alert."""

    p50: float
    p99: float


class FaqGap(Struct, frozen=True, kw_only=True):
    """A help page that was the last one read before so many alerts; `share` is of all alerts."""

    page: str
    alerts: int
    share: float


class WorthOfAll(Struct, frozen=True, kw_only=True):
    """Lifetime values in one currency: of how many customers, and what four in five are not worth more than."""

    customers: int
    p80: Decimal


class Report(Struct, frozen=True, kw_only=True):
    """The counts of one run: events by topic and by (topic → outcome), the rest by reason or intent."""

    events_in: Mapping[str, int]
    outcomes: Mapping[str, Mapping[str, int]]
    ignored: Mapping[str, int]
    alerts: Mapping[str, int]
    suppressed: Mapping[str, int]
    dead_letters: Mapping[str, int]
    customers: int
    seconds: float
    latency: Latency | None = None  # None: nothing to measure, as without a broker
    worth: Mapping[str, WorthOfAll] = {}  # by currency; empty: nobody bought anything, or nobody looked
    fates: Mapping[str, int] | None = None  # of alerts on their routes; None: nobody was there to tell
    faq_gaps: tuple[FaqGap, ...] | None = None  # the most frequent first; None: nobody counted them

    @property
    def total(self) -> int:
        """Events that came in, over all topics."""
        return sum(self.events_in.values())

    @property
    def events_per_second(self) -> float:
        """Events that came in per second of the run."""
        return self.total / self.seconds if self.seconds > 0 else 0.0

    @property
    def adds_up(self) -> bool:
        """Whether in = used + duplicates + ignored + dead letters, by topic, and each reason was counted."""
        topics = self.events_in.keys() | self.outcomes.keys()
        return (
            all(self.events_in.get(t, 0) == sum(self.outcomes.get(t, {}).values()) for t in topics)
            and sum(self.ignored.values()) == self.came_to(EventOutcome.IGNORED)
            and sum(self.dead_letters.values()) == self.came_to(EventOutcome.DEAD_LETTER)
        )

    def came_to(self, outcome: str) -> int:
        """Events with this outcome, over all topics."""
        return sum(counts.get(outcome, 0) for counts in self.outcomes.values())


class Tally:
    """Counts while a run goes on; `report` is what it came to so far."""

    def __init__(self) -> None:
        self._events: Counter[str] = Counter()
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._ignored: Counter[str] = Counter()
        self._alerts: Counter[str] = Counter()
        self._suppressed: Counter[str] = Counter()
        self._dead_letters: Counter[str] = Counter()
        self._read_before: Counter[str] = Counter()
        self._worth: defaultdict[str, list[Decimal]] = defaultdict(list)
        self.customers = 0

    @property
    def events(self) -> int:
        """Events that came in so far."""
        return self._events.total()

    def came_in(self, topic: str) -> None:
        """Count an event before anything is known of it."""
        self._events[topic] += 1

    def left_out(self, topic: str, reason: str) -> None:
        """Count an event that changes nothing."""
        self._outcomes[topic, EventOutcome.IGNORED] += 1
        self._ignored[reason] += 1

    def dead(self, topic: str, reason: str) -> None:
        """Count an event that cannot be used."""
        self._outcomes[topic, EventOutcome.DEAD_LETTER] += 1
        self._dead_letters[reason] += 1

    def erased(self, topic: str) -> None:
        """Count an event of a customer who was erased since."""
        self._outcomes[topic, EventOutcome.ERASED] += 1

    def judged(self, topic: str, outcome: Outcome) -> None:
        """Count what `process` made of an event."""
        if outcome.ignored is not None:
            self.left_out(topic, outcome.ignored)
            return
        self._outcomes[topic, outcome.verdict] += 1
        self._speaks(outcome)

    def _speaks(self, outcome: Outcome) -> None:
        for alert in outcome.alerts:
            self._alerts[alert.intent] += 1
            if alert.preceded_by:
                self._read_before[alert.preceded_by.partition("?")[0]] += 1
        for held in outcome.suppressed:
            self._suppressed[held.reason] += 1

    def valued(self, worth: Worth | None) -> None:
        """Count what a customer is worth in the end."""
        if worth is not None:
            self._worth[worth.currency].append(worth.amount)

    def came_due(self, outcome: Outcome) -> None:
        """Count what a moment that came due led to; it is no event."""
        self._speaks(outcome)

    def report(self, seconds: float) -> Report:
        """Return the counts of a run of so many seconds; every topic, outcome and intent is in it, zeros too."""
        return Report(
            events_in=_complete(self._events, RECORDED),
            outcomes={str(t): {str(o): self._outcomes[t, o] for o in OUTCOMES} for t in RECORDED},
            ignored=_by_size(self._ignored),
            alerts=_complete(self._alerts, Intent),
            suppressed=_by_size(self._suppressed),
            dead_letters=_by_size(self._dead_letters),
            customers=self.customers,
            seconds=seconds,
            faq_gaps=_gaps(self._read_before, self._alerts.total()),
            worth={currency: _of_all(amounts) for currency, amounts in sorted(self._worth.items())},
        )


def render(report: Report, *, colour: bool = False) -> str:
    """Return the report as a table of plain text, or for a terminal that shows colours."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, force_terminal=colour, highlight=False, legacy_windows=False)
    console.print(_events(report))
    console.print()
    console.print(_reasons(report))
    if report.faq_gaps:
        console.print()
        console.print(_gaps_table(report.faq_gaps))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def to_json(report: Report) -> str:
    """Return the report as one line of JSON."""
    by_topic = {topic: {"in": n, **report.outcomes.get(topic, {})} for topic, n in report.events_in.items()}
    total = {"in": report.total} | {str(outcome): report.came_to(outcome) for outcome in OUTCOMES}
    document: dict[str, object] = {
        "events": by_topic,
        "total": total,
        "alerts": report.alerts,
        "suppressed": report.suppressed,
        "ignored": report.ignored,
        "dead_letters": report.dead_letters,
        "customers": report.customers,
        "seconds": round(report.seconds, 3),
        "events_per_second": round(report.events_per_second),
        "adds_up": report.adds_up,
    }
    if report.worth:
        document["lifetime_value"] = {
            currency: {"customers": one.customers, "p80": str(one.p80)} for currency, one in report.worth.items()
        }
    if report.fates is not None:
        document["fates"] = report.fates
    if report.faq_gaps is not None:
        document["faq_gaps"] = [{"page": g.page, "alerts": g.alerts, "share": g.share} for g in report.faq_gaps]
    if report.latency is not None:
        document["event_to_alert_seconds"] = {"p50": report.latency.p50, "p99": report.latency.p99}
    return orjson.dumps(document).decode()


def _events(report: Report) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("Events", style="cyan", no_wrap=True)
    shown = [outcome for outcome in OUTCOMES if outcome is not EventOutcome.ERASED or report.came_to(outcome)]
    for title in ("in", *shown):
        table.add_column(title.replace("_", " "), justify="right", no_wrap=True)
    for topic, count in report.events_in.items():
        counts = report.outcomes.get(topic, {})
        table.add_row(topic, *(f"{n:,}" for n in (count, *(counts.get(o, 0) for o in shown))))
    totals = (report.total, *(report.came_to(o) for o in shown))
    table.add_row("total", *(f"{n:,}" for n in totals), style="bold")
    return table


def _reasons(report: Report) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(justify="right", style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for title, counts in (
        ("Alerts", report.alerts),
        ("Suppressed", report.suppressed),
        ("Ignored", report.ignored),
        ("Dead letters", report.dead_letters),
    ):
        table.add_row(title, f"{sum(counts.values()):,}", _listed(counts))
    if report.fates is not None:
        met = {fate: count for fate, count in report.fates.items() if count}
        table.add_row("Told", f"{sum(met.values()):,}", _listed(met))
    table.add_row("Customers", f"{report.customers:,}", "")
    for currency, one in report.worth.items():
        words = f"{currency} is the p80 of {one.customers:,} customers: a proposal for `high` in [loyalty]"
        table.add_row("Lifetime value", f"{one.p80:,}", Text(words))
    speed = f"{report.events_per_second:,.0f} events/s"
    table.add_row("Time", f"{report.seconds:,.1f} s", speed)
    if (latency := report.latency) is not None:
        table.add_row("Event to alert", f"{latency.p50 * 1000:,.0f} ms", f"p50; p99 {latency.p99 * 1000:,.0f} ms")
    if not report.adds_up:
        table.add_row(Text("These counts do not add up: please report this.", style="bold red"), "", "")
    return table


def _gaps_table(gaps: tuple[FaqGap, ...]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("Help page read last before alerts", style="cyan", overflow="fold")
    table.add_column("alerts", justify="right", no_wrap=True)
    table.add_column("of all", justify="right", no_wrap=True)
    for gap in gaps:
        table.add_row(Text(gap.page), f"{gap.alerts:,}", f"{gap.share:.0%}")
    return table


def _gaps(read_before: Counter[str], alerts: int) -> tuple[FaqGap, ...]:
    pages = list(_by_size(read_before).items())[:GAPS_SHOWN]
    return tuple(FaqGap(page=page, alerts=n, share=round(n / alerts, 3)) for page, n in pages)


def _of_all(amounts: list[Decimal]) -> WorthOfAll:
    p80 = sorted(amounts)[-(-len(amounts) * 4 // 5) - 1]  # nearest rank
    return WorthOfAll(customers=len(amounts), p80=Decimal(round(p80)))


def _listed(counts: Mapping[str, int]) -> Text:
    return Text(", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in counts.items()))


def _complete(counts: Counter[str], names: Iterable[str]) -> dict[str, int]:
    return {str(name): counts[name] for name in names}


def _by_size(counts: Counter[str]) -> dict[str, int]:
    return {str(name): n for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))}
