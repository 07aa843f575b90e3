"""The command that tells why somebody was told of a customer, or was not."""

from pathlib import Path
from typing import Annotated

import typer

from stream_app.core.language import Language
from stream_app.erasing.command import ErasuresFile
from stream_app.formats import Identity
from stream_app.options import (
    AsJson,
    BaseUrl,
    Exports,
    Logs,
    Moment,
    Partitions,
    Records,
    Who,
    files_of,
    log_settings,
)
from stream_app.settings import load
from stream_app.settings.values import parse_moment

EXAMPLES = (
    "Examples:  stream-app explain c-00001   |   stream-app explain a-0001 --lang en --since 2026-06-01T00:00+09:00"
    "   |   stream-app explain c-00001 --page-views views.jsonl.gz --customers customers.jsonl --json"
)

_WRITTEN = typer.Option(metavar="FILE", exists=True, dir_okay=False, help="In place of what is judged and told anew.")
Wrote = Annotated[Path | None, _WRITTEN]


def explain(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CUSTOMER|ACCOUNT", help="Its id; a customer's comes first.")],
    page_views: Records = None,
    purchases: Records = None,
    customers: Records = None,
    interactions: Records = None,
    access_log: Logs = None,
    identity: Who = Identity.USER,
    base_url: BaseUrl = None,
    csv: Exports = None,
    partitions: Partitions = 4,
    alerts: Wrote = None,
    fates: Wrote = None,
    resolutions: Wrote = None,
    deliveries: Wrote = None,
    feedback: Wrote = None,
    erasures: ErasuresFile = None,
    until: Moment = None,
    since: Annotated[
        int | None, typer.Option(metavar="TIME", parser=parse_moment, help="Leave out what was before.")
    ] = None,
    lang: Annotated[Language | None, typer.Option(help="Without it that of [notify].")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell why somebody was told of a customer or account, or was not, with all that is known of it, by time.

    It reads the topics of the cluster; where files are named, these, judged and told anew with the settings.
    """
    from stream_app.explain.of_files import Written
    from stream_app.explain.run import Asked, run

    settings = load(context.obj, access_log=log_settings(base_url))
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
    written = Written(
        alerts=alerts,
        fates=fates,
        resolutions=resolutions,
        deliveries=deliveries,
        feedback=feedback,
        erasures=erasures,
    )
    asked = Asked(
        name=name, files=files, written=written, partitions=partitions, until=until, since=since, language=lang
    )
    raise typer.Exit(run(asked, settings, as_json=as_json))
