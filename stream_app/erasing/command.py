"""The command: asks, says the tombstone, waits with progress, and reports what is gone and what remains."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from stream_app.cluster import TopicState
from stream_app.core.erasure import Erasure
from stream_app.core.events import moment_of
from stream_app.deliveries import left_to_overwrite
from stream_app.erasing import steps
from stream_app.erasing.remains import remains
from stream_app.erasing.steps import Subject
from stream_app.progress import Progress, bar
from stream_app.settings import Settings, load
from stream_app.topics import InputTopic

EXAMPLES = "Examples:  stream-app erase c-1042   |   stream-app --config prod.toml erase c-1042 --yes"
EXIT_INTERRUPTED = 128 + 2  # as a shell reports SIGINT
_ALL = "All of it, and what an operator can do about it: docs/erasure.md"

ErasuresFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Who was erased, as on the topic: left out, too."),
]


def erase(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The id, as in the events.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a customer: state, what waits, what is held and shown. Waits until detect and notify have done it.

    0 erased, 1 the cluster or the asked said no, 130 Ctrl-C: what was said goes on without this command.
    """
    if not customer or any(ord(letter) < 32 for letter in customer):
        raise typer.BadParameter("no customer id is empty or holds control characters")
    settings = load(context.obj)
    with _interruptible(customer), bar() as progress:
        states, subject = asyncio.run(_look_up(settings, customer, progress))
    typer.echo(_introduced(subject), err=True)
    if not yes:
        typer.confirm("Erase this customer? It cannot be undone", abort=True, err=True)
    with _interruptible(customer), bar() as progress:
        erased, texts = asyncio.run(_erase(settings, subject, progress))
    typer.echo("\n".join(_report(settings, states, subject, erased, texts)))


async def _look_up(settings: Settings, customer_id: str, progress: Progress) -> tuple[list[TopicState], Subject]:
    states = await steps.topics_of(settings)
    return states, await steps.look_up(settings, states, customer_id, progress)


async def _erase(settings: Settings, subject: Subject, progress: Progress) -> tuple[Erasure, int]:
    offset = await steps.say(settings, subject)
    progress("Waiting for detect (is it running?)", 0, None)
    erased, at = await steps.taken_by_detect(settings, subject, offset)
    told = lambda left: progress(f"Waiting for notify, partitions left: {left}", 0, None)  # noqa: E731
    await steps.taken_by_notify(settings, subject.partition, at, told)
    return erased, await left_to_overwrite(settings)


@contextmanager
def _interruptible(customer: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write(
            "\nWhat was said stands in Kafka and is done as soon as the workers read it. To look again, give the same "
            f"command: stream-app erase {customer}\n"
        )
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _introduced(subject: Subject) -> str:
    who = f"{subject.customer_id} (partition {subject.partition})"
    if subject.erased is not None:
        at = moment_of(subject.erased.erased_at).isoformat(timespec="seconds")
        since = "and there is new state since" if subject.known else "and nothing new is known since"
        return f"{who} was erased at {at}, {since}."
    if subject.known:
        return f"{who} has state."
    return f"{who} is nobody that detect knows. Events that are still in Kafka, or come late, would be erased as well."


def _report(
    settings: Settings, states: list[TopicState], subject: Subject, erased: Erasure, texts: int
) -> Iterator[str]:
    yield f"{subject.customer_id} is erased. Gone:"
    yield f"  {'state' if subject.known else 'nothing that was known'} in detect, and what it had read and not judged"
    yield "  what notify held, counted and would have told"
    if texts:
        yield f"  not yet: {texts} texts in Slack or a CRM that are being overwritten, of all who were erased"
    yield "Left out wherever it is read again, up to these offsets:"
    for topic in InputTopic:
        for partition, last in erased.upto.get(topic, {}).items():
            yield f"  {settings.topic(topic)}[{partition}] {last}"
    yield "What remains:"
    for where, how_long in remains(settings, states):
        yield f"  {where}: {how_long}"
    yield _ALL
