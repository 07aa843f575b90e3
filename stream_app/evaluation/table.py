"""An evaluation for people, as tables, and for programs, as JSON."""

from collections.abc import Mapping
from io import StringIO
from textwrap import fill

import orjson
from rich.console import Console
from rich.table import Table

from stream_app import team_week
from stream_app.core.shares import Share
from stream_app.evaluation.run import Evaluation
from stream_app.evaluation.verdict import OfPersona, OfRule

WIDTH = 120
NOTHING = "·"


def render(evaluation: Evaluation) -> str:
    """Return the tables: by persona, by rule, and a business day of the team."""
    said = evaluation.rehearsal
    out = StringIO()
    console = Console(file=out, width=WIDTH)
    console.print(
        f"Seed {said.seed}, {said.customers} customers, {said.days} days, rule set {evaluation.rule_set}. "
        "Customers are counted; in brackets the 95 % interval.\n"
    )
    console.print(_personas(evaluation.verdict.personas))
    console.print("Customers told of, by rule")
    out.write("\n".join(map(_told_by, evaluation.verdict.personas)) + "\n\n")
    console.print(_rules(evaluation.verdict.rules))
    console.print(f"What a team of {said.people} is told")
    lines = out.getvalue() + team_week.render(evaluation.week)
    return "\n".join(line.rstrip() for line in lines.splitlines()) + "\n"


def to_json(evaluation: Evaluation) -> str:
    """Return the same for programs, in one line."""
    said = evaluation.rehearsal
    return orjson.dumps(
        {
            "seed": said.seed,
            "customers": said.customers,
            "days": said.days,
            "rules": evaluation.rule_set,
            "by_persona": [_persona_fields(one) for one in evaluation.verdict.personas],
            "by_rule": [_rule_fields(one) for one in evaluation.verdict.rules],
            "week": orjson.Fragment(team_week.to_json(evaluation.week)),
        }
    ).decode()


def _personas(rows: tuple[OfPersona, ...]) -> Table:
    table = Table(title="Who was found", title_justify="left")
    for heading in ("Who", "Customers", "Found", "Missed", "Recall", "Days ahead", "Of whom untrue was said"):
        table.add_column(heading, justify="left" if heading == "Who" else "right", no_wrap=True)
    for one in rows:
        found = one.found
        counts = (NOTHING, NOTHING) if found is None else (str(found.part), str(found.whole - found.part))
        table.add_row(_named(one), str(one.customers), *counts, _share(found), _days(one.lead), str(one.wronged))
    return table


def _told_by(one: OfPersona) -> str:
    said = f"{_named(one)}: right {_listed(one.right)}; invented {_listed(one.invented)}"
    return fill(said, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)


def _named(one: OfPersona) -> str:
    return one.persona.replace("_", " ")


def _rules(rows: tuple[OfRule, ...]) -> Table:
    table = Table(title="What each rule found", title_justify="left")
    for heading in ("Rule", "Alerts", "Right", "Missed", "Invented", "Precision", "Recall", "Days ahead"):
        table.add_column(heading, justify="left" if heading == "Rule" else "right", no_wrap=True)
    for one in rows:
        missed = NOTHING if one.recall is None else str(one.recall.whole - one.recall.part)
        counts = (str(one.alerts), str(one.right), missed, str(one.invented))
        precision = "a fact" if one.precision is None else _share(one.precision)
        table.add_row(one.rule_id, *counts, precision, _share(one.recall), _days(one.lead))
    return table


def _share(share: Share | None) -> str:
    if share is None or share.value is None or share.interval is None:
        return NOTHING
    low, high = share.interval
    return f"{share.value:.0%} ({100 * low:.0f}–{100 * high:.0f})"


def _days(lead: float | None) -> str:
    return NOTHING if lead is None else f"{lead:g}"


def _listed(counts: Mapping[str, int]) -> str:
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{rule_id} {count}" for rule_id, count in most_first) or NOTHING


def _persona_fields(one: OfPersona) -> dict[str, object]:
    return {
        "persona": one.persona,
        "customers": one.customers,
        "found": None if one.found is None else one.found.part,
        "missed": None if one.found is None else one.found.whole - one.found.part,
        "recall": _share_fields(one.found),
        "median_days_ahead": one.lead,
        "right": one.right,
        "invented": one.invented,
        "customers_wronged": one.wronged,
    }


def _rule_fields(one: OfRule) -> dict[str, object]:
    return {
        "rule": one.rule_id,
        "alerts": one.alerts,
        "right": one.right,
        "missed": None if one.recall is None else one.recall.whole - one.recall.part,
        "invented": one.invented,
        "precision": _share_fields(one.precision),
        "recall": _share_fields(one.recall),
        "median_days_ahead": one.lead,
    }


def _share_fields(share: Share | None) -> dict[str, float] | None:
    if share is None or share.value is None or share.interval is None:
        return None
    low, high = share.interval
    return {"share": round(share.value, 3), "low": round(low, 3), "high": round(high, 3)}
