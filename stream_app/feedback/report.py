"""What people said of each rule's alerts and what that proposes: as values, for people, and for programs."""

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from textwrap import fill

import orjson
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stream_app.alert_lines import plain
from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.proposals import Bars, Proposal, in_digest, proposal, setting
from stream_app.core.notify.verdicts import Verdict
from stream_app.core.rule import Rule

WIDTH = 120
NOTHING = "·"
_RIGHT = ("Useful", "Not useful", "Too early", "Precision")
_WORDS = {
    Proposal.DIGEST: "to the digest",
    Proposal.PUSH: "to push",
    Proposal.STAYS: "stays",
    Proposal.CHURN_STAYS: "stays: churn",
    Proposal.TOO_FEW: "too few words",
    Proposal.NOT_ASKED: "not asked",
}


class Line(Struct, frozen=True, kw_only=True):
    """One rule; `now`: push, digest, or off. `setting` is what a proposal comes to in the settings."""

    rule_id: str
    now: str
    verdict: Verdict
    proposal: Proposal
    setting: str = ""


class Report(Struct, frozen=True, kw_only=True):
    """All rules; `since` is None where everything counts, `unreadable` how many records say nothing."""

    lines: tuple[Line, ...]
    bars: Bars
    since: Micros | None
    unreadable: int


def lines(rules: Iterable[Rule], verdicts: Mapping[str, Verdict], bars: Bars) -> tuple[Line, ...]:
    """Return a line for each rule of the set, and for each other one of which something was said."""
    known = {rule.id: rule for rule in rules}
    return tuple(_line(rule_id, known.get(rule_id), verdicts, bars) for rule_id in dict.fromkeys([*known, *verdicts]))


def _line(rule_id: str, rule: Rule | None, verdicts: Mapping[str, Verdict], bars: Bars) -> Line:
    verdict = verdicts.get(rule_id, Verdict())
    proposed = proposal(rule, verdict, bars)
    if rule is None or not rule.enabled:
        return Line(rule_id=rule_id, now="off", verdict=verdict, proposal=proposed)
    now = "digest" if in_digest(rule) else "push"
    return Line(rule_id=rule_id, now=now, verdict=verdict, proposal=proposed, setting=setting(rule, proposed))


def render(report: Report) -> str:
    """Return the table, and under it each proposal with the setting that would carry it out."""
    out = StringIO()
    Console(file=out, width=WIDTH).print(_table(report.lines))
    said = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
    return "\n".join([said, *_notes(report)]) + "\n"


def to_json(report: Report) -> str:
    """Return the same for programs, in one line."""
    return orjson.dumps(
        {
            "since": None if report.since is None else moment_of(report.since).isoformat(),
            "unreadable": report.unreadable,
            "digest_below": report.bars.digest_below,
            "push_above": report.bars.push_above,
            "at_least": report.bars.at_least,
            "rules": [_fields(line) for line in report.lines],
        }
    ).decode()


def _table(rows: Iterable[Line]) -> Table:
    table = Table(title="What people said of each rule's alerts", title_justify="left")
    for heading in ("Rule", "Now", *_RIGHT, "Proposed"):
        table.add_column(heading, justify="right" if heading in _RIGHT else "left", no_wrap=True)
    for line in rows:
        said = line.verdict
        counts = (str(n) if n else NOTHING for n in (said.useful, said.not_useful, said.too_early))
        table.add_row(Text(plain(line.rule_id)), line.now, *counts, _precision(said), _WORDS[line.proposal])
    return table


def _precision(verdict: Verdict) -> str:
    share = verdict.precision
    if share.value is None or share.bounds is None:
        return NOTHING
    low, high = share.bounds
    return f"{share.value:.0%} ({100 * low:.0f}–{100 * high:.0f})"


def _notes(report: Report) -> Iterator[str]:
    bars = report.bars
    yield _folded(
        "Precision is useful of useful and not useful, in brackets the 95 % interval; too early is counted beside it. "
        f"From {bars.at_least} words on, a rule that notifies is proposed for the digest when all of the interval lies "
        f"below {bars.digest_below:.0%}, one in the digest for push when all of it lies above {bars.push_above:.0%}."
    )
    for line in report.lines:
        if line.setting:
            yield f"\nProposed, if you agree:\n{line.setting}"
        elif line.proposal is Proposal.CHURN_STAYS:
            yield "\n" + _folded(
                f"{line.rule_id} lies below the bar too, but churn is never proposed for the digest: one that was "
                "missed costs more than a look in vain. Look at what its alerts rest on instead."
            )
    if report.unreadable:
        yield f"\n{report.unreadable:,} records could not be read and are not counted."


def _folded(text: str) -> str:
    return fill(text, WIDTH, break_on_hyphens=False)


def _fields(line: Line) -> dict[str, object]:
    said = line.verdict
    share, bounds = said.precision.value, said.precision.bounds
    return {
        "rule": line.rule_id,
        "now": line.now,
        "useful": said.useful,
        "not_useful": said.not_useful,
        "too_early": said.too_early,
        "precision": share,
        "low": None if bounds is None else bounds[0],
        "high": None if bounds is None else bounds[1],
        "proposal": line.proposal,
        "setting": line.setting or None,
    }
