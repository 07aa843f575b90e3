"""The command that serves the inbox."""

import typer

from stream_app.settings import load

EXAMPLES = "Examples:  stream-app inbox   |   STREAM_APP_INBOX__TOKEN=… stream-app --config prod.toml inbox"


def inbox(context: typer.Context) -> None:
    """Serve the inbox, a page for customer success: their cases as they stand, from the topics of notify.

    It writes nothing but who acknowledged or snoozed a case. Settings: [inbox].
    """
    from stream_app.inbox.run import run

    raise typer.Exit(run(load(context.obj)))
