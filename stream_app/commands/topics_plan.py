"""`stream-app topics plan`: how many partitions, workers, how much disk and memory, and why."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from stream_app import capacity
from stream_app.capacity import Load, Plan
from stream_app.core.events import HOUR
from stream_app.options import AsJson
from stream_app.settings import load

EXAMPLES = (
    "Examples, page views and all else at the busiest minute:  a B2B service with 3,000 accounts and 30,000 users:"
    " stream-app topics plan --events-per-second 50 --customers 30000"
    "   |   a mail-order shop with 2 million members: --events-per-second 1500 --customers 2000000"
    "   |   a carrier's self-service site: --events-per-second 8000 --customers 20000000"
)


def plan(
    context: typer.Context,
    events_per_second: Annotated[
        float, typer.Option(min=0.001, max=500_000, help="At the busiest time, all input topics together.")
    ],
    customers: Annotated[
        int, typer.Option(min=1, max=1_000_000_000, help="Who are remembered: who came within a year or so.")
    ],
    as_json: AsJson = False,
) -> None:
    """Recommend partitions, workers, memory and disk for a load, and say what that rests on.

    Partitions are chosen once: they cannot be added later without moving the customers' state. No worker beyond their
    number has anything to do.
    """
    settings = load(context.obj)
    what = Load(
        events_per_second=events_per_second,
        customers=customers,
        rule_set=settings.rule_set().name,
        retention=settings.topics.retention,
    )
    found = capacity.plan(what)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(asdict(found), option=orjson.OPT_APPEND_NEWLINE))
    else:
        typer.echo("\n".join((*_lines(what, found), *_rekeyed(settings.rekey))))


def _lines(what: Load, found: Plan) -> Iterator[str]:
    yield f"{'partitions':<12}{found.partitions:>8,}   [topics] partitions = {found.partitions}, before topics create"
    yield f"{'workers':<12}{found.workers:>8,}   {found.needed_workers} for the load and one that may be missing"
    yield f'{"memory":<12}{_bytes(found.worker_bytes):>8}   a worker; store = "{found.store}"'
    yield f"{'disk':<12}{_bytes(found.input_bytes + found.changelog_bytes):>8}   in Kafka for each replica"
    if found.store == "rocksdb":
        yield f"{'':<12}{_bytes(found.state_bytes):>8}   in data_dir, all workers together"
    yield f"{'restore':<12}{_seconds(found.restore_seconds):>8}   for what one worker has, from the changelog"
    yield ""
    yield from _reasons(what, found)
    yield ""
    yield from _limits(found)


def _reasons(what: Load, found: Plan) -> Iterator[str]:
    cpu = capacity.CPU_MICROS[what.rule_set]
    yield "What this rests on:"
    yield (
        f"- CPU: {what.events_per_second:,g} events a second × {cpu} µs ({what.rule_set} rules, measured on two shared "
        f"cores) keep {found.cores:.2f} cores busy."
    )
    yield (
        f"  A worker is one process on one core, {capacity.BUSY:.0%} busy at the peak: what is left catches up after a "
        f"stop."
    )
    yield (
        f"- Partitions: {capacity.GROWTH} times the workers of today's load, at least {capacity.FEWEST_PARTITIONS}, so "
        f"many that as many workers restore everything in {capacity.RESTORE_SECONDS // 60} min; rounded up to 6, 12, "
        f"24, …, which two, three, four or six workers share evenly."
    )
    yield (
        f"- State: {capacity.STATE_BYTES:,} bytes a customer (median of a simulated month), "
        f"{capacity.BESIDE_STATE_BYTES} more each in the memory store, {_bytes(capacity.WORKER_BYTES)} for the worker."
    )
    yield (
        f"- Disk: {capacity.EVENT_BYTES} bytes an event while the input topics keep it ({_bytes(found.input_bytes)}); "
        f"a changelog of all customers and {capacity.UNCOMPACTED // HOUR} hours of changes "
        f"({_bytes(found.changelog_bytes)}). A day's mean is taken for a third of its peak."
    )
    yield (
        f"- Restore: {found.changelog_records:,} records of the changelog, {capacity.RESTORED_A_SECOND:,} a second and "
        f"worker. standby_replicas = 1 spares most of it where a worker is lost, RocksDB where one is restarted."
    )


def _limits(found: Plan) -> Iterator[str]:
    yield f"Workers ≤ partitions: beyond {found.partitions} a worker has nothing to do."
    yield (
        "Partitions cannot be added to topics in use: keys would move to other partitions and leave their customers' "
        "state behind."
    )
    yield (
        "To have more later, create topics under another prefix and group with that many, let history run through "
        "them, then switch: docs/scaling.md."
    )
    yield f"The cluster then has {found.topic_partitions:,} partitions of all topics, each with all its replicas."


def _rekeyed(topics: Sequence[str]) -> Iterator[str]:
    if topics:
        yield (
            f"Rekeyed are {', '.join(topics)}: they stand in Kafka twice, and each passes through one worker, at "
            f"{capacity.REKEY_CPU_MICROS} µs of CPU an event."
        )


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def _seconds(count: float) -> str:
    return f"{count:.0f} s" if count < 120 else f"{count / 60:.0f} min"
