"""The command that tells what people say of each rule's alerts."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from stream_app.core.events import Micros
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.verdicts import LastWords
from stream_app.feedback.reading import of_files, of_topic
from stream_app.feedback.report import Report, lines, render, to_json
from stream_app.options import AsJson
from stream_app.progress import Progress, bar
from stream_app.settings import Settings, load
from stream_app.settings.values import parse_moment

EXAMPLES = (
    "Examples:  stream-app feedback   |   stream-app feedback --since 2026-04-01T00:00:00+09:00 --json"
    "   |   stream-app feedback --file feedback.jsonl.gz"
)


def feedback(
    context: typer.Context,
    file: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Values of cs-feedback as JSON lines, plain or gzip, instead of the topic; may be repeated.",
        ),
    ] = None,
    since: Annotated[
        int | None,
        typer.Option(metavar="TIME", parser=parse_moment, help="Only what was said from then on; else all there is."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell for each rule what people said of its alerts, how precise that makes it, and what it proposes.

    A proposal names the setting to change. Nothing changes it but you.
    """
    settings = load(context.obj)
    words = _Words(since)
    if file:
        for each in of_files(file):
            words.take(each)
    else:
        with bar() as progress:
            asyncio.run(_from_topic(settings, words, progress))
    said, bars = words.last.by_rule(), settings.feedback.bars()
    rows = lines(settings.rule_set().rules, said, bars)
    report = Report(lines=rows, bars=bars, since=since, unreadable=words.unreadable)
    typer.echo(to_json(report) if as_json else render(report), nl=as_json)


class _Words:
    """Takes what was read."""

    def __init__(self, since: Micros | None) -> None:
        self._since = since
        self.last = LastWords()
        self.unreadable = 0

    def take(self, each: Feedback | None) -> None:
        if each is None:
            self.unreadable += 1
        elif self._since is None or each.at >= self._since:
            self.last.take(each)


async def _from_topic(settings: Settings, words: _Words, progress: Progress) -> None:
    async for each in of_topic(settings, progress):
        words.take(each)
