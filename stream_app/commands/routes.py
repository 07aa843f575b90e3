"""The command that tries the routes of the settings on alerts."""

import time
from typing import Annotated

import typer

from stream_app.commands.routed import described, read_alerts, run
from stream_app.core.alerts import Intent, Polarity, Severity
from stream_app.core.events import Micros, Tier
from stream_app.core.rules import RULES
from stream_app.options import AsJson
from stream_app.settings import load
from stream_app.settings.values import parse_moment

routes_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@routes_app.callback(epilog="Example:  stream-app routes test --intent churn")
def routes() -> None:
    """Find out what the routes of the settings do."""


def _moment(text: str) -> Micros:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@routes_app.command(
    "test",
    epilog="Examples:  stream-app routes test --alerts alerts.jsonl"
    "   |   stream-app routes test --intent churn --tier high --owner a@example.co.jp --at 2026-06-12T18:30+09:00"
    "   |   stream-app replay --page-views views.jsonl | stream-app routes test --alerts - --json",
)
def try_routes(
    context: typer.Context,
    alerts: Annotated[
        str | None, typer.Option(metavar="FILE", help="JSON lines as replay writes them; - is standard input.")
    ] = None,
    intent: Annotated[Intent | None, typer.Option(help="Of an alert that no file is needed for.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Without it that of the rule.")] = None,
    polarity: Annotated[Polarity | None, typer.Option(help="Without it that of the rule.")] = None,
    tier: Annotated[Tier | None, typer.Option(help="Of the customer; without it not known.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Of the customer; without it none.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the customer, such as ja.")] = None,
    rule: Annotated[str | None, typer.Option(help="Without it the first of the intent.")] = None,
    at: Annotated[
        Micros | None,
        typer.Option(parser=_moment, metavar="TIME", help="When it is to be sent; else when it happened, or now."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell who would be told of the alerts of a file, or of one described by options: where, when and why."""
    settings = load(context.obj)
    said = {"severity": severity, "polarity": polarity, "tier": tier, "owner": owner, "language": language}
    given = {name: value for name, value in said.items() if value is not None}
    if alerts is not None and (intent or rule or given):
        raise typer.BadParameter("--alerts brings its own: only --at goes with it")
    try:
        asked = (
            [described((*settings.rule_set().rules, *RULES), intent, rule, _now() if at is None else at, given)]
            if alerts is None
            else read_alerts(alerts, at)
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(run(asked, settings.notify_rules(), as_json=as_json))


@routes_app.command("week", epilog="Examples:  stream-app routes week   |   stream-app routes week --seed 8 --json")
def show_week(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Of the simulated traffic.")] = 7,
    customers: Annotated[int, typer.Option(min=1, max=20_000, help="Of the whole team.")] = 200,
    people: Annotated[int, typer.Option(min=1, max=500, help="In the team; each owns as many accounts.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Tell how often a simulated team would be told something a day: the last full week of a month."""
    from stream_app.rehearsal import Rehearsal, rehearsed
    from stream_app.team_week import DAYS, render, to_json, week

    settings = load(context.obj)
    rehearsal = Rehearsal(seed=seed, customers=customers, days=DAYS, people=people)
    found = week(rehearsed(rehearsal, settings.rule_set()), rehearsal, settings.notify_rules())
    typer.echo(to_json(found) if as_json else render(found), nl=as_json)


def _now() -> Micros:
    return time.time_ns() // 1_000
