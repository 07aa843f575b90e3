"""`stream-app playbooks …`: what is prepared for each kind of alert, to check and to read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from stream_app.core.language import Language
from stream_app.playbooks import BUILT_IN, Book, Playbook, load_playbooks, playbook_files
from stream_app.settings import load

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="What is prepared for each kind of alert: check it, and read it.",
    epilog="Examples:  stream-app playbooks check   |   stream-app playbooks show churn --language ja",
)

Folder = Annotated[
    Path | None,
    typer.Option(metavar="DIR", file_okay=False, help="Own playbooks; without it `playbooks` of the settings."),
]


@app.command(epilog="Examples:  stream-app playbooks check   |   stream-app playbooks check --folder ./playbooks")
def check(context: typer.Context, folder: Folder = None) -> None:
    """Check the playbooks, and say in words what is wrong in which file."""
    own = folder or load(context.obj).playbooks
    load_playbooks(own)
    for name, file in playbook_files(own).items():
        typer.echo(f"ok    {name:21}{'as it ships' if file.parent == BUILT_IN else file}")


@app.command(epilog="Example:  stream-app playbooks show churn --language ja")
def show(
    context: typer.Context,
    name: Book,
    language: Annotated[Language, typer.Option(help="Of the reader.")] = Language.JA,
    folder: Folder = None,
) -> None:
    """Show what is prepared under a name: its reading, what to ask and answer, and the draft with its placeholders."""
    book = load_playbooks(folder or load(context.obj).playbooks)[name, language]
    typer.echo("\n".join(_lines(book)))


def _lines(book: Playbook) -> Iterator[str]:
    yield from (book.headline, "", book.meaning)
    yield from (f"{rule_id}: {sentence}" for rule_id, sentence in book.how_sure.items())
    for number, option in enumerate(book.options, 1):
        yield from ("", f"{number}. {option.case}", f"   {option.ask}", f"   {option.answer}")
    if book.draft is not None:
        yield from ("", book.draft.subject, "", book.draft.body)
