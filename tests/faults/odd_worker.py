"""What a test may ask of a worker beside slowness: to die at a named point, another clock, a rule that raises."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import isawaitable
from itertools import count
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from stream_app.core.rule import Asked, Match, Rule
from stream_app.core.rule_set import RuleSet
from stream_app.outbox import Outbox
from stream_app.settings import Settings
from stream_app.workers import faust_parts, lanes, output, partition, stores

LOOKED_AT = 0.05  # seconds for which what stands in the clock's file is taken to be still so

POINTS: dict[str, tuple[str, tuple[type, ...]]] = {
    "decoded": ("extend", (lanes.Lane,)),
    "judged": ("judge", (partition.Partition,)),
    "sent": ("flush", (output.Output,)),  # not acknowledged
    "acknowledged": ("sent", (Outbox,)),
    "logged": ("write", (Outbox,)),  # in the changelog, not in the store
    "stored": ("write", (stores.MemoryStore, stores.RocksStore)),
    "committed": ("commit", (faust_parts.ChunkConsumer,)),
}
"""What has just been done, by whom."""


def die_after(point: str, times: int) -> None:
    """Die (SIGKILL) when this point was passed so many times."""
    passed = count(1)

    def die_in_time(*args: Any) -> None:
        other_topic = point == "logged" and not str(args[1]).endswith("changelog")
        if not other_topic and next(passed) >= times:
            os.kill(os.getpid(), signal.SIGKILL)

    step, owners = POINTS[point]
    for owner in owners:
        setattr(owner, step, _followed_by(getattr(owner, step), die_in_time))


def _followed_by(step: Callable[..., Any], then: Callable[..., None]) -> Callable[..., Any]:
    """Return a step after which something else is done."""
    if asyncio.iscoroutinefunction(step):

        @wraps(step)
        async def both(*args: Any, **more: Any) -> Any:
            found = await step(*args, **more)
            then(*args)
            return found

        return both

    @wraps(step)
    def one_by_one(*args: Any, **more: Any) -> Any:
        found = step(*args, **more)
        if isawaitable(found):
            return _awaited(found, lambda: then(*args))
        then(*args)
        return found

    return one_by_one


async def _awaited(step: Awaitable[Any], then: Callable[[], None]) -> Any:
    found = await step
    then()
    return found


def other_clock(seconds: Path) -> None:
    """Let the clock differ from the machine's by what stands in a file."""
    real, looked, off = time.time_ns, -1.0, 0

    def time_ns() -> int:
        nonlocal looked, off
        if (now := time.monotonic()) - looked > LOOKED_AT:
            looked, off = now, int(float(seconds.read_text() or 0) * 1e9) if seconds.exists() else 0
        return real() + off

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9


def raising_for(customer: str, rules: RuleSet) -> RuleSet:
    """Return the rules, each with a mistake that only this customer brings out."""
    rules.rules = tuple(replace(rule, check=_raising(rule, customer)) for rule in rules.rules)
    return rules.with_policy(rules.policy)


def _raising(rule: Rule, customer: str) -> Callable[[Asked], Match | None]:
    def check(asked: Asked) -> Match | None:
        if asked.event.customer_id == customer:
            raise ZeroDivisionError("a mistake in a rule")
        return rule.check(asked)

    return check


def rules_that_raise(customer: str) -> None:
    """Let the worker have such rules."""
    as_it_is = Settings.rule_set
    Settings.rule_set = lambda self: raising_for(customer, as_it_is(self))
