"""Options that several commands share: recorded files, who was erased, and what is printed."""

from pathlib import Path
from typing import Annotated

import typer

from stream_app.formats import Identity
from stream_app.inputs import Files
from stream_app.settings import Settings
from stream_app.settings.values import parse_moment

Recorded = typer.Option(
    metavar="FILE",
    exists=True,
    dir_okay=False,
    help="A message a line (docs/formats.md), plain or gzip; may be repeated.",
)
Records = Annotated[list[Path] | None, Recorded]
Logs = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Combined log of a web server; may be repeated."),
]
Exports = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", exists=True, dir_okay=False, help="CSV as [csv] in the settings describes it."),
]
Who = Annotated[Identity, typer.Option(help="Who is the customer in an access log.")]
BaseUrl = Annotated[str | None, typer.Option(help="What stands before the paths of an access log.")]
Reloads = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="LOG",
        exists=True,
        dir_okay=False,
        help="Log of detect, as JSON; may be repeated. Judges the topics, by the rules that held.",
    ),
]
Partitions = Annotated[int, typer.Option(min=1, max=10_000, help="As many as the topics have.")]
Moment = Annotated[
    int | None,
    typer.Option(
        metavar="TIME",
        parser=parse_moment,
        help="Let time move on to there in the end, such as 2026-04-01T00:00:00+09:00; else to the newest event.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document on standard output.")]


def log_settings(base_url: str | None) -> dict[str, str] | None:
    """Return what a command's own base URL overrides in the settings."""
    return None if base_url is None else {"base_url": base_url}


def files_of(settings: Settings, identity: Identity, **paths: list[Path] | None) -> Files:
    """Return the files that a command was given."""
    return Files(
        identity=identity,
        base_url=settings.access_log.base_url,
        csv_mapping=settings.csv.mapping() if settings.csv else None,
        **{kind: tuple(given or ()) for kind, given in paths.items()},
    )
