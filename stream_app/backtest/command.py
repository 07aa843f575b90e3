"""The command that tries rules on history."""

from pathlib import Path
from typing import Annotated, Any

import typer

from stream_app.backtest.found import Assumed
from stream_app.core.language import Language
from stream_app.erasing.command import ErasuresFile
from stream_app.formats import Identity
from stream_app.options import AsJson, BaseUrl, Exports, Logs, Moment, Partitions, Records, Who, files_of, log_settings
from stream_app.settings import load

EXAMPLES = (
    "Examples:  stream-app backtest --page-views views.jsonl.gz --purchases orders.jsonl --outcomes churned.csv"
    "   |   stream-app backtest --from-topics --against simple --html report.html"
)


def backtest(
    context: typer.Context,
    page_views: Records = None,
    purchases: Records = None,
    customers: Records = None,
    interactions: Records = None,
    access_log: Logs = None,
    identity: Who = Identity.USER,
    base_url: BaseUrl = None,
    csv: Exports = None,
    from_topics: Annotated[
        bool, typer.Option("--from-topics", help="Judge what the input topics of the cluster hold, instead of files.")
    ] = False,
    erasures: ErasuresFile = None,
    partitions: Partitions = 4,
    until: Moment = None,
    alerts_from: Annotated[
        str | None, typer.Option(metavar="earliest|TIME", help="Only build state from what happened before.")
    ] = None,
    outcomes: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="What became of customers: CSV or JSON lines with customer, what and when.",
        ),
    ] = None,
    within: Annotated[
        int, typer.Option(min=1, max=3_650, metavar="DAYS", help="How long after an alert it may still come true.")
    ] = Assumed().within,
    against: Annotated[
        str | None, typer.Option(metavar="FILE|simple|full", help="Compare with other settings, or another rule set.")
    ] = None,
    minutes_per_push: Annotated[
        float, typer.Option(min=0, help="Assumed: what acting on a message costs a person.")
    ] = Assumed().minutes_per_push,
    minutes_per_line: Annotated[
        float, typer.Option(min=0, help="Assumed: what reading a line of a digest or thread costs.")
    ] = Assumed().minutes_per_line,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with plots, too.")] = None,
    lang: Annotated[Language, typer.Option(help="Of the page.")] = Language.JA,
    as_json: AsJson = False,
) -> None:
    """Try the rules on history: alerts and who is told of them, what that costs a team, and how often it was right.

    Time is simulated: cases, budget, hours and digests are those of the settings. Nothing is sent or written to Kafka.
    """
    from stream_app.backtest.asked import Asked, Wanted, run

    overrides: dict[str, Any] = {"alerts_from": alerts_from, "access_log": log_settings(base_url)}
    settings = load(context.obj, **overrides)
    files = files_of(
        settings,
        identity,
        page_views=page_views,
        purchases=purchases,
        customers=customers,
        interactions=interactions,
        access_logs=access_log,
        csv=csv,
    )
    asked = Asked(
        files=None if from_topics and not files.given else files,
        from_topics=from_topics,
        erasures=erasures,
        partitions=partitions,
        until=until,
        outcomes=outcomes,
        assumed=Assumed(minutes_per_push=minutes_per_push, minutes_per_line=minutes_per_line, within=within),
    )
    raise typer.Exit(run(settings, asked, against, overrides, Wanted(html=html, lang=lang, as_json=as_json)))
