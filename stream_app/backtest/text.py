"""A backtest for people in a terminal, as tables."""

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from stream_app.alert_lines import plain
from stream_app.backtest.difference import Difference, Sort
from stream_app.backtest.found import Backtest, Load, Side
from stream_app.backtest.medians import Median
from stream_app.backtest.proof import Proof, Verdict
from stream_app.core.shares import Share
from stream_app.team_week import Count

WIDTH = 120
LISTED = 20
"""Alerts gained and lost that are shown; JSON has more."""

_NOTHING = "·"


def render(found: Backtest) -> str:
    """Return the tables, those of the other settings beside or below."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, highlight=False)
    for part in _parts(found):
        console.print(part)
        console.print()
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines()) + "\n"


def _parts(found: Backtest) -> Iterator[RenderableType]:
    events = f"{found.used:,} used, {found.dead_letters:,} that cannot be read, {found.erased:,} erased"
    yield Text(
        f"{found.first} to {found.last} ({found.timezone}): {found.days} days, {found.business_days} of business; "
        f"{found.events:,} events ({events}), {found.customers:,} customers, judged in {found.seconds:.0f} s."
    )
    for side in found.sides:
        yield from _side(side, found)
    if found.difference is not None and found.other is not None:
        yield from _difference(found.difference, found.mine, found.other)


def _side(side: Side, found: Backtest) -> Iterator[RenderableType]:
    yield Text(
        f"── {plain(side.name)} ({side.rule_set}): {side.alerts:,} alerts, {side.alerts / found.days:,.1f} a day"
    )
    if side.asleep:
        yield Text(f"{len(side.asleep)} rules sleep, for the setting feeds does not name what they need.")
    counted = (
        ("What detect said", "Intent", side.detected),
        ("What became of it", "Intent", side.told),
        ("Alerts by owner", "Owner", side.owners),
    )
    yield from (_counts(*each) for each in counted if each[-1])
    yield _loads(side, found)
    if side.verdict is not None:
        yield from _verdict(side.verdict, found)
    if side.faq_gaps:
        yield _rows(
            "Help pages read last before alerts",
            ("Page", "Alerts", "Of all"),
            [(gap.page, f"{gap.alerts:,}", f"{gap.share:.0%}") for gap in side.faq_gaps],
        )


def _counts(title: str, first: str, counts: Mapping[str, Mapping[str, int]]) -> RenderableType:
    words = list(dict.fromkeys(word for of in counts.values() for word in of))
    rows = [(name, *(_number(of.get(word, 0)) for word in words)) for name, of in counts.items()]
    return _rows(title, (first, *(word.replace("_", " ") for word in words)), rows)


def _loads(side: Side, found: Backtest) -> RenderableType:
    assumed = found.assumed
    title = (
        f"A business day: mean (most). Assumed: {assumed.minutes_per_push:g} min a push, "
        f"{assumed.minutes_per_line:g} a line, taken on after {assumed.answered_after} business minutes"
    )
    return _rows(
        title,
        ("Reader", "Pushes", "Thread additions", "Digest lines", "Minutes"),
        [_load(one, one.name) for one in side.readers] + [_load(side.team, "the team, each message once")],
    )


def _load(load: Load, name: str) -> tuple[str, ...]:
    return name, *(f"{load.mean[what]:.1f} ({load.most[what]})" for what in Count), f"{load.minutes:,.0f}"


def _verdict(verdict: Verdict, found: Backtest) -> Iterator[RenderableType]:
    head = ("", "Right", "Wrong", "Open", "Precision", "Recall", "Days ahead")
    title = f"Borne out within {found.assumed.within} days; in brackets the 95 % interval"
    yield _rows(title, head, [_proof(one) for one in (*verdict.intents, *verdict.rules)])
    yield Text(
        f"Outcomes of {verdict.customers:,} customers; {verdict.strangers:,} of them are not in the history, "
        f"{verdict.outside:,} outcomes lie outside its days."
    )
    if not any(one.precision.whole for one in verdict.intents):
        yield Text("Of no alert the days are over in which it may come true: --within takes fewer.")


def _proof(one: Proof) -> tuple[str, ...]:
    right, whole = one.precision.part, one.precision.whole
    counts = (_number(right), _number(whole - right), _number(one.open))
    return one.name, *counts, share(one.precision), share(one.recall), ahead(one.lead)


def share(of: Share) -> str:
    """Return a share with its interval."""
    if of.value is None or of.interval is None:
        return _NOTHING
    low, high = of.interval
    return f"{of.value:.0%} ({100 * low:.0f}–{100 * high:.0f})"


def ahead(lead: Median | None) -> str:
    """Return a median with its interval, if there is one."""
    if lead is None:
        return _NOTHING
    return f"{lead.value}" if lead.low is None else f"{lead.value} ({lead.low}–{lead.high})"


def _difference(difference: Difference, mine: Side, other: Side) -> Iterator[RenderableType]:
    names = f"{plain(mine.name)} against {plain(other.name)}"
    if difference.is_empty:
        yield Text(f"── {names}: the same alerts")
        return
    counts = f"{difference.gained.count:,} gained, {difference.lost.count:,} lost"
    yield Text(f"── {names}: {counts}, {difference.changed.count:,} not equally severe")
    for title, sort in (
        ("Gained", difference.gained),
        ("Lost", difference.lost),
        ("Not equally severe", difference.changed),
    ):
        if sort.count:
            yield _sort(title, sort)


def _sort(title: str, sort: Sort) -> RenderableType:
    by_rule = ", ".join(f"{rule} {n:,}" for rule, n in sort.by_rule.items())
    shown = sort.rows[:LISTED]
    rows = [(row.day.isoformat(), row.customer_id, row.rule_id, row.severity) for row in shown]
    table = _rows(f"{title}: {by_rule}", ("Day", "Customer", "Rule", "Severity"), rows)
    return Group(table, Text(f"and {sort.count - len(shown):,} more")) if sort.count > len(shown) else table


def _rows(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> RenderableType:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for n, heading in enumerate(head):
        table.add_column(heading, justify="right" if n else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    return Group(Text(title, style="bold"), table)


def _number(n: int) -> str:
    return f"{n:,}" if n else _NOTHING
