"""`stream-app notify`, `deliveries …` and `send-test`: telling people, what stands in the way, and trying it."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import orjson
import typer

from stream_app import deliveries
from stream_app.alert_lines import plain
from stream_app.commands.trial import Answer, deliver, marked, trial
from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.message import Stage
from stream_app.core.notify.orders import Operation
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.deliveries import InHand
from stream_app.notify.composition import say_of
from stream_app.options import AsJson
from stream_app.settings import Settings, Source, load
from stream_app.sinks.base import Envelope
from stream_app.sinks.choose import sinks

NOTIFY_EXAMPLES = "Examples:  stream-app notify   |   stream-app --config prod.toml notify --dry-run"
SEND_TEST_EXAMPLES = "Examples:  stream-app send-test high-touch   |   stream-app send-test fallback --to console"

deliveries_app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Show what notify has in hand, and try again or drop what a sink refuses.",
    epilog="Examples:  stream-app deliveries ls --parked   |   stream-app deliveries retry --all-parked",
)

Case = Annotated[str, typer.Argument(metavar="CASE", help="Its id, as ls shows it.")]


def notify(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say on the console what would be sent; send and write nothing.")
    ] = False,
) -> None:
    """Run the worker that tells people: read alerts, deliver them through the sinks, until SIGTERM or Ctrl-C.

    A dry run begins where the workers are, belongs to no group and commits nothing: it may run beside them.
    """
    from stream_app.notify.run import run

    source = Source(context.obj)
    raise typer.Exit(run(source.load(), dry_run=dry_run, source=source))


@deliveries_app.command(
    "ls", epilog="Examples:  stream-app deliveries ls   |   stream-app deliveries ls --parked --json"
)
def ls(
    context: typer.Context,
    parked: Annotated[bool, typer.Option("--parked", help="Only what a sink refused.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the messages that are held, for a digest, open or parked, as the workers wrote them down last."""
    found = [each for each in _found(load(context.obj)) if each.parked or not parked]
    if as_json:
        sys.stdout.write(orjson.dumps({"messages": list(map(_row, found))}).decode() + "\n")
        return
    typer.echo("\n".join(map(_line, found)) or ("nothing is parked" if parked else "nothing is in hand"))


@deliveries_app.command(
    epilog="Examples:  stream-app deliveries retry --all-parked"
    "   |   stream-app deliveries retry 0123456789abcdef0123456789abcdef"
)
def retry(
    context: typer.Context,
    case: Annotated[str | None, typer.Argument(metavar="CASE", help="Its id, as ls shows it.")] = None,
    all_parked: Annotated[bool, typer.Option("--all-parked", help="Whatever a sink refused.")] = False,
) -> None:
    """Try a parked or failing message again, at every target where it is one."""
    if (case is None) is not all_parked:
        raise typer.BadParameter("name a CASE, or --all-parked")
    _operate(context, Operation.RETRY, lambda each: each.parked if all_parked else each.message.case_id == case)


@deliveries_app.command(epilog="Example:  stream-app deliveries drop 0123456789abcdef0123456789abcdef")
def drop(context: typer.Context, case: Case) -> None:
    """Drop a message that is held or parked: nobody is told, and its alerts count as dropped by an operator."""
    _operate(context, Operation.DROP, lambda each: each.message.case_id == case)


def send_test(
    context: typer.Context,
    route: Annotated[str, typer.Argument(metavar="ROUTE", help="Its name, or fallback.")],
    to: Annotated[Sink | None, typer.Option(help="Another sink than that of the route.")] = None,
) -> None:
    """Send an example alert through a route now, marked as a test, and say what its sink answers.

    Its customer's owner is the first of [people].
    """
    settings, now = load(context.obj), _now()
    try:
        parcel = trial(settings, route, now, to)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    answer = asyncio.run(_tried(marked(say_of(settings)(parcel, now)), _only(route, parcel.target.sink, settings)))
    typer.echo(plain(f"{_place(answer.target)}: {answer.why or 'delivered'}"), err=bool(answer.why))
    raise typer.Exit(1 if answer.why else 0)


def _only(route: str, sink: Sink, settings: Settings) -> Settings:
    """Return the settings as if there were nothing but this route: what others need may be missing."""
    update = {"sink": sink}
    routes = tuple(each.model_copy(update=update) for each in settings.routes if each.name == route)
    return settings.model_copy(update={"routes": routes, "fallback": settings.fallback.model_copy(update=update)})


async def _tried(test: Envelope, settings: Settings) -> Answer:
    sink = sinks(settings, clock=_now, out=sys.stdout)[test.parcel.target.sink]
    try:
        return await deliver(test, sink)
    finally:
        await sink.close()


def _found(settings: Settings) -> list[InHand]:
    async def all_of_them() -> list[InHand]:
        return [each async for each in deliveries.in_hand(settings)]

    return asyncio.run(all_of_them())


def _operate(context: typer.Context, operation: Operation, wanted: Callable[[InHand], bool]) -> None:
    settings = load(context.obj)
    orders = deliveries.orders_for(_found(settings), operation, wanted)
    if not orders:
        typer.echo(f"there is no such message to {operation}; stream-app deliveries ls shows what there is", err=True)
        raise typer.Exit(1)
    asyncio.run(deliveries.say(settings, orders))
    for each, _ in orders:
        typer.echo(plain(f"{operation}  {each.message.case_id}  {_place(each.target)}"))


def _row(each: InHand) -> dict[str, Any]:
    message, lead = each.message, each.message.alerts and each.message.lead
    due = message.send_at if message.stage in (Stage.HELD, Stage.DIGEST) else None
    return {
        "case_id": message.case_id,
        "stage": message.stage,
        "failing": each.on_way and bool(each.why),
        "why": each.why or None,
        "sink": each.target.sink,
        "kind": each.target.kind,
        "address": each.target.address or None,
        "route": message.routing.route,
        "account": message.account,
        "intent": lead.intent if lead else None,
        "severity": lead.severity if lead else None,
        "alerts": len(message.ids),
        "first_at": moment_of(message.first_at).isoformat(),
        "send_at": None if due is None else moment_of(due).isoformat(),
    }


def _line(each: InHand) -> str:
    row = _row(each)
    stage = "failing" if row["failing"] else row["stage"]
    about = f"{row['intent'] or '-'} {row['severity'] or '-'}  {row['account']}"
    why = f"  {each.why}" if each.why else ""
    return plain(f"{row['case_id']}  {stage:8}{_place(each.target)}  {about}{why}")


def _place(target: Target) -> str:
    return f"{target.sink} {target.kind} {target.address}" if target.address else str(target.sink)


def _now() -> Micros:
    return time.time_ns() // 1_000
