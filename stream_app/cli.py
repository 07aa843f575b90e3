"""Every command, a few lines each: what it does stands elsewhere."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from stream_app import __version__
from stream_app.backtest import command as backtest_command
from stream_app.cluster import ClusterError, create_topics
from stream_app.commands import notify, playbooks, show, topics_plan
from stream_app.commands.routes import routes_app
from stream_app.erasing import command as erase_command
from stream_app.evaluation import command as evaluation_command
from stream_app.explain import command as explain_command
from stream_app.feedback import command as feedback_command
from stream_app.formats import Identity
from stream_app.inbox import command as inbox_command
from stream_app.options import (
    AsJson,
    BaseUrl,
    Exports,
    Logs,
    Moment,
    Partitions,
    Records,
    Reloads,
    Who,
    files_of,
    log_settings,
)
from stream_app.playbooks import PlaybookError
from stream_app.settings import Settings, SettingsError, Source, load

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": 110},
    pretty_exceptions_enable=False,
    help="Tell customer success what customers are about to do, from page views and purchases in Kafka.",
    epilog="Try it: stream-app demo",
)
topics_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Written = typer.Option(metavar="FILE", help="Write them here as JSON lines; - is standard output.")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="Settings file; without it STREAM_APP_CONFIG, or stream-app.toml in this folder."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Keep what all commands share."""
    context.obj = config


def settings_of(context: typer.Context, **overrides: Any) -> Settings:  # noqa: ANN401 (any setting)
    """Return the settings of a command: its own options over environment over file."""
    return load(context.obj, **overrides)


@app.command(epilog="Examples:  stream-app rules   |   stream-app rules --json")
def rules(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the rules of the set: what each looks for, why, when it speaks, and what it waits for if it sleeps."""
    show.rules(settings_of(context).rule_set(), as_json=as_json)


@app.command(epilog="Examples:  stream-app check   |   stream-app --config prod.toml check --json")
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Check settings, broker and topics, and say in words what is wrong and what to do."""
    findings = asyncio.run(show.findings(settings_of(context)))
    show.check(findings, as_json=as_json)
    raise typer.Exit(0 if findings.good else 1)


@topics_app.callback(epilog="Examples:  stream-app topics --json   |   stream-app topics create")
def topics(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the topics, as they are and as they should be; `create` makes the missing ones."""
    if context.invoked_subcommand is None:
        show.topics(asyncio.run(show.topic_rows(settings_of(context))), as_json=as_json)


@topics_app.command(epilog="Example:  stream-app --config prod.toml topics create")
def create(context: typer.Context, as_json: AsJson = False) -> None:
    """Create the topics that are missing; those that are there stay as they are."""
    show.created(asyncio.run(create_topics(settings_of(context))), as_json=as_json)


@topics_app.command(epilog="Example:  stream-app topics recreated page-views")
def recreated(context: typer.Context, topic: str) -> None:
    """Say that an input TOPIC was deleted and made anew: it is read from its start, and what is known stays."""
    from stream_app.commands.recreated import run

    print(run(settings_of(context), topic))


topics_app.command(epilog=topics_plan.EXAMPLES)(topics_plan.plan)
app.add_typer(topics_app, name="topics")
app.add_typer(playbooks.app, name="playbooks")
app.add_typer(routes_app, name="routes")
app.command(epilog=notify.NOTIFY_EXAMPLES)(notify.notify)
app.command("send-test", epilog=notify.SEND_TEST_EXAMPLES)(notify.send_test)
app.add_typer(notify.deliveries_app, name="deliveries")
app.command(epilog=evaluation_command.EXAMPLES)(evaluation_command.evaluate)
app.command(epilog=feedback_command.EXAMPLES)(feedback_command.feedback)
app.command(epilog=backtest_command.EXAMPLES)(backtest_command.backtest)
app.command(epilog=erase_command.EXAMPLES)(erase_command.erase)
app.command(epilog=explain_command.EXAMPLES)(explain_command.explain)
app.command(epilog=inbox_command.EXAMPLES)(inbox_command.inbox)


@app.command(epilog="Examples:  stream-app kafka   |   stream-app kafka --port 9092 --data-dir ./kafka-data")
def kafka(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; without it a free one.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Keep the data here; without it, it goes at the end.")] = None,
) -> None:
    """Run Apache Kafka itself on this machine until Ctrl-C, for development."""
    from stream_app.testing.embedded_kafka import run_foreground

    raise typer.Exit(run_foreground(port, data_dir))


@app.command(epilog="Examples:  stream-app detect   |   stream-app --config prod.toml detect --alerts-from earliest")
def detect(
    context: typer.Context,
    alerts_from: Annotated[
        str | None,
        typer.Option(metavar="start|earliest|TIME", help="From when on what happened makes alerts, not only state."),
    ] = None,
    poison_floods: Annotated[str | None, typer.Option(metavar="pause|pass", help="Where most cannot be read.")] = None,
) -> None:
    """Run the worker: read events, keep state, write alerts, until SIGTERM or Ctrl-C."""
    from stream_app.workers.detect import run

    source = Source(context.obj, alerts_from=alerts_from, poison_floods=poison_floods)
    raise typer.Exit(run(source.load(), source=source))


@app.command(
    epilog="Examples:  stream-app replay --page-views views.jsonl.gz --purchases orders.jsonl --alerts alerts.jsonl"
    "   |   stream-app replay --access-log access.log --identity host --base-url https://www.example.com"
    "   |   stream-app replay --purchases orders.jsonl --summary"
)
def replay(
    context: typer.Context,
    page_views: Records = None,
    purchases: Records = None,
    customers: Records = None,
    interactions: Records = None,
    access_log: Logs = None,
    identity: Who = Identity.USER,
    base_url: BaseUrl = None,
    csv: Exports = None,
    partitions: Partitions = 4,
    alerts: Annotated[str, Written] = "-",
    fates: Annotated[str | None, Written] = None,
    dead_letters: Annotated[str | None, Written] = None,
    resolutions: Annotated[str | None, Written] = None,
    segment_changes: Annotated[str | None, Written] = None,
    erasures: erase_command.ErasuresFile = None,
    account_views: Annotated[str | None, Written] = None,
    until: Moment = None,
    alerts_from: Annotated[
        str | None, typer.Option(metavar="earliest|TIME", help="Only build state from what happened before.")
    ] = None,
    reloads: Reloads = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Write the summary to standard output, and alerts only to a file.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the summary as JSON.")] = False,
) -> None:
    """Judge recorded events as the worker would, without Kafka; a summary goes to standard error."""
    from stream_app.commands.replay import Reloads as Followed
    from stream_app.commands.replay import run

    settings = settings_of(context, alerts_from=alerts_from, access_log=log_settings(base_url))
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
    exit_code = run(
        files,
        settings.rule_set(),
        partitions=partitions,
        alerts=alerts,
        fates=fates,
        dead_letters=dead_letters,
        resolutions=resolutions,
        segment_changes=segment_changes,
        erasures=erasures,
        account_views=account_views,
        until=until,
        reloads=Followed(reloads or (), settings),
        as_json=as_json,
        summary=summary,
    )
    raise typer.Exit(exit_code)


@app.command(
    epilog="Examples:  stream-app demo   |   stream-app demo --serve   |   stream-app demo --alerts alerts.jsonl"
    "   |   stream-app demo --page-views views.jsonl.gz --purchases orders.jsonl"
)
def demo(
    context: typer.Context,
    page_views: Records = None,
    purchases: Records = None,
    customers: Records = None,
    interactions: Records = None,
    access_log: Logs = None,
    identity: Who = Identity.USER,
    base_url: BaseUrl = None,
    csv: Exports = None,
    seed: Annotated[int, typer.Option(help="Of the simulated traffic, where no file is given.")] = 7,
    days: Annotated[int, typer.Option(min=1, max=366, help="Of simulated traffic.")] = 30,
    alerts: Annotated[str | None, Written] = None,
    dead_letters: Annotated[str | None, Written] = None,
    slack_webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Post what goes to Slack to this incoming webhook, too.")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Go on until Ctrl-C, and open the inbox on it.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write the summary as JSON, messages to standard error.")
    ] = False,
) -> None:
    """Show it all on this machine: Kafka, both workers, a simulated month or your files, and whom they tell of what.

    The clock of messages runs with the traffic. They go to the screen, and besides to the sinks that the settings know.
    """
    from stream_app.demo.command import Wanted, run
    from stream_app.demo.traffic import Simulation

    alone = {"token": "", "token_file": None, "webhook_url_file": None}  # not the settings' bot
    slack = None if slack_webhook is None else alone | {"webhook_url": slack_webhook}
    settings = settings_of(context, access_log=log_settings(base_url), slack=slack)
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
    wanted = Wanted(
        traffic=files if files.given else Simulation(seed=seed, days=days),
        alerts=alerts,
        dead_letters=dead_letters,
        as_json=as_json,
        serve=serve,
    )
    raise typer.Exit(run(settings, wanted, context.obj))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 fine, 1 failed, 2 wrong usage or settings, 130 interrupted."""
    try:
        app(arguments, prog_name="stream-app")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except (SettingsError, PlaybookError) as error:
        print(error, file=sys.stderr)
        return 2
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
